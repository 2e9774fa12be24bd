import { describe, expect, it } from 'vitest';
import type { EtcdAction } from '../../../../shared/model/etcd/etcd-action';
import type { EtcdAlarm, EtcdMemberStatus, EtcdMemberView, EtcdReading } from '../../../../shared/model/etcd/etcd-view';
import { checkEtcdAction, quorumAfter } from '../../../../shared/rules/etcd/etcd-checks';
import { findEtcdTrouble } from '../../../../shared/rules/etcd/etcd-findings';
import { defragmentOrder, etcdFingerprint, snapshotSource } from '../../../../shared/rules/etcd/etcd-members';
import { quorumInWords, quorumNow, quorumOf } from '../../../../shared/rules/etcd/etcd-quorum';
import { etcdConsequences, etcdctlCommand, joinInWords } from '../../../../shared/rules/etcd/etcd-words';
import { decodePatroniKey } from '../../../../shared/rules/etcd/patroni-keys';

const MB = 1024 ** 2;

const status = (change: Partial<EtcdMemberStatus> = {}): EtcdMemberStatus => ({
  version: '3.5.16',
  dbSize: 10 * MB,
  dbInUse: 5 * MB,
  quota: 100 * MB,
  raftTerm: 3,
  raftIndex: 50_000,
  raftApplied: 50_000,
  revision: 40_000,
  errors: [],
  latencyMs: 2,
  ...change,
});

/** One letter for each member: L leader, f follower, x lost, l learner. */
function readingOf(
  members: string,
  change: Partial<EtcdMemberStatus> = {},
  alarms: readonly EtcdAlarm[] = [],
): EtcdReading {
  return {
    clusterId: 'c',
    asOf: 0,
    alarms,
    members: [...members].map((kind, index): EtcdMemberView => {
      const name = `n${index + 1}`;
      return {
        id: String(index + 1),
        name,
        clientUrls: [`http://${name}:2379`],
        peerUrls: [`http://${name}:2380`],
        learner: kind === 'l',
        leader: members.includes('L') ? kind === 'L' : null,
        status: kind === 'x' ? null : status(change),
        error: null,
      };
    }),
  };
}

const refusals = (reading: EtcdReading, action: EtcdAction): readonly string[] =>
  checkEtcdAction(reading, action).flatMap(({ code, verdict }) => (verdict === 'refuses' ? [code] : []));

describe('the quorum of etcd', () => {
  it.each([
    [quorumOf(3, 3), 'One more may fail.'],
    [quorumOf(5, 5), 'Two more may fail.'],
    [quorumOf(3, 2), 'None may fail.'],
    [quorumOf(3, 1), 'There is no quorum: etcd takes no writes.'],
  ])('%o says how many more may fail', (quorum, words) => {
    expect(quorumInWords(quorum)).toContain(words);
  });

  it('counts no learner', () => {
    expect(quorumNow(readingOf('Lffl'))).toEqual({ voters: 3, working: 3, needed: 2, mayFail: 1 });
  });

  it.each([
    [{ kind: 'remove_member', member: '3' }, 'Lff', 0],
    [{ kind: 'remove_member', member: '3' }, 'Lfx', 0],
    [{ kind: 'promote_member', member: '4' }, 'Lffl', 1],
    [{ kind: 'add_member', peerUrl: 'http://n4:2380' }, 'Lff', 1],
  ] as const)('after %o on %s leaves %i that may fail', (action, members, mayFail) => {
    expect(quorumAfter(readingOf(members), action)?.mayFail).toBe(mayFail);
  });
});

