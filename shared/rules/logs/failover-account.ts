import { findCause } from './failover-cause';
import { findLeaderChange, type ChangeOfLeader } from './failover-change';
import {
  LEADS,
  NEAR_CHANGE_MS,
  tellMissing,
  tellSentence,
  type AccountSentence,
  type FailoverCause,
  type FailoverEvidence,
} from './failover-evidence';

/** An account of a change of the leader. */
export interface FailoverAccount {
  readonly cause: FailoverCause;
  readonly from: string | null;
  readonly to: string | null;
  readonly sentences: readonly AccountSentence[];
}

/** How the promotion is told by Patroni and by PostgreSQL. */
const PROMOTED = /promoted self to leader|received promote request|selected new timeline ID/;
/** A promotion is through within this, ms. */
const PROMOTION_MS = 60_000;

/** Tells why the leader changed, in sentences that each have the lines they rest on; what is not known is said to be so. Pure. */
export function describeFailover(evidence: FailoverEvidence): FailoverAccount {
  const change = findLeaderChange(evidence);
  const { from, to, row } = change;
  const { cause, sentences } = findCause(evidence, change);
  return {
    cause,
    from,
    to,
    sentences: [
      ...leaderBefore(evidence, change),
      ...sentences,
      ...(change.lost === null
        ? []
        : [tellSentence(`The lock of ${from ?? 'the leader'} was gone.`, [], [change.lost])]),
      ...promotion(evidence, change),
      ...(row === null
        ? [
            tellMissing(
              "Patroni's history has no row for this change: it is written when the new leader has its timeline.",
            ),
          ]
        : [tellSentence(`Patroni's history says that timeline ${String(row.timeline)} ended: ${row.reason}.`)]),
      ...holes(evidence, change),
    ],
  };
}

function leaderBefore({ records }: FailoverEvidence, { from, end }: ChangeOfLeader): readonly AccountSentence[] {
  if (from === null) return [tellMissing('Who led before is not known: neither the recorder nor the lines say it.')];
  const word = records.filter((record) => record.member === from && record.at < end && LEADS.test(record.text)).at(-1);
  return [
    word === undefined
      ? tellMissing(`${from} led before, but no line of its own says when it last held the lock.`)
      : tellSentence(`${from} led, and last said so here.`, [word]),
  ];
}

function promotion({ records, events }: FailoverEvidence, change: ChangeOfLeader): readonly AccountSentence[] {
  const { from, to, elected, took, end } = change;
  if (to === null) return [tellMissing('Nobody is seen to have taken the lock.')];
  const around = records.filter(({ at }) => at >= end - 2_000 && at <= end + PROMOTION_MS);
  const own = around.filter((record) => record.member === to);
  const lines = own.filter((record) => PROMOTED.test(record.text)).slice(0, 3);
  const ready = own.find((record) => record.at >= end && /ready to accept connections/.test(record.text));
  const refused = records
    .filter(
      (record) =>
        record.member !== to &&
        record.member !== from &&
        Math.abs(record.at - end) <= PROMOTION_MS &&
        /exceeds maximum replication lag|nofailover|not healthy enough/.test(record.text),
    )
    .slice(-2);
  const gap = events.find((event) => event.kind === 'primary_gap' && Math.abs(event.at - end) <= NEAR_CHANGE_MS);
  const seconds = gap?.durationMs === undefined ? null : (gap.durationMs / 1000).toFixed(1);
  return [
    took === null && lines.length === 0 && elected === null
      ? tellMissing(`${to} leads now, but no line says how it was promoted.`)
      : tellSentence(
          took !== null && from === to
            ? `${to} got the lock back and was promoted again.`
            : `${to} took the lock and was promoted.`,
          lines,
          [elected],
        ),
    ...(refused.length === 0 ? [] : [tellSentence('Other members did not stand for it.', refused)]),
    ...(ready === undefined ? [] : [tellSentence(`PostgreSQL on ${to} took writes from then on.`, [ready])]),
    ...(seconds === null ? [] : [tellSentence(`There was no primary for ${seconds} s.`, [], [gap])]),
  ];
}

/** Gaps of the two leaders in the time that the account is about. */
function holes({ gaps }: FailoverEvidence, { from, to, end }: ChangeOfLeader): readonly AccountSentence[] {
  const names = [from, to];
  return gaps
    .filter(
      (gap) =>
        names.includes(gap.member) &&
        gap.state !== 'filled' &&
        gap.from <= end + NEAR_CHANGE_MS &&
        (gap.to ?? Infinity) >= end - NEAR_CHANGE_MS,
    )
    .map((gap) => tellMissing(gap.sentence));
}
