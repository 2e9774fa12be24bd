import type {
  Advice,
  AdviceEvidence,
  AdvicePlace,
  AdviceRuleId,
  AdviceSeverity,
  NotChecked,
  Reading,
} from '../../model/advice/advice';
import type { AdviceFacts, MemberAdviceFacts } from '../../model/advice/advice-facts';
import type { ClusterState } from '../../model/cluster/cluster-state';
import { namesInWords } from '../words/wording';

/** What a rule found. `seen` says what it looked at, for where it has nothing to advise. */
export interface AdviceLook {
  readonly advice: Omit<Advice, 'rule'> | null;
  readonly notChecked: readonly Omit<NotChecked, 'rule'>[];
  readonly seen: string;
}

/** One thing that is looked at, by the facts alone. */
export interface AdviceRule {
  readonly id: AdviceRuleId;
  /** A few words, for lists. */
  readonly title: string;
  readonly area: AdviceArea;
  /** Why it matters, in a sentence or two. */
  readonly why: string;
  readonly look: (facts: AdviceFacts) => AdviceLook;
}

/** What a rule is about. */
export type AdviceArea = 'Availability' | 'Security' | 'Recovery' | 'Performance' | 'Software';

/** Something that was read. */
export type Found<T> = Extract<Reading<T>, { readonly kind: 'read' }>;

/** Nothing to advise. */
export function well(seen: string): AdviceLook {
  return { advice: null, notChecked: [], seen };
}

/** All of it could not be looked at. */
export function notChecked(why: string, about: string | null = null): AdviceLook {
  return { advice: null, notChecked: [{ about, why }], seen: '' };
}

/** An advice about the cluster as a whole. */
export function advise(
  severity: AdviceSeverity,
  words: { readonly sentence: string; readonly todo: string; readonly place: AdvicePlace | null },
  evidence: readonly AdviceEvidence[],
  about: readonly string[] = [],
): AdviceLook {
  return { advice: { severity, ...words, evidence, about: about.toSorted() }, notChecked: [], seen: '' };
}

/** What was read, as evidence. */
export function evidenceOf({ where, at }: Found<unknown>, text: string): AdviceEvidence {
  return { text, where, at };
}

/** What the watched state says, as evidence. */
export function evidenceOfState({ at }: ClusterState, text: string, where = 'the DCS'): AdviceEvidence {
  return { text, where, at };
}

/** What a rule says of one member: nothing, why it cannot tell, or what is wrong there. */
export type MemberVerdict =
  | { readonly kind: 'well' }
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'wrong'; readonly text: string; readonly severity?: AdviceSeverity };

const ranks: Readonly<Record<AdviceSeverity, number>> = { critical: 2, warning: 1, info: 0 };

/** The graver of two comes first. */
export function bySeverity(a: AdviceSeverity, b: AdviceSeverity): number {
  return ranks[b] - ranks[a];
}

/** Looks at each member by itself and makes one advice of all that is wrong. What could not be read is said to be so. */
export function lookAtMembers<T>(
  facts: AdviceFacts,
  pick: (member: MemberAdviceFacts) => Reading<T>,
  rule: {
    readonly judge: (value: T, member: string) => MemberVerdict;
    readonly severity: AdviceSeverity;
    /** `names` are the members in words. */
    readonly words: (names: string) => Pick<Advice, 'sentence' | 'todo' | 'place'>;
    readonly seen: string;
  },
): AdviceLook {
  if (facts.members.length === 0) return notChecked('No member of the cluster is known.');
  const all = facts.members.map((member) => ({
    name: member.name,
    ...judgedBy(pick(member), member.name, rule.judge),
  }));
  const wrong = all.flatMap(({ name, verdict, evidence }) =>
    verdict.kind === 'wrong' && evidence !== null
      ? [{ name, evidence, severity: verdict.severity ?? rule.severity }]
      : [],
  );
  const unknown = all.flatMap(({ name, verdict }) =>
    verdict.kind === 'unknown' ? [{ about: name, why: verdict.why }] : [],
  );
  const [gravest] = wrong.map(({ severity }) => severity).sort(bySeverity);
  if (gravest === undefined) return { advice: null, notChecked: unknown, seen: rule.seen };
  const names = wrong.map(({ name }) => name).toSorted();
  const evidence = wrong.map((one) => one.evidence);
  return { ...advise(gravest, rule.words(namesInWords(names)), evidence, names), notChecked: unknown };
}

function judgedBy<T>(
  reading: Reading<T>,
  name: string,
  judge: (value: T, member: string) => MemberVerdict,
): { readonly verdict: MemberVerdict; readonly evidence: AdviceEvidence | null } {
  if (reading.kind === 'not_read') return { verdict: { kind: 'unknown', why: reading.why }, evidence: null };
  const verdict = judge(reading.value, name);
  return { verdict, evidence: verdict.kind === 'wrong' ? evidenceOf(reading, verdict.text) : null };
}

/** The value of a parameter of PostgreSQL, or why it is not known. */
export function parameterOf(
  { values }: { readonly values: Readonly<Record<string, { readonly value: string | null }>> },
  name: string,
): string | null {
  return Object.hasOwn(values, name) ? (values[name]?.value ?? null) : null;
}

/** That PostgreSQL did not tell a parameter. */
export function untold(name: string): MemberVerdict {
  return { kind: 'unknown', why: `PostgreSQL did not tell ${name}.` };
}