describe('what may be done with etcd', () => {
  const everyMember: EtcdAction = { kind: 'defragment', member: null };
  it.each<[string, EtcdAction, readonly string[]]>([
    ['Lff', everyMember, []],
    ['Lfx', everyMember, ['etcd.member_lost']],
    ['Lfx', { kind: 'defragment', member: '3' }, ['etcd.silent']],
    ['L', everyMember, []],
    ['Lff', { kind: 'move_leader', to: '1' }, ['etcd.leads_already']],
    ['Lfx', { kind: 'move_leader', to: '3' }, ['etcd.silent']],
    ['Lffl', { kind: 'move_leader', to: '4' }, ['etcd.learner']],
    ['Lff', { kind: 'remove_member', member: '9' }, ['etcd.no_member']],
    ['L', { kind: 'remove_member', member: '1' }, ['etcd.last_member']],
    ['Lfx', { kind: 'remove_member', member: '3' }, []],
    ['Lfx', { kind: 'remove_member', member: '2' }, ['etcd.no_quorum_after']],
    ['Lff', { kind: 'replace_member', member: '2', peerUrl: 'http://n4:2380' }, ['etcd.answers']],
    ['Lfx', { kind: 'replace_member', member: '3', peerUrl: 'http://n4:2380' }, []],
    ['Lffl', { kind: 'add_member', peerUrl: 'http://n5:2380' }, ['etcd.has_learner']],
    ['Lff', { kind: 'add_member', peerUrl: 'http://n2:2380' }, ['etcd.known_peer']],
    ['Lff', { kind: 'compact', keep: 10_000 }, []],
    ['Lff', { kind: 'compact', keep: 40_000 }, ['etcd.nothing_to_compact']],
    ['Lff', { kind: 'disarm' }, ['etcd.no_alarm']],
    ['Lxx', { kind: 'compact', keep: 10_000 }, ['etcd.no_quorum']],
  ])('with %s: %o is refused for %o', (members, action, codes) => {
    expect(refusals(readingOf(members), action)).toEqual(codes);
  });

  it('an etcd of one is defragmented only with a warning of what stops meanwhile', () => {
    const [warning] = checkEtcdAction(readingOf('L'), everyMember).filter(({ verdict }) => verdict === 'warns');
    expect(warning?.sentence).toContain('retry_timeout');
  });

  it('NOSPACE is disarmed only when the databases are well below the quota', () => {
    const alarms: readonly EtcdAlarm[] = [{ memberId: '1', kind: 'nospace' }];
    expect(refusals(readingOf('Lff', { dbSize: 95 * MB }, alarms), { kind: 'disarm' })).toEqual(['etcd.still_full']);
    expect(refusals(readingOf('Lff', {}, alarms), { kind: 'disarm' })).toEqual([]);
  });

  it('CORRUPT is never disarmed', () => {
    expect(refusals(readingOf('Lff', {}, [{ memberId: '1', kind: 'corrupt' }]), { kind: 'disarm' })).toEqual([
      'etcd.corrupt',
    ]);
  });

  it('the leader is defragmented last, and a snapshot is read from a follower', () => {
    expect(defragmentOrder(readingOf('Lff')).map(({ id }) => id)).toEqual(['2', '3', '1']);
    expect(snapshotSource(readingOf('Lff'))?.id).toBe('2');
  });

  it('another leader, a lost member or an alarm makes what was confirmed another state', () => {
    const prints = [
      readingOf('Lff'),
      readingOf('fLf'),
      readingOf('Lfx'),
      readingOf('Lff', {}, [{ memberId: '1', kind: 'nospace' }]),
    ];
    expect(new Set(prints.map(etcdFingerprint)).size).toBe(4);
  });
});

