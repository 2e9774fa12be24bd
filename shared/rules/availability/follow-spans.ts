import type { AvailabilitySpan } from '../../model/availability/availability';

type UpSpan = Extract<AvailabilitySpan, { kind: 'up' }>;
type DownSpan = Extract<AvailabilitySpan, { kind: 'down' }>;

/** What is so at a moment: who runs as the primary, that nobody does, or that it is not known. */
export type AvailabilitySight =
  | { readonly kind: 'up'; readonly primary: string; readonly timeline: number | null }
  | { readonly kind: 'down' }
  | { readonly kind: 'unknown' };

/** What is remembered between two sights. */
export interface SpanMemory {
  /** The span that goes on. */
  readonly open: AvailabilitySpan | null;
  /** When it was looked the last time, ms. */
  readonly lookedAt: number | null;
  /** The last primary that was seen. */
  readonly primary: string | null;
}

/** The memory before the first sight. */
export const NO_SPANS: SpanMemory = { open: null, lookedAt: null, primary: null };

/** Between two looks there is less than this, ms; after a longer pause the computer slept, or its clock was set. */
const LONGEST_PAUSE_MS = 30_000;

/**
 * Takes in what is so now. A span goes on while the same is so and the looks follow each other closely; else it ends with the last look
 * at which it was so. After a sleep of the computer, or when its clock was set, forward or back, the time between is not known.
 */
export function followSpans(
  memory: SpanMemory,
  sight: AvailabilitySight,
  at: number,
): { readonly memory: SpanMemory; readonly ended: readonly AvailabilitySpan[] } {
  const isClose = memory.lookedAt !== null && at >= memory.lookedAt && at - memory.lookedAt <= LONGEST_PAUSE_MS;
  const primary = sight.kind === 'up' ? sight.primary : memory.primary;
  const open = isClose ? memory.open : null;
  if (open !== null && isSame(open, sight))
    return { memory: { open: { ...open, to: at }, lookedAt: at, primary }, ended: [] };
  const ended = endedBy(memory, sight, isClose ? at : null);
  return { memory: { open: begun(sight, at, memory), lookedAt: at, primary }, ended };
}

function isSame(open: AvailabilitySpan, sight: AvailabilitySight): boolean {
  if (open.kind === 'down') return sight.kind === 'down';
  return sight.kind === 'up' && open.primary === sight.primary && (sight.timeline ?? open.timeline) === open.timeline;
}

/** A span without a length says nothing. A time without a primary lasts until one is seen: that is the next look. */
function endedBy(
  { open, lookedAt }: SpanMemory,
  sight: AvailabilitySight,
  at: number | null,
): readonly AvailabilitySpan[] {
  if (open === null) return [];
  const isOver = open.kind === 'down' && sight.kind === 'up' && at !== null;
  const ended: AvailabilitySpan = isOver
    ? { ...open, to: at, after: sight.primary, slackMs: (open.slackMs ?? 0) + (at - (lookedAt ?? at)) }
    : open;
  return ended.to > ended.from ? [ended] : [];
}

function begun(sight: AvailabilitySight, at: number, { lookedAt, primary, open }: SpanMemory): AvailabilitySpan | null {
  switch (sight.kind) {
    case 'up':
      return { kind: 'up', from: at, to: at, primary: sight.primary, timeline: sight.timeline } satisfies UpSpan;
    case 'down': {
      const slackMs = open === null || lookedAt === null ? null : Math.max(0, at - lookedAt);
      return {
        kind: 'down',
        from: at,
        to: at,
        slackMs,
        before: primary,
        after: null,
        planned: null,
        cause: null,
      } satisfies DownSpan;
    }
    case 'unknown':
      return null;
  }
}
