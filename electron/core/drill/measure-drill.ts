import type { DrillClient, DrillMeasure, DrillWay } from '../../../shared/model/drill/drill';
import { findLostWrites } from '../../../shared/rules/drill/find-lost';
import {
  gapLength,
  longestGap,
  measureGaps,
  type DrillWrite,
  type WriteGap,
} from '../../../shared/rules/drill/measure-gaps';
import type { NotedWrites } from './writer-script';

/** What both clients wrote. Times of `there` are by the server's clock, which is ahead of this computer's by `offsetMs`. */
export interface DrillWritten {
  readonly here: NotedWrites;
  /** Null where it could not be read, for the reason `thereProblem`. */
  readonly there: NotedWrites | null;
  readonly offsetMs: number;
  readonly thereProblem: string | null;
  /** Whether this computer lost the connection through which it wrote. */
  readonly wasCutOff: boolean;
  readonly struckAt: number;
}

/** The numbers that are there, by `client way`; null where they could not be read. */
type Rows = ReadonlyMap<string, ReadonlySet<number>> | null;

interface Wrote {
  readonly client: DrillClient;
  readonly way: DrillWay['kind'];
  readonly writes: readonly DrillWrite[];
  readonly struckAt: number;
  readonly note: string | null;
}

/** What each client saw by each way. */
export function measureDrill(ways: readonly DrillWay[], written: DrillWritten, rows: Rows): readonly DrillMeasure[] {
  const { here, there, struckAt, offsetMs, wasCutOff } = written;
  const lostHere =
    'The connection through which this computer writes was lost meanwhile: what it saw then says nothing of the cluster.';
  return ways.flatMap(({ kind }) => [
    measured(
      { client: 'workstation', way: kind, writes: here.get(kind) ?? [], struckAt, note: wasCutOff ? lostHere : null },
      rows,
    ),
    there === null || Number.isNaN(offsetMs)
      ? notRead(kind, written.thereProblem ?? 'the clock of the server is not known.')
      : measured(
          { client: 'server', way: kind, writes: there.get(kind) ?? [], struckAt: struckAt + offsetMs, note: null },
          rows,
        ),
  ]);
}

function notRead(way: DrillWay['kind'], problem: string): DrillMeasure {
  const nothing = { gapMs: null, afterMs: null, gaps: 0, totalMs: 0, firstRefusal: null, written: 0, acknowledged: 0 };
  return {
    client: 'server',
    way,
    end: 'not_measured',
    ...nothing,
    note: `What was written could not be read: ${problem}`,
    lost: null,
    foundUnacknowledged: null,
  };
}

function measured({ client, way, writes, struckAt, note }: Wrote, rows: Rows): DrillMeasure {
  const found = rows === null ? null : findLostWrites(writes, rows.get(`${client} ${way}`) ?? new Set());
  const wasOpen = writes.some(({ acknowledged, endedAt }) => acknowledged && endedAt <= struckAt);
  return {
    client,
    way,
    ...(wasOpen ? interruptionOf(writes, struckAt) : NOT_OPEN),
    note: wasOpen ? note : 'Nothing was acknowledged by this way before the fault.',
    firstRefusal: firstRefusal(writes, wasOpen ? struckAt : -Infinity),
    written: writes.length,
    acknowledged: writes.filter(({ acknowledged }) => acknowledged).length,
    lost: found === null ? null : { count: found.lost.count, numbers: [...found.lost.numbers] },
    foundUnacknowledged: found?.foundUnacknowledged ?? null,
  };
}

type Interruption = Pick<DrillMeasure, 'end' | 'gapMs' | 'afterMs' | 'gaps' | 'totalMs'>;

const NOT_OPEN: Interruption = { end: 'not_measured', gapMs: null, afterMs: null, gaps: 0, totalMs: 0 };

function interruptionOf(writes: readonly DrillWrite[], struckAt: number): Interruption {
  const until = writes.at(-1)?.endedAt ?? struckAt;
  const gaps = measureGaps(writes, struckAt);
  const longest = longestGap(gaps, until);
  return {
    end: endOf(gaps),
    gapMs: longest === null ? null : gapLength(longest, until),
    afterMs: longest === null ? null : longest.from - struckAt,
    gaps: gaps.length,
    totalMs: gaps.reduce((sum, gap) => sum + gapLength(gap, until), 0),
  };
}

function endOf(gaps: readonly WriteGap[]): DrillMeasure['end'] {
  if (gaps.length === 0) return 'none';
  return gaps.at(-1)?.to === null ? 'open' : 'interrupted';
}

function firstRefusal(writes: readonly DrillWrite[], since: number): string | null {
  return writes.find(({ refusal, endedAt }) => refusal !== null && endedAt >= since)?.refusal ?? null;
}