describe('the words of etcd', () => {
  it('the command asks the leader to hand over, and the member to be removed hands the lead over first', () => {
    expect(etcdctlCommand(readingOf('Lff'), { kind: 'move_leader', to: '2' })).toBe(
      'etcdctl --endpoints http://n1:2379 move-leader 2',
    );
    expect(etcdctlCommand(readingOf('Lff'), { kind: 'remove_member', member: '1' })).toMatch(
      /move-leader 2 && .* member remove 1$/,
    );
  });

  it('an action on an etcd that several clusters share names all of them', () => {
    const scopes = ['orders', 'billing'].map((scope) => ({ namespace: 'service', scope, clusterId: null }));
    expect(etcdConsequences(readingOf('Lff'), { kind: 'compact', keep: 100 }, scopes).join(' ')).toContain(
      'orders and billing',
    );
  });

  it('a new server is told the members without the one that it replaces', () => {
    const [first] = joinInWords(readingOf('Lfx'), 'http://n4:2380', '3').split('\n');
    expect(first).toBe('ETCD_INITIAL_CLUSTER="n1=http://n1:2380,n2=http://n2:2380,NAME=http://n4:2380"');
  });

  it('a new server is told to serve clients as the others do, where the app and Patroni find it', () => {
    expect(joinInWords(readingOf('Lff'), 'http://10.0.0.4:2380', null).split('\n')).toEqual(
      expect.arrayContaining([
        'ETCD_LISTEN_PEER_URLS="http://10.0.0.4:2380"',
        'ETCD_ADVERTISE_CLIENT_URLS="http://10.0.0.4:2379"',
        'ETCD_LISTEN_CLIENT_URLS="http://10.0.0.4:2379,http://127.0.0.1:2379"',
      ]),
    );
  });

  it('a new server named by its host name listens on an address: etcd binds to no name', () => {
    expect(joinInWords(readingOf('Lff'), 'https://n4.example:2380', null).split('\n')).toEqual(
      expect.arrayContaining([
        'ETCD_INITIAL_ADVERTISE_PEER_URLS="https://n4.example:2380"',
        'ETCD_LISTEN_PEER_URLS="https://0.0.0.0:2380"',
        'ETCD_LISTEN_CLIENT_URLS="http://0.0.0.0:2379"',
      ]),
    );
  });
});

describe('what is not as it should be in etcd', () => {
  const codes = (reading: EtcdReading): readonly string[] => findEtcdTrouble(reading).map(({ code }) => code);

  it('a healthy one has no finding', () => {
    expect(codes(readingOf('Lff'))).toEqual([]);
  });

  it.each([
    ['NOSPACE', readingOf('Lff', {}, [{ memberId: '1', kind: 'nospace' }]), ['etcd.nospace']],
    ['one failure from losing the quorum', readingOf('Lfx'), ['etcd.no_margin']],
    ['a database over 80 % of its quota', readingOf('L', { dbSize: 85 * MB }), ['etcd.nearly_full']],
  ] as const)('%s is found', (_what, reading, found) => {
    expect(codes(reading)).toEqual(found);
  });

  it('a learner that lags and members of different versions are found', () => {
    const reading = readingOf('Lfl');
    const members = reading.members.map((member) =>
      member.learner ? { ...member, status: status({ raftApplied: 10, version: '3.4.23' }) } : member,
    );
    expect(codes({ ...reading, members })).toEqual(expect.arrayContaining(['etcd.learner_lags', 'etcd.versions']));
  });
});

describe("Patroni's keys", () => {
  it.each([
    ['leader', 'db1', 'db1 leads'],
    [
      'members/db1',
      '{"role":"primary","state":"running","timeline":4,"xlog_location":83886080}',
      'primary, running, timeline 4, WAL at 0/5000000',
    ],
    ['config', '{"ttl":30,"loop_wait":10,"pause":true}', 'ttl 30, loop_wait 10, and 1 more; paused'],
    ['status', '{"optime":83886080,"slots":{"a":1}}', "the leader's WAL was at 0/5000000, 1 slots"],
    [
      'history',
      '[[1,83886080,"no recovery target specified"]]',
      '1 changes of the timeline; last: timeline 1 ended, no recovery target specified',
    ],
    ['sync', '{"leader":"db1","sync_standby":"db2"}', 'db1 leads; synchronous: db2'],
    ['failover', '{"leader":"db1","member":"db2"}', 'from db1 to db2'],
    ['initialize', '7300000000000000001', 'system identifier 7300000000000000001'],
    ['failsafe', '{"db1":"http://db1:8008/patroni"}', 'db1'],
    ['members/db1', 'nonsense', null],
  ])('%s with %s says %s', (name, value, words) => {
    expect(decodePatroniKey(name, value)?.says).toBe(words);
  });

  it('a key that Patroni does not write is not explained', () => {
    expect(decodePatroniKey('other', '')).toBeNull();
  });
});
