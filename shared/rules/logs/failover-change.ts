import type { ClusterEvent, TimelineChange } from '../../model/cluster/cluster-state';
import type { LogRecord } from '../../model/logs/log-record';
import { LEADS, NEAR_CHANGE_MS, type FailoverEvidence } from './failover-evidence';

/** A change of the leader: who, when, and what says so. */
export interface ChangeOfLeader {
  readonly from: string | null;
  readonly to: string | null;
  /** When the old leader had begun to lead, or -Infinity; what was written before is of another change. ms since the epoch. */
  readonly begin: number;
  /** When the new leader took the lock, ms since the epoch. */
  readonly end: number;
  /** The new leader's own word that it took the lock. */
  readonly took: LogRecord | null;
  readonly row: TimelineChange | null;
  readonly lost: ClusterEvent | null;
  readonly elected: ClusterEvent | null;
}

/** How Patroni says that it leads from now on (patroni/ha.py). */
const TOOK_LOCK = /promoted self to (?:a standby )?leader|acquired session lock as a(?: standby)? leader/;
const FOLLOWS = /a secondary, and following a (?:standby )?leader \((\S+)\)/;
/** Clocks are measured to some milliseconds only: who follows the new leader may seem to say so before it leads. */
const BLUR_MS = 2_000;

/** The one that is nearest to a time. */
function closest<T extends { readonly at: number }>(all: readonly T[], at: number): T | null {
  return [...all].sort((one, other) => Math.abs(one.at - at) - Math.abs(other.at - at))[0] ?? null;
}

/** Who led before and who leads after, from the recorder, Patroni's history and the lines of the members. */
export function findLeaderChange(evidence: FailoverEvidence): ChangeOfLeader {
  const { records } = evidence;
  const elected = nearestEvent(evidence, 'leader_elected') ?? nearestEvent(evidence, 'promoted');
  const lost = nearestEvent(evidence, 'leader_lost');
  const took = takingOfLock(evidence, elected);
  const promoted = took ?? elected;
  const end = promoted?.at ?? evidence.at;
  const seen = elected?.member ?? took?.member ?? null;
  const row = closest(sinceTaking(rowsNear(evidence, end, seen), took), end);
  const from = lost?.member ?? leaderBefore(records, end) ?? rowBefore(evidence, row);
  const to = seen ?? row?.newLeader ?? null;
  return { from, to, begin: beginOf(records, from, end), end, took, row, lost, elected };
}

function nearestEvent({ events, at }: FailoverEvidence, kind: ClusterEvent['kind']): ClusterEvent | null {
  const near = events.filter((event) => event.kind === kind && Math.abs(event.at - at) <= NEAR_CHANGE_MS);
  return closest(near, at);
}

function takingOfLock({ records, at }: FailoverEvidence, elected: ClusterEvent | null): LogRecord | null {
  const taken = records.filter(
    (record) =>
      TOOK_LOCK.test(record.text) &&
      Math.abs(record.at - at) <= NEAR_CHANGE_MS &&
      (elected === null || elected.member === record.member),
  );
  return closest(taken, elected?.at ?? at);
}

function beginOf(records: readonly LogRecord[], from: string | null, end: number): number {
  const taken = records.filter(
    (record) => record.member === from && record.at < end - BLUR_MS && TOOK_LOCK.test(record.text),
  );
  return taken.at(-1)?.at ?? -Infinity;
}

/** Rows that were written near a change. Their times are by the clock of the leader that wrote them: its offset is taken off. */
function rowsNear({ history, records }: FailoverEvidence, end: number, to: string | null) {
  return history.flatMap((row) => {
    if (row.at === null || (to !== null && row.newLeader !== null && row.newLeader !== to)) return [];
    const at = row.at - offsetOf(records, row.newLeader ?? to);
    return Math.abs(at - end) <= NEAR_CHANGE_MS ? [{ ...row, at }] : [];
  });
}

/** Patroni writes the row after the new leader's own word: older ones are of earlier changes. */
function sinceTaking<T extends { readonly at: number }>(rows: readonly T[], took: LogRecord | null): readonly T[] {
  return took === null ? rows : rows.filter(({ at }) => at >= took.at - BLUR_MS);
}

/** How far a member's clock is ahead by its newest line, ms. */
function offsetOf(records: readonly LogRecord[], member: string | null): number {
  const newest = records.findLast((record) => record.member === member);
  return newest === undefined ? 0 : newest.serverAt - newest.at;
}

/** By the last word of anybody before the change: the leader's own, or that of one who follows it. */
function leaderBefore(records: readonly LogRecord[], end: number): string | null {
  const words = records.flatMap((record) => {
    if (record.at >= end) return [];
    if (LEADS.test(record.text)) return [record.member];
    const followed = record.at < end - BLUR_MS ? FOLLOWS.exec(record.text)?.[1] : undefined;
    return followed === undefined ? [] : [followed];
  });
  return words.at(-1) ?? null;
}

function rowBefore({ history }: FailoverEvidence, row: TimelineChange | null): string | null {
  if (row === null) return null;
  return history.filter((one) => one.timeline < row.timeline).at(-1)?.newLeader ?? null;
}
