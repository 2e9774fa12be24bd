import type {
  AvailabilityReport,
  AvailabilitySpan,
  DownSpan,
  LedSpan,
  Month,
  ReportedOutage,
} from '../../model/availability/availability';
import type { TimelineChange } from '../../model/cluster/cluster-state';
import { boundsOfMonth } from './months';

/** What a report is made from. */
export interface AvailabilityFacts {
  readonly cluster: string;
  readonly spans: readonly AvailabilitySpan[];
  /** Patroni's own history of timelines. */
  readonly history: readonly TimelineChange[];
  readonly month: Month;
  readonly now: number;
  readonly problem: string | null;
}

interface Slice {
  readonly from: number;
  readonly to: number;
  readonly kind: 'up' | 'down' | 'unknown';
  readonly span: AvailabilitySpan | null;
}

/**
 * The time from `from` to `to` in slices, each moment once: what was measured as down counts before up, and what no span covers is not
 * known. Spans overlap where a clock was set back or an outage was measured after the fact.
 */
function sliceTime(spans: readonly AvailabilitySpan[], from: number, to: number): readonly Slice[] {
  const inside = spans.filter((span) => span.to > span.from && span.to > from && span.from < to);
  const edges = [...new Set([from, to, ...inside.flatMap((span) => [span.from, span.to])])]
    .filter((at) => at >= from && at <= to)
    .toSorted((a, b) => a - b);
  const slices: Slice[] = [];
  for (const [index, begin] of edges.entries()) {
    const end = edges[index + 1];
    if (end === undefined) break;
    const span = spanAt(inside, begin, end);
    slices.push({ from: begin, to: end, kind: span?.kind ?? 'unknown', span });
  }
  return slices;
}

/** The newest record wins among those of a kind. */
function spanAt(spans: readonly AvailabilitySpan[], from: number, to: number): AvailabilitySpan | null {
  const covering = spans.filter((span) => span.from <= from && span.to >= to);
  return covering.findLast(({ kind }) => kind === 'down') ?? covering.at(-1) ?? null;
}

/** Shorter stretches that were not watched are counted, and not listed, ms. */
const SHORTEST_LISTED_MS = 10_000;

const length = (slices: readonly Slice[], kind: Slice['kind']): number =>
  slices.filter((slice) => slice.kind === kind).reduce((sum, slice) => sum + slice.to - slice.from, 0);

/** Neighbours that are one thing. */
function joined<T extends { readonly from: number; readonly to: number }>(
  parts: readonly T[],
  isSame: (one: T, other: T) => boolean,
): readonly T[] {
  const result: T[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (last !== undefined && last.to === part.from && isSame(last, part))
      result[result.length - 1] = { ...last, to: part.to };
    else result.push(part);
  }
  return result;
}

function ledIn(slices: readonly Slice[]): readonly LedSpan[] {
  const led = slices.flatMap(({ from, to, span }): LedSpan[] =>
    span?.kind === 'up' ? [{ member: span.primary, timeline: span.timeline, from, to }] : [],
  );
  return joined(led, (one, other) => one.member === other.member && one.timeline === other.timeline);
}

function outagesIn(slices: readonly Slice[], from: number, until: number): readonly ReportedOutage[] {
  const seen = new Set<DownSpan>();
  return slices.flatMap(({ span }): ReportedOutage[] => {
    if (span?.kind !== 'down' || seen.has(span)) return [];
    seen.add(span);
    const cut = { from: Math.max(from, span.from), to: Math.min(until, span.to) };
    return [{ ...span, ...cut, beganBefore: span.from < from, wentOn: span.to > until }];
  });
}

/**
 * The availability in a month: what was watched is counted, and nothing else. Time that was not watched is neither available nor not:
 * it is not known, and changes of the leader that Patroni's history has in it are named.
 */
export function reportAvailability(facts: AvailabilityFacts): AvailabilityReport {
  const { cluster, month, now, problem } = facts;
  const { from, to } = boundsOfMonth(month);
  const until = Math.max(from, Math.min(to, now));
  const slices = sliceTime(facts.spans, from, until);
  const [upMs, downMs] = [length(slices, 'up'), length(slices, 'down')];
  const unwatched = joined(
    slices.filter(({ kind }) => kind === 'unknown').map((slice) => ({ from: slice.from, to: slice.to })),
    () => true,
  );
  const planned = slices.filter(({ span }) => span?.kind === 'down' && span.planned === true);
  return {
    cluster,
    month,
    from,
    until,
    upMs,
    downMs,
    plannedMs: length(planned, 'down'),
    unknownMs: length(slices, 'unknown'),
    available: upMs + downMs === 0 ? null : upMs / (upMs + downMs),
    known: until === from ? 0 : (upMs + downMs) / (until - from),
    led: ledIn(slices),
    outages: outagesIn(slices, from, until),
    unwatched: unwatched.filter((part) => part.to - part.from >= SHORTEST_LISTED_MS),
    unwatchedChanges: changesIn(facts.history, unwatched),
    problem,
  };
}

function changesIn(
  history: readonly TimelineChange[],
  unwatched: readonly { readonly from: number; readonly to: number }[],
): AvailabilityReport['unwatchedChanges'] {
  return history.flatMap(({ at, timeline, newLeader }) =>
    at !== null && unwatched.some(({ from, to }) => at >= from && at < to)
      ? [{ at, timeline: timeline + 1, newLeader }]
      : [],
  );
}
