import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Figures, Metric } from '../../../shared/model/statistics/metrics';
import type { KeptFigure } from '../../../shared/rules/statistics/chart-grid';
import { openRing, type Ring, type RingShape } from './ring-file';

/** Each reading for a day, and the extremes of five minutes for a month. */
const FINE: RingShape = { stepMs: 10_000, slots: 8_640 };
const COARSE: RingShape = { stepMs: 300_000, slots: 8_928 };

/** Times in ms since the epoch. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** What is kept of one member, at two resolutions. */
export interface MemberHistory {
  put(at: number, figures: Figures): void;
  read(metric: Metric, range: TimeRange, stepMs: number): Iterable<KeptFigure>;
  oldest(): number | null;
  /** Rejects with what the disk said of the last writing. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** The step (ms) of what is kept for a time: the fine one where it reaches back that far. */
export function stepFor({ from }: TimeRange, now: number): number {
  return now - from <= FINE.stepMs * FINE.slots ? FINE.stepMs : COARSE.stepMs;
}

/** Opens the history of a member in a directory; null keeps it in memory only. */
export async function openMemberHistory(directory: string | null, member: string, now: number): Promise<MemberHistory> {
  const name = createHash('sha256').update(member).digest('hex').slice(0, 24);
  const path = (kind: string): string | null => (directory === null ? null : join(directory, `${name}.${kind}`));
  const fine = await openRing(path('day'), FINE, member, now);
  const coarse = await openRing(path('month'), COARSE, member, now);
  return historyOf(fine, coarse);
}

function historyOf(fine: Ring, coarse: Ring): MemberHistory {
  return {
    put: (at, figures) => {
      fine.put(at, figures);
      coarse.put(at, figures);
    },
    read: (metric, range, stepMs) => (stepMs === FINE.stepMs ? fine : coarse).read(metric, range),
    oldest: () => {
      const [exact, rough] = [fine.oldest(), coarse.oldest()];
      // The slot of five minutes begins before the first reading in it.
      return exact !== null && rough !== null && exact - rough > COARSE.stepMs ? rough : (exact ?? rough);
    },
    settled: async () => {
      await fine.settled();
      await coarse.settled();
    },
    close: async () => {
      await fine.close();
      await coarse.close();
    },
  };
}
