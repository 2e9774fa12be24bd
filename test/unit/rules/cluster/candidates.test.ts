import { describe, expect, it } from 'vitest';
import type { ClusterState, SyncState } from '../../../../shared/model/cluster/cluster-state';
import type { Member } from '../../../../shared/model/cluster/member';
import { candidatesFor, type CandidacyKind } from '../../../../shared/rules/cluster/candidates';
import { cluster, leader, leaderless, replica, source } from '../../../support/cluster/operable-cluster';

const MB = 1_048_576;
const sync = (mode: SyncState['mode'], standbys: string[]): SyncState => ({
  mode,
  strict: false,
  leader: 'db1',
  standbys,
  quorum: 1,
});
const lag = (bytes: number): Partial<Member> => ({
  lag: { receive: bytes, replay: bytes, basis: 'leader_rest', at: 1000 },
});

function judge(
  kind: CandidacyKind,
  change: Partial<Member>,
  state: Partial<ClusterState> = {},
  without = false,
): { verdict: string; why: string } {
  const members = [leader('db1', ['db2', 'db3'], { patroniVersion: '4.0.7' }), replica('db2', change), replica('db3')];
  const whole = without ? leaderless({ members, ...state }) : cluster({ members, ...state });
  const found = candidatesFor(whole, kind).find((one) => one.member === 'db2');
  return { verdict: found?.verdict ?? 'absent', why: found?.reasons.join(' ') ?? '' };
}

describe('for a switchover, a replica', () => {
  const rows: readonly [string, Partial<Member>, Partial<ClusterState>, string, string][] = [
    ['that streams without lag may be chosen', {}, {}, 'ok', ''],
    ['tagged nofailover is refused', { tags: { nofailover: true } }, {}, 'refuses', 'nofailover'],
    ['tagged nofailover in words is refused', { tags: { nofailover: 'yes' } }, {}, 'refuses', 'nofailover'],
    ['with failover_priority 0 is refused', { tags: { failover_priority: 0 } }, {}, 'refuses', 'failover_priority'],
    ['with failover_priority 2 may be chosen', { tags: { failover_priority: 2 } }, {}, 'ok', ''],
    [
      'whose nofailover: false contradicts a priority of 0 may be chosen, as Patroni does',
      { tags: { nofailover: false, failover_priority: 0 } },
      {},
      'ok',
      '',
    ],
    [
      'whose PostgreSQL has stopped is refused',
      { state: 'stopped', stateText: 'stopped' },
      {},
      'refuses',
      'not running: stopped',
    ],
    [
      'in a state this app does not know is refused with the word',
      { state: 'unknown', stateText: 'hibernating' },
      {},
      'refuses',
      'hibernating',
    ],
    [
      'that says running, as Patroni 3.0 does of a healthy one, may be chosen',
      { state: 'running', stateText: 'running' },
      {},
      'ok',
      '',
    ],
    ['without a key in the DCS is refused', { inDcs: false }, {}, 'refuses', 'no key in the DCS'],
    ['whose Patroni is down is refused', { condition: 'patroni_down' }, {}, 'refuses', 'does not answer'],
    ['that cannot reach the DCS is refused', { condition: 'dcs_unreachable' }, {}, 'refuses', 'cannot reach the DCS'],
    [
      'whose server the app lost is a warning only',
      { condition: 'ssh_lost' },
      {},
      'warns',
      'cannot be reached from here',
    ],
    [
      'whose REST the app lost is a warning only',
      {},
      { sources: [source('etcd'), source('rest:db2', { status: 'lost' })] },
      'warns',
      'cannot be reached from here',
    ],
    ['whose required watchdog fails is refused', { watchdogFailed: true }, {}, 'refuses', 'watchdog'],
    ['on an older timeline is refused', { timeline: 3 }, {}, 'refuses', 'timeline 3, the leader on 4'],
    ['whose timeline is blank is a warning', { timeline: null }, {}, 'warns', 'timeline is not known'],
    ['nobody streams to is refused', { condition: 'not_streaming' }, {}, 'refuses', 'does not stream'],
    ['tagged nostream is a warning', { tags: { nostream: true }, condition: 'not_streaming' }, {}, 'warns', 'nostream'],
    ['with exactly the allowed lag may be chosen', lag(MB), {}, 'ok', ''],
    ['with one byte more is refused', lag(MB + 1), {}, 'refuses', 'maximum_lag_on_failover'],
    [
      'that has received everything but replays late may be chosen',
      { lag: { receive: 0, replay: 9 * MB, basis: 'leader_rest', at: 1 } },
      {},
      'ok',
      '',
    ],
    ['whose lag is not known is a warning', { lag: null }, {}, 'warns', 'lag is not known'],
    [
      'that is not the synchronous standby is refused',
      {},
      { sync: sync('on', ['db3']) },
      'refuses',
      'not a synchronous standby',
    ],
    [
      'that is the synchronous standby may be chosen',
      { role: 'sync_standby' },
      { sync: sync('on', ['db2']) },
      'ok',
      '',
    ],
    ['outside the quorum is a warning from 4.0.6 on', {}, { sync: sync('quorum', ['db3']) }, 'warns', 'quorum'],
    ['with replay paused is a warning', { replayPaused: true }, {}, 'warns', 'replay'],
    [
      'whose data belongs to another system is refused',
      { systemIdentifier: '8' },
      {},
      'refuses',
      'another database system',
    ],
    ['of which only old news is known is a warning', { stale: true }, {}, 'warns', 'old'],
  ];
  it.each(rows)('%s', (_name, member, state, verdict, why) => {
    const found = judge('switchover', member, state);
    expect(found.verdict).toBe(verdict);
    expect(found.why).toContain(why);
  });

  it('outside the quorum is refused before 4.0.6', () => {
    const members = [leader('db1', ['db2'], { patroniVersion: '4.0.2' }), replica('db2')];
    expect(candidatesFor(cluster({ members, sync: sync('quorum', []) }), 'switchover')[0]?.verdict).toBe('refuses');
  });
});

