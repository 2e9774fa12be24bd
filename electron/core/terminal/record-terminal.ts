import { randomUUID } from 'node:crypto';
import type { OpenedTerminal } from '../../../shared/model/terminal/terminal';
import type { JobEngine } from '../jobs/job-engine';

/** A terminal that was opened, for the history. */
export interface TerminalRecord {
  readonly opened: OpenedTerminal;
  /** The member or the server that it was opened on. */
  readonly target: string;
  readonly unchecked: boolean;
}

/** Writes into the history that a terminal was opened, where and as whom; never what is typed in it. Rejects as every job does. */
export function recordTerminals(jobs: Pick<JobEngine, 'start'>): (record: TerminalRecord) => Promise<void> {
  return async ({ opened, target, unchecked }) => {
    const cluster = opened.clusters[0] ?? null;
    const what = opened.kind === 'shell' ? 'a terminal' : `a terminal with ${opened.kind}`;
    await jobs.start(
      {
        kind: 'terminal',
        clusterId: cluster?.clusterId ?? null,
        clusterTitle: cluster?.title ?? null,
        title: `Open ${what} on ${target}`,
        target,
        command: opened.command,
        confirmation: unchecked
          ? 'Confirmed that what is typed on a server of a read-only cluster is not checked.'
          : null,
        phases: [],
        exclusive: null,
        cancellable: false,
        requestId: randomUUID(),
      },
      () =>
        Promise.resolve({
          status: 'done',
          result: {
            sentence: `Opened ${what} on ${opened.server} as ${opened.user}. What is typed there is not recorded.`,
            withoutPrimaryMs: null,
            facts: {},
          },
        }),
    );
  };
}
