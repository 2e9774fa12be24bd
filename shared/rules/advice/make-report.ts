import {
  adviceRuleIds,
  type Advice,
  type AdviceReport,
  type AdviceRuleId,
  type Aside,
} from '../../model/advice/advice';
import type { AdviceFacts } from '../../model/advice/advice-facts';
import { bySeverity, type AdviceRule } from './advice-rule';
import { availabilityRules } from './availability';
import { placementRules } from './placement';
import { recoveryRules } from './recovery';
import { replicationRules } from './replication';
import { securityRules } from './security';
import { softwareRules } from './software';
import { synchronousRules } from './synchronous';

const all: ReadonlyMap<AdviceRuleId, AdviceRule> = new Map(
  [
    ...availabilityRules,
    ...synchronousRules,
    ...placementRules,
    ...replicationRules,
    ...securityRules,
    ...recoveryRules,
    ...softwareRules,
  ].map((rule) => [rule.id, rule]),
);

/** All rules, in the order in which they are told where they are equally grave. */
export const adviceRules: readonly AdviceRule[] = adviceRuleIds.flatMap((id) => all.get(id) ?? []);

/** The rule of an advice. */
export function adviceRule(id: AdviceRuleId): AdviceRule {
  const rule = all.get(id);
  if (rule === undefined) throw new Error(`No rule ${id}`);
  return rule;
}

/** Looks at one reading by every rule. What a rule says nothing of and could not look at is told as not checked, never as well. */
export function makeAdviceReport(facts: AdviceFacts, from: number): AdviceReport {
  const looks = adviceRules.map((rule) => ({ rule: rule.id, ...rule.look(facts) }));
  return {
    clusterId: facts.state.clusterId,
    title: facts.state.title,
    scope: facts.state.scope,
    from,
    to: facts.now,
    advice: looks
      .flatMap(({ rule, advice }) => (advice === null ? [] : [{ rule, ...advice }]))
      .sort((a, b) => bySeverity(a.severity, b.severity)),
    notChecked: looks.flatMap(({ rule, notChecked }) => notChecked.map((one) => ({ rule, ...one }))),
    well: looks.flatMap(({ rule, advice, notChecked, seen }) =>
      advice === null && notChecked.length === 0 ? [{ rule, seen }] : [],
    ),
  };
}

/**
 * The record by which an advice is set aside; null: it counts. It does not stay aside when it becomes graver, or concerns a member that
 * it did not concern then.
 */
export function asideOf(advice: Advice, asides: readonly Aside[]): Aside | null {
  const aside = asides.find(({ rule }) => rule === advice.rule);
  if (aside === undefined || bySeverity(advice.severity, aside.severity) < 0) return null;
  return advice.about.every((one) => aside.about.includes(one)) ? aside : null;
}

/** An earlier decision to set this advice aside that does not hold for what it is now; null where there is none. */
export function outgrownAside(advice: Advice, asides: readonly Aside[]): Aside | null {
  return asideOf(advice, asides) === null ? (asides.find(({ rule }) => rule === advice.rule) ?? null) : null;
}
