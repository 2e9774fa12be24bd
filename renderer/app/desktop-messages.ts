import type { Undo } from '../../shared/model/undo';
import { goTo } from '../navigation/route';

/** Follows the messages of the desktop shell to its window: a deep link or a notification opens a cluster. */
export function followDesktopMessages(page: Window): Undo {
  const onMessage = (event: MessageEvent<unknown>) => {
    if (event.source !== page || page.location.protocol !== 'app:') return;
    const clusterId = clusterToOpen(event.data);
    if (clusterId !== null) goTo({ page: 'cluster', clusterId, tab: 'overview' });
  };
  page.addEventListener('message', onMessage);
  return () => page.removeEventListener('message', onMessage);
}

function clusterToOpen(data: unknown): string | null {
  const asks = typeof data === 'object' && data !== null && 'type' in data && data.type === 'matriarch:open-cluster';
  return asks && 'clusterId' in data && typeof data.clusterId === 'string' ? data.clusterId : null;
}
