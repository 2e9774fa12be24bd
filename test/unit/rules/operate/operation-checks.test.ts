import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { Operation } from '../../../../shared/model/operate/operation';
import { typeToConfirm } from '../../../../shared/rules/operate/confirmation';
import { consequencesOf, interruptsWrites } from '../../../../shared/rules/operate/consequences';
import { checkOperation, firstRefusal } from '../../../../shared/rules/operate/operation-checks';
import { cluster, CONFIG, leader, leaderless, replica, source } from '../../../support/cluster/operable-cluster';

const NOW = 10_000;
const SWITCHOVER: Operation = { kind: 'switchover', leader: 'db1', candidate: 'db2' };
const ANY: Operation = { kind: 'switchover', leader: 'db1', candidate: null };
const FAILOVER: Operation = { kind: 'failover', candidate: 'db2' };
const PLAN: Operation = { kind: 'schedule_switchover', leader: 'db1', candidate: 'db2', at: NOW + 60_000 };
const REINIT: Operation = { kind: 'reinit', member: 'db2', fromLeader: false };
const RESTART: Operation = { kind: 'restart', member: 'db2', pendingOnly: false };
const ROLLING: Operation = { kind: 'rolling_restart', pendingOnly: true, role: 'any' };
const RELOAD: Operation = { kind: 'reload', members: ['db1', 'db2'] };
const NO_QUORUM: Partial<ClusterState> = { dcs: { kind: 'no_quorum', since: 1, members: [] } };
const UNDER_WAY: Partial<ClusterState> = { failoverRequest: { from: 'db1', to: 'db3' } };
const withDb2 = (change: Parameters<typeof replica>[1]): Partial<ClusterState> => ({
  members: [leader('db1', ['db2', 'db3']), replica('db2', change), replica('db3')],
});

describe('an operation is refused', () => {
  const rows: readonly [string, Operation, Partial<ClusterState>, string | null][] = [
    ['never, when all is well', SWITCHOVER, {}, null],
    ['on a read-only cluster', { kind: 'pause' }, { readOnly: true }, 'operation.read_only'],
    ['without quorum', SWITCHOVER, NO_QUORUM, 'etcd.no_quorum'],
    ['without quorum, a restart too: Patroni reads the DCS first', RESTART, NO_QUORUM, 'etcd.no_quorum'],
    ['without quorum, but not a reload: it needs none', RELOAD, NO_QUORUM, null],
    [
      'when no member sees the DCS',
      RESTART,
      {
        members: [
          leader('db1', [], { condition: 'dcs_unreachable' }),
          replica('db2', { condition: 'dcs_unreachable' }),
        ],
      },
      'patroni.dcs_unreachable',
    ],
    [
      'when no REST API can be reached',
      { kind: 'pause' },
      { sources: [source('etcd'), source('rest:db1', { status: 'lost' }), source('rest:db2', { status: 'lost' })] },
      'rest.none_reachable',
    ],
    ['while a switchover is under way', SWITCHOVER, UNDER_WAY, 'operation.under_way'],
    ['but pausing is possible meanwhile', { kind: 'pause' }, UNDER_WAY, null],
    [
      'when another member leads',
      SWITCHOVER,
      { leader: { ...cluster().leader, holder: 'db3' } },
      'operation.leader_changed',
    ],
    [
      'as a switchover from a leader whose Patroni is down',
      SWITCHOVER,
      { members: [leader('db1', ['db2'], { condition: 'patroni_down' }), replica('db2')] },
      'patroni.leader_silent',
    ],
    [
      'as a switchover to a replica that cannot be reached',
      SWITCHOVER,
      withDb2({ condition: 'unreachable' }),
      'patroni.candidate_refused',
    ],
    [
      'as a switchover onto the leader itself',
      { kind: 'switchover', leader: 'db1', candidate: 'db1' },
      {},
      'operation.same_member',
    ],
    [
      'with a candidate that vanished',
      { kind: 'switchover', leader: 'db1', candidate: 'db9' },
      {},
      'operation.no_candidate',
    ],
    [
      'with a candidate that Patroni would silently drop later',
      SWITCHOVER,
      withDb2({ timeline: 2 }),
      'patroni.candidate_refused',
    ],
    [
      'without any candidate that may lead',
      ANY,
      { members: [leader('db1', []), replica('db2', { inDcs: false })] },
      'patroni.no_candidate',
    ],
    ['without a candidate in a pause', ANY, { paused: true }, 'patroni.paused'],
    ['but not with a candidate in a pause', SWITCHOVER, { paused: true }, null],
    [
      'in a paused standby cluster',
      SWITCHOVER,
      { paused: true, config: { ...CONFIG, standbyCluster: true } },
      'patroni.paused',
    ],
    ['as a scheduled switchover in a pause', PLAN, { paused: true }, 'patroni.paused'],
    ['as a scheduled switchover in the past', { ...PLAN, at: NOW - 1 }, {}, 'operation.time_past'],
    ['as a reinit of the leader', { kind: 'reinit', member: 'db1', fromLeader: false }, {}, 'patroni.is_leader'],
    [
      'as a second reinit while one runs',
      REINIT,
      withDb2({ state: 'creating replica', stateText: 'creating replica' }),
      'patroni.reinit_running',
    ],
    [
      'as a reinit of a member whose REST API does not answer',
      REINIT,
      withDb2({ condition: 'patroni_down' }),
      'rest.refused',
    ],
    [
      'but not as a reinit of a member that is behind its timeline',
      REINIT,
      withDb2({ timeline: 3, condition: 'behind_timeline' }),
      null,
    ],
    [
      'as a restart, if pending, of a member with nothing pending',
      { kind: 'restart', member: 'db2', pendingOnly: true },
      {},
      'operation.nothing_pending',
    ],
    [
      'as a restart of a member that is starting',
      RESTART,
      withDb2({ state: 'starting', stateText: 'starting' }),
      'operation.unsteady',
    ],
    [
      'as a second scheduled restart',
      { kind: 'schedule_restart', member: 'db2', pendingOnly: false, at: NOW + 1000 },
      withDb2({ scheduledRestart: { at: 1, pendingOnly: false } }),
      'patroni.already_scheduled',
    ],
    ['as a rolling restart when no restart is pending', ROLLING, {}, 'operation.nothing_pending'],
    ['as a reload of no member', { kind: 'reload', members: [] }, {}, 'operation.no_member'],
    ['as a pause of a paused cluster', { kind: 'pause' }, { paused: true }, 'operation.already_paused'],
    ['as a resume of a cluster that is not paused', { kind: 'resume' }, {}, 'operation.not_paused'],
    ['as a cancellation with nothing scheduled', { kind: 'cancel_switchover' }, {}, 'operation.nothing_scheduled'],
    [
      'as a change of an unknown configuration',
      { kind: 'change_config', patch: { ttl: 40 } },
      { config: null },
      'config.unknown',
    ],
  ];
  it.each(rows)('%s', (_name, operation, change, code) => {
    expect(firstRefusal(checkOperation(cluster(change), operation, NOW))?.code ?? null).toBe(code);
  });

  it('as a switchover without a leader, but not as a failover', () => {
    expect(firstRefusal(checkOperation(leaderless(), SWITCHOVER, NOW))?.code).toBe('patroni.no_leader');
    expect(firstRefusal(checkOperation(leaderless(), FAILOVER, NOW))).toBeNull();
  });
});

