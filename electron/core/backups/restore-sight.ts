import { appError } from '../../../shared/model/app-error';
import { bytesInWords, momentInWords } from '../../../shared/rules/words/wording';
import type { OpenPlace } from './look-for-restore';
import { RESTORE_WATCH_SCRIPT } from './restore-scripts';

/** How far a restore is, as its server tells it. `replayedAt` is ms since the epoch, `used` bytes; null: not told. */
export interface RestoreSight {
  readonly unit: string;
  readonly restarts: number;
  readonly recovery: 't' | 'f' | null;
  readonly timeline: number | null;
  readonly replayedAt: number | null;
  readonly used: number | null;
  readonly log: readonly string[];
}

/** What the script that watches printed. */
export function readSight(output: string): RestoreSight {
  const lines = output.split('\n');
  const value = (name: string): string | null =>
    lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? null;
  const number = (name: string): number | null => {
    const text = value(name);
    return text === null || !/^\d+$/.test(text) ? null : Number(text);
  };
  const recovery = value('recovery');
  return {
    unit: value('unit') ?? 'unknown',
    restarts: number('restarts') ?? 0,
    recovery: recovery === 't' || recovery === 'f' ? recovery : null,
    timeline: number('timeline'),
    replayedAt: number('replayed'),
    used: number('used'),
    log: lines.filter((line) => line.startsWith('log ')).map((line) => line.slice(4)),
  };
}

/** Looks at a restore; null where its server does not answer now. */
export async function lookAtRestore({ remote, port, place }: OpenPlace): Promise<RestoreSight | null> {
  const args = [place.unit, String(port), place.dataDirectory];
  const answer = await remote.script(RESTORE_WATCH_SCRIPT, args, { timeoutMs: 45_000, sudo: true }).catch(() => null);
  return answer === null || !answer.stdout.includes('\nend') ? null : readSight(answer.stdout);
}

/** Words of Patroni by which a bootstrap has failed (patroni/ha.py, patroni/postgresql/bootstrap.py). */
const FAILED = /Failed to bootstrap cluster|removing initialize key after failed attempt/;

/** Throws `backup.restore_failed` with its cause where Patroni gave the restore up. */
export function refuseFailure({ unit, restarts, log }: RestoreSight, { place }: OpenPlace): void {
  const failed = log.findLast((line) => FAILED.test(line));
  if (failed === undefined && restarts === 0 && unit !== 'failed') return;
  const cause =
    log.findLast((line) => /ERROR: \[\d+\]|FATAL|recovery ended before|\[\w+Error\]/.test(line)) ??
    failed ??
    log.at(-1) ??
    '';
  throw appError('backup.restore_failed', `Patroni on ${place.server} could not restore: ${cause.slice(0, 400)}`, {
    target: place.member,
  });
}

/** What a restore is at. */
export function restoringInWords({ recovery, replayedAt, used }: RestoreSight): string {
  if (recovery === 't')
    return replayedAt === null ? 'WAL is replayed.' : `WAL is replayed up to ${momentInWords(replayedAt)}.`;
  return used === null ? 'The backup is restored.' : `${bytesInWords(used)} are restored.`;
}
