import { describe, expect, it } from 'vitest';
import { membersInEtcd } from '../../../../electron/core/clusters/discovery/list-members';

const entries = (members: Readonly<Record<string, object>>) =>
  Object.entries(members).map(([name, value]) => ({
    key: `/service/main/members/${name}`,
    value: JSON.stringify(value),
  }));

describe('members that are found by their keys', () => {
  it('are in the state that patronictl shows: a replica that runs and receives WAL is streaming', async () => {
    const keys = [
      { key: '/service/main/leader', value: 'db1' },
      ...entries({
        db1: { state: 'running', role: 'primary', replication_state: 'streaming' },
        db2: { state: 'running', role: 'replica', replication_state: 'streaming' },
        db3: { state: 'running', role: 'replica', replication_state: 'in archive recovery' },
        db4: { state: 'stopped', role: 'replica', replication_state: 'streaming' },
        db5: { state: 'running', role: 'replica' },
      }),
    ];
    const range = () =>
      Promise.resolve({
        entries: keys.map((entry) => ({ ...entry, modRevision: '1', createRevision: '1', lease: '0' })),
        revision: '1',
      });
    const found = await membersInEtcd({ range }, { namespace: '/service/', scope: 'main', citusGroup: null });
    expect(found.map(({ name, role, state }) => [name, role, state])).toEqual([
      ['db1', 'leader', 'running'],
      ['db2', 'replica', 'streaming'],
      ['db3', 'replica', 'in archive recovery'],
      ['db4', 'replica', 'stopped'],
      ['db5', 'replica', 'running'],
    ]);
  });
});
