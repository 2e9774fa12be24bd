import { describe, expect, it } from 'vitest';
import { applyPatch, diffState } from '../../../../shared/rules/cluster/cluster-patch';
import { Facts, answerOf } from '../../../support/cluster/cluster-facts';

describe('patches of a cluster state', () => {
  it('nothing changed is no patch', () => {
    const facts = new Facts();
    expect(diffState(facts.fold(), { ...facts.fold(), revision: 2, at: 5 })).toBeNull();
  });

  it.each([
    ['a member stops', (facts: Facts) => facts.answer('db2', answerOf(1, facts.names, { state: 'stopped' }))],
    [
      'a member goes',
      (facts: Facts) => {
        facts.facts = {
          ...facts.facts,
          entry: { ...facts.facts.entry, members: facts.facts.entry.members.slice(0, 2) },
        };
        return facts.remove('members/db3');
      },
    ],
    [
      'a member comes, with a name that is no ordinary key',
      (facts: Facts) => facts.put('members/__proto__', '{"state":"running"}'),
    ],
    ['etcd is lost', (facts: Facts) => facts.lose('no_quorum')],
    ['the leader changes', (facts: Facts) => facts.put('leader', 'db2')],
  ])('%s: the patch leads from the old state to the new one', (_name, bend) => {
    const facts = new Facts();
    const before = facts.fold();
    bend(facts);
    const after = { ...facts.fold(), revision: 2 };
    const patch = diffState(before, after);
    if (patch === null) throw new Error('no patch');
    expect(applyPatch(before, patch)).toEqual(after);
  });

  it('carries only the members that changed', () => {
    const facts = new Facts();
    const before = facts.fold();
    facts.answer('db2', answerOf(1, facts.names, { state: 'stopped' }));
    expect(Object.keys(diffState(before, facts.fold())?.members ?? {})).toEqual(['db2']);
  });
});
