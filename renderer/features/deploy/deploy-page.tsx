import '../../deployment/deployment.css';
import { useRoute } from '../../navigation/route';
import { CheckPage } from './runs/check-page';
import { RunPage } from './runs/run-page';
import { StartPage } from './start-page';
import { WizardPage } from './wizard-page';

/** The guided set-up of a cluster on bare servers: its start, a draft, a run, or the check of what was set up. */
export default function DeployPage() {
  const route = useRoute();
  const [what, id, step] = route.page === 'deploy' ? (route.at ?? []) : [];
  if (id !== undefined && what === 'draft') return <WizardPage key={id} draftId={id} step={step} />;
  if (id !== undefined && what === 'run') return <RunPage key={id} runId={id} />;
  if (id !== undefined && what === 'check') return <CheckPage key={id} runId={id} />;
  return <StartPage />;
}
