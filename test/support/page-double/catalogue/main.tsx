import '@blueprintjs/core/lib/css/blueprint.css';
import '../../../../renderer/ui/styles/theme.css';
import '../../../../renderer/ui/styles/ui.css';
import '../../../../renderer/deployment/deployment.css';
import './catalogue.css';
import { createRoot } from 'react-dom/client';
import { Catalogue } from './catalogue';

const root = document.getElementById('page');
const asked = new URLSearchParams(window.location.search);
document.body.classList.toggle('bp6-dark', asked.has('dark'));
document.documentElement.style.colorScheme = asked.has('dark') ? 'dark' : 'light';
if (root !== null) createRoot(root).render(<Catalogue now={Date.now()} />);
