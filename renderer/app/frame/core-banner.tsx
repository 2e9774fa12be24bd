import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { AppErrorData } from '../../../shared/model/app-error';
import { usePage } from '../../rpc/hooks';
import { ErrorNotice, Notice } from '../../ui/notice';
import { Elapsed } from '../../ui/time';

/** Says so while the core does not answer: what is on the screen is then old, and nothing can be sent. */
export function CoreBanner() {
  const status = useStore(usePage().core.status);
  if (status.kind !== 'lost') return null;
  return (
    <div className="m-banner">
      <Notice tone="crit" alert>
        <span className="m-strong">The background process of Matriarch stopped responding</span> (for{' '}
        <Elapsed since={status.since} />
        ). The page shows the last known state and cannot send anything. It reconnects by itself; your clusters are not
        affected.
      </Notice>
    </div>
  );
}

/** What the core found wrong when it started, such as a damaged file that was kept aside; shown until dismissed. */
export function StartProblems() {
  const problems = useStore(usePage().info, (info) => info.value?.problems ?? none);
  const [seen, setSeen] = useState(0);
  const shown = problems.slice(seen);
  if (shown.length === 0) return null;
  const dismiss = <Button size="small" text="Dismiss" onClick={() => setSeen(problems.length)} />;
  return (
    <div className="m-banner">
      {shown.map((problem, index) => (
        <ErrorNotice key={problem.code + problem.message} error={problem} tools={index === 0 ? dismiss : undefined} />
      ))}
    </div>
  );
}

const none: readonly AppErrorData[] = [];
