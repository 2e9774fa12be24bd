import '@blueprintjs/core/lib/css/blueprint.css';
import '../ui/styles/theme.css';
import '../ui/styles/ui.css';
import { createRoot } from 'react-dom/client';
import type { Undo } from '../../shared/model/undo';
import type { CoreConnection } from '../rpc/core';
import { PageContext } from '../rpc/hooks';
import { createPage } from '../rpc/page';
import { Frame } from './frame';
import { createOverlays, OverlayContext } from '../navigation/overlays';

/** Shows the page in an element, on a core. Undone, it leaves the element empty and ends its streams. */
export function mountPage(element: HTMLElement, core: CoreConnection): Undo {
  const page = createPage(core);
  const stop = page.start();
  const root = createRoot(element);
  root.render(
    <PageContext value={page}>
      <OverlayContext value={createOverlays()}>
        <Frame />
      </OverlayContext>
    </PageContext>,
  );
  return () => {
    root.unmount();
    stop();
  };
}
