import type { ClusterEvent } from '../../model/cluster/cluster-state';

/** Events so long before a gap may be its cause, ms. */
const BEFORE_MS = 60_000;

/** What is known of why there was no primary. */
export interface GapCause {
  /** Null: not known. */
  readonly planned: boolean | null;
  readonly cause: string | null;
}

/** The events that say why, the most telling first. */
const TELLING: readonly { readonly kind: ClusterEvent['kind']; readonly planned: boolean }[] = [
  { kind: 'failover_requested', planned: true },
  { kind: 'no_quorum', planned: false },
  { kind: 'leader_lost', planned: false },
  { kind: 'member_state', planned: false },
];

/**
 * Why there was no primary, from the events around it. Work that somebody began here, a drill too, or asked Patroni for is planned; a
 * lost leader or quorum is not. What no event tells is not known.
 */
export function causeOfGap(
  events: readonly Pick<ClusterEvent, 'at' | 'kind' | 'sentence' | 'severity'>[],
  gap: { readonly from: number; readonly to: number },
): GapCause {
  const around = events.filter(({ at }) => at >= gap.from - BEFORE_MS && at <= gap.to);
  const work = around.findLast(({ kind, sentence }) => kind === 'operation' && sentence.startsWith('Started here: '));
  if (work !== undefined) return { planned: true, cause: work.sentence };
  for (const { kind, planned } of TELLING) {
    const found = around.find((event) => event.kind === kind && (kind !== 'member_state' || event.severity !== 'good'));
    if (found !== undefined) return { planned, cause: found.sentence };
  }
  return { planned: null, cause: null };
}
