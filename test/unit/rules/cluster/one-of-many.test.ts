import { describe, expect, it } from 'vitest';
import { takeOverInWords, takeOverOf } from '../../../../shared/rules/cluster/take-over';
import { writeStatusOf } from '../../../../shared/rules/cluster/write-status';
import { Facts, codes } from '../../../support/cluster/cluster-facts';

const NAMES = ['db1', 'db2', 'db3', 'db4', 'db5', 'db6'];

/** A cluster of a leader and five replicas that was well for a while. */
function settled(): Facts {
  const facts = new Facts(NAMES);
  facts.fold();
  return facts.later(20_000).refresh();
}

const losses: readonly [string, string, (facts: Facts, name: string) => Facts][] = [
  ['whose Patroni is down', 'Patroni is down on db6.', (facts, name) => facts.fail(name, 'rest.refused')],
  ['that stopped answering', 'db6 stopped answering.', (facts, name) => facts.fail(name, 'rest.timeout')],
  [
    'whose server is gone',
    'db6 cannot be reached at all.',
    (facts, name) => facts.fail(name, 'ssh.connection_lost').remove(`members/${name}`),
  ],
  ['that is cut off from etcd', 'db6 is up but cannot reach etcd.', (facts, name) => facts.remove(`members/${name}`)],
];

describe.each(losses)('one replica of five %s', (_how, words, lose) => {
  it('is a warning that names it, not an emergency', () => {
    const state = lose(settled(), 'db6').fold();
    expect(state.findings.map(({ severity, member }) => [severity, member])).toEqual([['warning', 'db6']]);
    expect(state.health.level).toBe('warning');
    expect(state.health.sentence).toContain(words);
  });

  it('leaves the writes known, and the other four to take over', () => {
    const state = lose(settled(), 'db6').fold();
    expect(writeStatusOf(state)).toMatchObject({ kind: 'yes', primary: 'db1' });
    expect(takeOverInWords(takeOverOf(state), state.leader.holder, state.paused)).toBe(
      'db2, db3, db4 and db5 can take over if db1 fails.',
    );
  });
});

describe('the last replica that is lost', () => {
  it('is an emergency, for nobody can take over though the cluster takes writes', () => {
    const facts = settled();
    for (const name of NAMES.slice(1)) facts.fail(name, 'ssh.connection_lost').remove(`members/${name}`);
    const state = facts.fold();
    expect(state.health).toMatchObject({ level: 'critical', sentence: 'No replica can take over if db1 fails.' });
    expect(codes(state)[0]).toBe('cluster.nobody_can_take_over');
  });
});
