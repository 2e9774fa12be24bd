import type { ObservedCluster } from '../../model/cluster/cluster-state';
import type { Member } from '../../model/cluster/member';
import { namesInWords } from '../words/wording';
import { candidatesFor } from './candidates';
import { answersNow, mayNotFailOver } from './member-facts';

/**
 * Who could take over if the leader failed now. One answer, used wherever the app speaks of it.
 * `unsure` names those whom nothing rules out but who do not answer now.
 */
export type TakeOver =
  | { readonly kind: 'ready'; readonly members: readonly string[]; readonly unsure: readonly string[] }
  | { readonly kind: 'unsure'; readonly members: readonly string[] }
  | { readonly kind: 'nobody'; readonly reasons: readonly string[] }
  | { readonly kind: 'alone' } // there is no replica at all
  | { readonly kind: 'not_known' }; // no leader is known

const CANNOT_BE_ASKED: ReadonlySet<Member['condition']> = new Set(['not_answering', 'ssh_lost', 'unknown']);

/** Nothing rules the member out, but nobody can ask it now. */
function mayTakeOver(state: ObservedCluster, member: Member): boolean {
  const silent = CANNOT_BE_ASKED.has(member.condition) || !answersNow(state, member.name);
  return silent && member.inDcs !== false && mayNotFailOver(member) === null;
}

/** Who can take over by Patroni's own rules: tags, lag, timeline, synchronous mode, watchdog (ha.py, _is_healthiest_node). */
export function takeOverOf(state: ObservedCluster): TakeOver {
  const { holder } = state.leader;
  if (holder === null) return { kind: 'not_known' };
  const candidates = candidatesFor(state, 'switchover');
  if (candidates.length === 0) return { kind: 'alone' };
  const others = state.members.filter((member) => member.name !== holder);
  const unsure = others.filter((member) => mayTakeOver(state, member)).map((member) => member.name);
  const ready = candidates.filter((one) => one.verdict !== 'refuses' && !unsure.includes(one.member));
  if (ready.length > 0) return { kind: 'ready', members: ready.map((one) => one.member), unsure };
  if (unsure.length > 0) return { kind: 'unsure', members: unsure };
  return { kind: 'nobody', reasons: candidates.map((one) => `${one.member}: ${one.reasons[0] ?? ''}`) };
}

/** The answer in one sentence. `leader` is who would have to fail. */
export function takeOverInWords(takeOver: TakeOver, leader: string | null, paused: boolean | null): string {
  const who = leader ?? 'the leader';
  switch (takeOver.kind) {
    case 'ready':
      return paused === true
        ? `Automatic failover is off (paused). By hand: ${namesInWords(takeOver.members)}.`
        : `${namesInWords([...takeOver.members].sort())} can take over if ${who} fails.`;
    case 'unsure':
      return `Not known: ${namesInWords(takeOver.members)} may be able to take over, but cannot be asked now.`;
    case 'nobody':
      return `No replica can take over if ${who} fails.`;
    case 'alone':
      return `There is no replica to take over if ${who} fails.`;
    case 'not_known':
      return 'Not known: no leader is seen.';
  }
}