describe('an operation warns', () => {
  const rows: readonly [string, Operation, Partial<ClusterState>, string][] = [
    ['that a switchover would lose nothing where a failover may', FAILOVER, {}, 'operation.switchover_is_better'],
    [
      'that it replaces a scheduled switchover',
      SWITCHOVER,
      { scheduledSwitchover: { at: NOW, from: 'db1', to: 'db3' } },
      'operation.replaces_schedule',
    ],
    [
      'that older Patroni ignores "from the leader"',
      { ...REINIT, fromLeader: true },
      {},
      'operation.from_leader_ignored',
    ],
    [
      'that the only synchronous standby is lost',
      REINIT,
      { sync: { mode: 'on', strict: true, leader: 'db1', standbys: ['db2'], quorum: null } },
      'operation.only_sync_standby',
    ],
    ['that the app cannot see the DCS', SWITCHOVER, { dcs: { kind: 'not_configured' } }, 'operation.no_dcs_view'],
  ];
  it.each(rows)('%s', (_name, operation, change, code) => {
    expect(checkOperation(cluster(change), operation, NOW)).toContainEqual(
      expect.objectContaining({ code, verdict: 'warns' }),
    );
  });
});

describe('the confirmation of an operation', () => {
  const rows: readonly [string, Operation, Partial<ClusterState>, string | null][] = [
    ['needs no name for a switchover', SWITCHOVER, {}, null],
    ["needs the cluster's name for a failover", FAILOVER, {}, 'Orders'],
    ["needs the member's name for a reinit", REINIT, {}, 'db2'],
    [
      "needs the cluster's name for a reinit of a member whose name nobody can type",
      { kind: 'reinit', member: 'db\n2', fromLeader: false },
      {},
      'Orders',
    ],
    ["needs the cluster's name for a switchover in production", SWITCHOVER, { production: true }, 'Orders'],
    [
      "needs the cluster's name for a restart of the leader in production",
      { kind: 'restart', member: 'db1', pendingOnly: false },
      { production: true },
      'Orders',
    ],
    ['needs no name for a restart of a replica in production', RESTART, { production: true }, null],
  ];
  it.each(rows)('%s', (_name, operation, change, typed) => {
    expect(typeToConfirm(cluster(change), operation)).toBe(typed);
  });
});

describe('the consequences shown', () => {
  it('for a failover name what would be lost', () => {
    const members = [leader('db1', [], { lsn: 5_000_000 }), replica('db2', { receivedLsn: 2_902_848 })];
    expect(consequencesOf(cluster({ members }), FAILOVER).join(' ')).toContain('2 MB of WAL would be lost');
  });

  it('for a change of the configuration name each value, before and after, and what needs a restart', () => {
    const text = consequencesOf(cluster(), {
      kind: 'change_config',
      patch: { ttl: 40, postgresql: { parameters: { max_connections: 200 } } },
    }).join(' ');
    expect(text).toContain('ttl: 30 becomes 40.');
    expect(text).toContain('postgresql.parameters.max_connections: 100 becomes 200.');
    expect(text).toContain('max_connections takes effect after a restart');
  });

  it('exist for every operation', () => {
    const all: Operation[] = [
      SWITCHOVER,
      PLAN,
      FAILOVER,
      REINIT,
      RESTART,
      { kind: 'rolling_restart', pendingOnly: false, role: 'any' },
      RELOAD,
      { kind: 'pause' },
      { kind: 'resume' },
      { kind: 'cancel_switchover' },
      { kind: 'cancel_restart', member: 'db2' },
    ];
    for (const operation of all) expect(consequencesOf(cluster(), operation).join(''), operation.kind).not.toBe('');
  });

  it('say which operations interrupt writes', () => {
    expect(interruptsWrites(cluster(), { kind: 'rolling_restart', pendingOnly: false, role: 'replica' })).toBe(false);
    expect(interruptsWrites(cluster(), { kind: 'rolling_restart', pendingOnly: false, role: 'any' })).toBe(true);
  });
});
