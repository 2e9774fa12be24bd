import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { Operation } from '../../../../shared/model/operate/operation';
import { patronictlCommand } from '../../../../shared/rules/operate/commands';
import { isPatroniAtLeast, lowestPatroniVersion } from '../../../../shared/rules/cluster/patroni-version';
import { restartOrder } from '../../../../shared/rules/operate/restart-order';
import { cluster, leader, replica } from '../../../support/cluster/operable-cluster';

const AT = Date.UTC(2026, 4, 1, 12, 30);
const command = (
  operation: Operation,
  state: ClusterState = cluster(),
  configPath: string | null = '/etc/patroni/patroni.yml',
): string => patronictlCommand(operation, { state, configPath });
const ofVersion = (patroniVersion: string): ClusterState =>
  cluster({ members: [leader('db1', ['db2'], { patroniVersion }), replica('db2', { patroniVersion })] });

describe('the patronictl command', () => {
  const rows: readonly [Operation, string][] = [
    [{ kind: 'switchover', leader: 'db1', candidate: 'db2' }, 'switchover --leader db1 --candidate db2 orders'],
    [{ kind: 'switchover', leader: 'db1', candidate: null }, 'switchover --leader db1 orders'],
    [
      { kind: 'schedule_switchover', leader: 'db1', candidate: 'db2', at: AT },
      'switchover --leader db1 --candidate db2 --scheduled 2026-05-01T12:30:00+00:00 orders',
    ],
    [{ kind: 'failover', candidate: 'db2' }, 'failover --candidate db2 orders'],
    [{ kind: 'reinit', member: 'db2', fromLeader: true }, 'reinit --from-leader --wait orders db2'],
    [{ kind: 'restart', member: 'db2', pendingOnly: true }, 'restart --pending orders db2'],
    [
      { kind: 'schedule_restart', member: 'db2', pendingOnly: false, at: AT },
      'restart --scheduled 2026-05-01T12:30:00+00:00 orders db2',
    ],
    [{ kind: 'reload', members: ['db1', 'db2'] }, 'reload orders db1 db2'],
    [{ kind: 'pause' }, 'pause --wait orders'],
    [{ kind: 'resume' }, 'resume --wait orders'],
    [{ kind: 'cancel_switchover' }, 'flush orders switchover'],
    [{ kind: 'cancel_restart', member: 'db2' }, 'flush orders db2 restart'],
    [{ kind: 'change_config', patch: { ttl: 40, pause: null } }, 'edit-config --set ttl=40 --set pause=null orders'],
    [
      { kind: 'change_config', patch: { postgresql: { parameters: { 'pg_stat_statements.max': 10 } } } },
      'edit-config --pg pg_stat_statements.max=10 orders',
    ],
  ];
  it('names the group of a Citus cluster, without which patronictl would mean all of them', () => {
    expect(command({ kind: 'pause' }, { ...cluster(), citusGroup: 0 })).toBe(
      'patronictl -c /etc/patroni/patroni.yml pause --group 0 --wait orders',
    );
  });

  it.each(rows)('of %j is "%s"', (operation, expected) => {
    expect(command(operation)).toBe(`patronictl -c /etc/patroni/patroni.yml ${expected}`);
  });

  it('names the leader with the option of that version', () => {
    expect(command({ kind: 'switchover', leader: 'db1', candidate: null }, ofVersion('2.1.7'))).toContain(
      '--master db1',
    );
    expect(command({ kind: 'switchover', leader: 'db1', candidate: null }, ofVersion('3.0.2'))).toContain(
      '--leader db1',
    );
  });

  it('restarts members in the same order as the app', () => {
    expect(command({ kind: 'rolling_restart', pendingOnly: false, role: 'any' })).toMatch(
      /restart orders db2 && .* restart orders db3 && .* restart orders db1$/,
    );
  });

  it('keeps hostile names single words that are never options', () => {
    const state = cluster({ scope: '-rf' });
    expect(command({ kind: 'reinit', member: `a'b\n$(x)`, fromLeader: false }, state)).toBe(
      `patronictl -c /etc/patroni/patroni.yml reinit --wait -- -rf 'a'\\''b\n$(x)'`,
    );
    expect(command({ kind: 'failover', candidate: '--force' })).toContain('--candidate=--force');
  });

  it('passes what --set cannot express as a file on standard input', () => {
    expect(command({ kind: 'change_config', patch: { ignore_slots: [{ name: 'a' }] } })).toBe(
      `printf %s '{"ignore_slots":[{"name":"a"}]}' | patronictl -c /etc/patroni/patroni.yml edit-config --apply - orders`,
    );
  });
});

