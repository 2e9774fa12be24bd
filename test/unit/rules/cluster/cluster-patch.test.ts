import { describe, expect, it } from 'vitest';
import { applyPatch, diffState } from '../../../../shared/rules/cluster/cluster-patch';
import { Facts, answerOf } from '../../../support/cluster/cluster-facts';

describe('a patch of the cluster state', () => {
  it('is none when nothing changed', () => {
    const facts = new Facts();
    expect(diffState(facts.fold(), { ...facts.fold(), revision: 2, at: 5 })).toBeNull();
  });

  it.each([
    ['a member stops', (facts: Facts) => facts.answer('db2', answerOf(1, facts.names, { state: 'stopped' }))],
    [
      'a member disappears',
      (facts: Facts) => {
        facts.facts = {
          ...facts.facts,
          entry: { ...facts.facts.entry, members: facts.facts.entry.members.slice(0, 2) },
        };
        return facts.remove('members/db3');
      },
    ],
    [
      'a member appears whose name is no ordinary key',
      (facts: Facts) => facts.put('members/__proto__', '{"state":"running"}'),
    ],
    ['etcd is lost', (facts: Facts) => facts.lose('no_quorum')],
    ['the leader changes', (facts: Facts) => facts.put('leader', 'db2')],
  ])('turns the old state into the new one when %s', (_name, bend) => {
    const facts = new Facts();
    const before = facts.fold();
    bend(facts);
    const after = { ...facts.fold(), revision: 2 };
    const patch = diffState(before, after);
    if (patch === null) throw new Error('no patch');
    expect(applyPatch(before, patch)).toEqual(after);
  });

  it('carries no member that did not change', () => {
    const facts = new Facts();
    const before = facts.fold();
    facts.answer('db2', answerOf(1, facts.names, { state: 'stopped' }));
    expect(Object.keys(diffState(before, facts.fold())?.members ?? {})).toEqual(['db2']);
  });
});