describe('for a failover, a replica', () => {
  const rows: readonly [string, Partial<Member>, Partial<ClusterState>, boolean, string, string][] = [
    [
      'that lags too much is refused while a leader decides',
      lag(9 * MB),
      {},
      false,
      'refuses',
      'maximum_lag_on_failover',
    ],
    [
      'that lags too much is a warning when nobody leads: Patroni promotes it',
      lag(9 * MB),
      {},
      true,
      'warns',
      'promotes it all the same',
    ],
    [
      'that is not a synchronous standby is a warning',
      {},
      { sync: sync('on', ['db3']) },
      false,
      'warns',
      'confirmed to applications',
    ],
    ['on an older timeline is a warning', { timeline: 3 }, {}, false, 'warns', 'timeline 3'],
    ['tagged nofailover stays refused', { tags: { nofailover: true } }, {}, true, 'refuses', 'nofailover'],
    ['whose Patroni is down stays refused', { condition: 'patroni_down' }, {}, true, 'refuses', 'does not answer'],
  ];
  it.each(rows)('%s', (_name, member, state, without, verdict, why) => {
    const found = judge('failover', member, state, without);
    expect(found.verdict).toBe(verdict);
    expect(found.why).toContain(why);
  });

  it('has an estimated loss: what the leader had written and it has not received', () => {
    const members = [
      leader('db1', ['db2'], { lsn: 9000, condition: 'unreachable' }),
      replica('db2', { receivedLsn: 8200, lsn: 8000 }),
    ];
    expect(candidatesFor(cluster({ members }), 'failover')[0]).toMatchObject({ member: 'db2', estimatedLoss: 800 });
  });
});

describe('the list of candidates', () => {
  it('leaves out the holder of the lock and puts the best first', () => {
    const members = [
      leader('db1', []),
      replica('db2', { tags: { nofailover: true } }),
      replica('db3', lag(500)),
      replica('db4', lag(20)),
      replica('db5', { stale: true }),
    ];
    expect(candidatesFor(cluster({ members }), 'switchover').map((one) => [one.member, one.verdict])).toEqual([
      ['db4', 'ok'],
      ['db3', 'ok'],
      ['db5', 'warns'],
      ['db2', 'refuses'],
    ]);
  });

  it('says why it refuses before why it warns', () => {
    const members = [leader('db1', []), replica('db2', { stale: true, timeline: 2 })];
    expect(candidatesFor(cluster({ members }), 'switchover')[0]?.reasons[0]).toContain('timeline 2');
  });
});