describe('a Patroni version', () => {
  const rows: readonly [string | null, string, boolean | null][] = [
    ['4.0.7', '4.0.6', true],
    ['4.0.6', '4.0.6', true],
    ['4.0', '4.0.6', false],
    ['3.3.11', '3.3.8', true],
    ['2.1.7', '3.0.0', false],
    ['4.1.0.1', '4.1.0', true],
    ['4.1.0rc1', '4.1.0', true],
    [null, '3.0.0', null],
    ['', '3.0.0', null],
    ['unknown', '3.0.0', null],
  ];
  it.each(rows)('that is %s is known to be at least %s: %s', (version, wanted, expected) => {
    expect(isPatroniAtLeast(version, wanted)).toBe(expected);
  });
  it('the lowest of several is the one a command must fit', () => {
    expect(lowestPatroniVersion(['4.0.7', null, '3.0.2', '10.0.0'])).toBe('3.0.2');
  });
});

describe('the order of a rolling restart', () => {
  const waiting = (oldValue: string | null, newValue: string | null, name = 'max_connections') => ({
    pendingRestartFlag: true,
    pendingRestart: [{ name, oldValue, newValue }],
  });
  const order = (
    change: ReturnType<typeof waiting> | object,
    role: 'any' | 'leader' | 'replica' = 'any',
    pendingOnly = true,
  ) =>
    restartOrder(
      cluster({
        members: [
          leader('db1', [], change),
          replica('db2', { ...change, role: 'sync_standby' }),
          replica('db3', change),
          replica('db4', change),
        ],
      }),
      { pendingOnly, role },
    );

  it('is replicas first, asynchronous before synchronous, the leader last', () => {
    expect(order(waiting('100', '200')).members).toEqual(['db3', 'db4', 'db2', 'db1']);
  });
  it('is the leader first when a shared-memory parameter shrinks', () => {
    expect(order(waiting('200', '100'))).toMatchObject({
      members: ['db1', 'db3', 'db4', 'db2'],
      leaderFirst: true,
      reason: expect.stringContaining('max_connections shrinks'),
    });
  });
  it('is replicas first for a parameter that is not shared', () => {
    expect(order(waiting('256MB', '128MB', 'shared_buffers')).leaderFirst).toBe(false);
  });
  it('is replicas first when the new values are unknown, as before Patroni 3.3', () => {
    expect(order(waiting(null, null)).leaderFirst).toBe(false);
  });
  it('compares values as numbers, not as text', () => {
    expect(order(waiting('90', '100')).leaderFirst).toBe(false);
  });
  it('is replicas first when one parameter grows and another shrinks', () => {
    expect(
      order({
        pendingRestartFlag: true,
        pendingRestart: [
          { name: 'max_connections', oldValue: '100', newValue: '50' },
          { name: 'max_wal_senders', oldValue: '5', newValue: '10' },
        ],
      }),
    ).toMatchObject({ leaderFirst: false, reason: expect.stringContaining('once more') });
  });
  it('leaves out members without a pending restart', () => {
    expect(order({}).members).toEqual([]);
  });
  it('includes only the chosen role', () => {
    expect(order({}, 'replica', false).members).toEqual(['db3', 'db4', 'db2']);
    expect(order({}, 'leader', false).members).toEqual(['db1']);
  });
});
