import { describe, expect, it } from 'vitest';
import { adviceRuleIds } from '../../../../shared/model/advice/advice';
import type { AdviceFacts } from '../../../../shared/model/advice/advice-facts';
import { adviceRules, makeAdviceReport } from '../../../../shared/rules/advice/make-report';
import { changeMembers, hbaFixture, notRead, valuesOf, wellAdviceFacts } from '../../../support/advice/advice-facts';

const withParameters = (facts: AdviceFacts, ...changes: readonly (readonly [string, string])[]): AdviceFacts => {
  const [first] = facts.members;
  const values = first?.postgres.kind === 'read' ? first.postgres.value.values : {};
  return changeMembers(facts, { postgres: { values: { ...values, ...valuesOf(Object.fromEntries(changes)) } } });
};

/** A cluster of which nothing could be read but what the app watches anyway. */
function blindFacts(): AdviceFacts {
  const facts = wellAdviceFacts();
  return {
    ...facts,
    etcd: notRead(),
    roles: notRead(),
    backups: notRead(),
    state: { ...facts.state, config: null },
    members: facts.members.map(({ name }) => ({ name, postgres: notRead(), own: notRead(), server: notRead() })),
  };
}

describe('the report', () => {
  it('has a word of every rule: advice, well, or not checked', () => {
    for (const facts of [wellAdviceFacts(), blindFacts()]) {
      const { advice, notChecked, well } = makeAdviceReport(facts, 0);
      const told = new Set([...advice, ...notChecked, ...well].map(({ rule }) => rule));
      expect([...told].toSorted()).toEqual([...adviceRuleIds].toSorted());
    }
    expect(adviceRules.map(({ id }) => id)).toEqual([...adviceRuleIds]);
  });

  it('calls nothing well that was not read', () => {
    expect(
      makeAdviceReport(blindFacts(), 0)
        .well.map(({ rule }) => rule)
        .toSorted(),
    ).toEqual(
      [
        'etcd_open',
        'monitoring',
        'nobody_may_take_over',
        'only_copy',
        'patroni_version',
        'paused',
        'rehearsal',
      ].toSorted(),
    );
  });

  it('tells of members that could be read, and names those that could not', () => {
    const facts = withParameters(wellAdviceFacts(), ['data_checksums', 'off']);
    const [first, ...rest] = facts.members;
    if (first === undefined) throw new Error('The fixture has members.');
    const { advice, notChecked } = makeAdviceReport(
      { ...facts, members: [{ ...first, postgres: notRead() }, ...rest] },
      0,
    );
    expect(advice.find(({ rule }) => rule === 'checksums')?.about).toEqual(['db2', 'db3']);
    expect(notChecked).toContainEqual({ rule: 'checksums', about: 'db1', why: 'The server does not answer.' });
  });

  it('tells the gravest first', () => {
    const plain = withParameters(wellAdviceFacts(), ['hot_standby_feedback', 'off'], ['ssl', 'off']);
    const facts = changeMembers(plain, { postgres: { hba: [hbaFixture({ method: 'trust' })] } }, 'db2');
    expect(makeAdviceReport(facts, 0).advice.map(({ severity }) => severity)).toEqual(['critical', 'warning', 'info']);
  });
});
