import { useStore } from 'zustand';
import { usePage } from '../rpc/hooks';
import { Notice } from '../ui/notice';
import { Elapsed } from '../ui/time';

/** Says so while the core does not answer: what is on the screen is then old, and nothing can be sent. */
export function CoreBanner() {
  const status = useStore(usePage().core.status);
  if (status.kind !== 'lost') return null;
  return (
    <div className="m-banner">
      <Notice tone="crit" alert>
        <span className="m-strong">The core of Matriarch does not answer</span> (for <Elapsed since={status.since} />).
        {' '}What you see is the last known state, and nothing can be sent. The page connects again by itself; your clusters are not affected.
      </Notice>
    </div>
  );
}
