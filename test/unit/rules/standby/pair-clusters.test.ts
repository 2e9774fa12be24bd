import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { pairClusters, type ClusterEntrance } from '../../../../shared/rules/standby/pair-clusters';
import { findPairTrouble } from '../../../../shared/rules/standby/pair-findings';
import { pairRows } from '../../../../shared/rules/standby/pair-rows';
import { readStandbySource } from '../../../../shared/rules/standby/read-standby-source';
import { lossInSentences } from '../../../../shared/rules/standby/pair-words';
import { leader, replica, source } from '../../../support/cluster/operable-cluster';
import { primarySite, standbySite, subject, type StandbySection } from '../../../support/cluster/paired-clusters';

const NOW = 2000;
const MB = 1_048_576;
const VIP: ClusterEntrance = { host: '10.1.0.100', port: null, by: 'virtual_address' };
const BALANCER: ClusterEntrance = { host: 'lb.north', port: 5000, by: 'load_balancer' };
const NAMED: ClusterEntrance = { host: 'a1.north.example', port: 5432, by: 'member' };

function pairOf(id: string, ...states: readonly ClusterState[]) {
  return pairClusters(
    states.map((state) => subject(state, state.clusterId === 'north' ? [VIP, BALANCER, NAMED] : [])),
    NOW,
  ).get(id);
}

describe('the source of a standby cluster is read', () => {
  const rows: readonly [string, StandbySection, readonly string[] | null][] = [
    ['from a host with the default port', { host: '10.1.0.1' }, ['10.1.0.1 5432']],
    [
      'from a list of hosts with one port',
      { host: '10.1.0.1, 10.1.0.2', port: 5433 },
      ['10.1.0.1 5433', '10.1.0.2 5433'],
    ],
    ['from a list of hosts and of ports', { host: 'a,b', port: '5432,5433' }, ['a 5432', 'b 5433']],
    ['from an IPv6 address, with brackets or without', { host: '[fd00::1],fd00::2' }, ['fd00::1 5432', 'fd00::2 5432']],
    ['without a host whose port is none', { host: 'a,b', port: '5432,none' }, ['a 5432']],
    ['as an archive alone', { restore_command: 'cp /a/%f %p' }, []],
    ['as nothing where the section is empty', {}, null],
    ['as nothing where it is no section', null, null],
    ['as nothing from values of the wrong kind', { host: ['a'], port: {} }, null],
  ];
  it.each(rows)('%s', (_name, section, places) => {
    const read = readStandbySource(section === null ? {} : { standby_cluster: section });
    expect(read?.places.map(({ host, port }) => `${host} ${port}`) ?? null).toEqual(places);
  });
});

describe('a standby cluster follows', () => {
  const other = primarySite({ clusterId: 'west', title: 'West', systemIdentifier: '8' }, { systemIdentifier: '8' });
  const named = (host: string, port: number | string = 5432) => standbySite({ host, port });
  const rows: readonly [string, readonly ClusterState[], string | null, string | null][] = [
    ['the cluster whose member it names', [primarySite(), standbySite()], 'north', 'member'],
    ['the cluster that one host of its list leads to', [primarySite(), named('10.9.9.9,10.1.0.2')], 'north', 'member'],
    ['nobody where the port is another one', [primarySite(), named('10.1.0.1', 5433)], null, null],
    [
      'the cluster whose virtual address it names',
      [primarySite(), named('10.1.0.100', 5000)],
      'north',
      'virtual_address',
    ],
    ['the cluster whose load balancer it names', [primarySite(), named('LB.north.', 5000)], 'north', 'load_balancer'],
    ['the cluster whose server it names by a name', [primarySite(), named('a1.North.example')], 'north', 'member'],
    [
      'the cluster at an IPv6 address in another spelling',
      [primarySite({}, { host: 'fd00::1' }), named('FD00:0:0::1')],
      'north',
      'member',
    ],
    ['nobody where the source is in no cluster of the app', [primarySite(), named('192.0.2.1')], null, null],
    ['nobody where it names itself', [standbySite({ host: '10.2.0.1' })], null, null],
    ['nobody by a loopback address', [primarySite({}, { host: '127.0.0.1' }), named('127.0.0.1')], null, null],
    [
      'the one from the same initdb where sites share addresses',
      [other, primarySite(), standbySite()],
      'north',
      'member',
    ],
    [
      'the cluster from the same initdb that lists it as a receiver',
      [
        primarySite(
          {},
          {
            connections: [{ applicationName: 'b1', clientAddress: '10.2.0.1', state: 'streaming', syncState: 'async' }],
          },
        ),
        named('north.example'),
      ],
      'north',
      'connection',
    ],
  ];
  it.each(rows)('%s', (_name, states, followed, by) => {
    const follows = pairOf('south', ...states)?.follows;
    expect([follows?.site?.clusterId ?? null, follows?.by ?? null]).toEqual([followed, by]);
  });

  it('is named as such by the cluster that it follows, with its lag and the age of it', () => {
    const [follower] = pairOf('north', primarySite(), standbySite())?.followedBy ?? [];
    expect(follower?.site).toMatchObject({ clusterId: 'south', system: 'same', writes: { kind: 'no' } });
    expect(follower?.link).toMatchObject({
      streaming: 'yes',
      receive: 2 * MB,
      replay: 3 * MB,
      asOf: 1000,
      current: true,
      replayedAt: 500,
    });
  });

  it('is one of two that follow the same cluster', () => {
    const second = standbySite({ host: '10.1.0.2' }, { clusterId: 'east', title: 'East' });
    const followers = pairOf('north', primarySite(), standbySite(), second)?.followedBy ?? [];
    expect(followers.map(({ site }) => site.title)).toEqual(['South', 'East']);
  });

  it('in a chain: the last one follows the middle, and is not told to be a stray copy of the first', () => {
    const last = standbySite({ host: '10.2.0.1' }, { clusterId: 'east', title: 'East' });
    const states = [
      primarySite(),
      standbySite(),
      { ...last, members: [replica('c1', { role: 'standby_leader', host: '10.3.0.1' })] },
    ];
    expect(pairOf('east', ...states)).toMatchObject({ follows: { site: { clusterId: 'south' } }, related: [] });
    expect(pairOf('south', ...states)?.followedBy[0]?.site.clusterId).toBe('east');
  });

  it('in a ring without end, where two name each other', () => {
    const north = standbySite(
      { host: '10.2.0.1' },
      { clusterId: 'north', title: 'North', members: primarySite().members },
    );
    const pair = pairOf('south', north, standbySite());
    expect([pair?.follows?.site?.clusterId, pair?.followedBy[0]?.site.clusterId]).toEqual(['north', 'north']);
  });
});

describe('the lag of a pair is', () => {
  const link = (north: ClusterState, south: ClusterState) => pairOf('south', north, south)?.follows?.link;

  it('not known where the source is in no cluster of the app, and that is said', () => {
    expect(link(standbySite(null), standbySite())).toMatchObject({
      receive: null,
      asOf: null,
      why: 'The cluster that it follows is not in the app.',
    });
  });

  it('not known where the system identifiers differ', () => {
    const north = primarySite({ systemIdentifier: '8' });
    expect(link(north, standbySite())).toMatchObject({ receive: null, why: expect.stringContaining('different') });
  });

  it('the last that is known, with its age, where the primary does not answer', () => {
    const north = primarySite({ sources: [source('etcd'), source('rest:a1', { status: 'lost' })] });
    expect(link(north, standbySite())).toMatchObject({ receive: 2 * MB, asOf: 1000, current: false });
  });

  it('not known while the standby cluster has no leader', () => {
    const south = standbySite(undefined, {
      leader: { ...standbySite().leader, holder: null },
      members: [replica('b2')],
    });
    expect(link(primarySite(), south)).toMatchObject({ receive: null, streaming: 'no' });
  });

  it('never less than none: the two positions are read one after the other', () => {
    expect(link(primarySite(), standbySite(undefined, {}, { lsn: 200 * MB, receivedLsn: 200 * MB }))).toMatchObject({
      receive: 0,
      replay: 0,
    });
  });

  it('what would be lost, in bytes and in time', () => {
    const known = link(primarySite(), standbySite());
    expect(known === undefined ? [] : lossInSentences(known, NOW).join(' ')).toBe(
      'It lacked 2 MB of WAL when both positions were last read, 1 s ago. ' +
        'The last transaction that it has replayed was committed 1.5 s ago.',
    );
  });
});

describe('whether a standby cluster streams', () => {
  const silent = { replicationState: null, state: 'running', stateText: 'running' } as const;
  const listing = (clientAddress: string | null, name = 'b1') => ({
    connections: [{ applicationName: name, clientAddress, state: 'streaming', syncState: 'async' }],
  });
  const rows: readonly [string, ClusterState, ClusterState, string][] = [
    ['its leader says so itself', primarySite(), standbySite(), 'yes'],
    [
      'it replays an archive',
      primarySite(),
      standbySite(undefined, {}, { replicationState: 'in archive recovery' }),
      'archive',
    ],
    ['its PostgreSQL is down', primarySite(), standbySite(undefined, {}, { state: 'stopped' }), 'no'],
    [
      'it does not answer',
      primarySite(),
      standbySite(undefined, { sources: [source('rest:b1', { status: 'lost' })] }),
      'not_known',
    ],
    [
      'an old Patroni is listed by the primary',
      primarySite({}, listing('10.2.0.1')),
      standbySite(undefined, {}, silent),
      'yes',
    ],
    ['an old Patroni is not listed by anybody', primarySite(), standbySite(undefined, {}, silent), 'no'],
    [
      'a member of the primary with the same name says nothing about it',
      primarySite({
        members: [leader('b1', ['b1'], { host: '10.1.0.1' })],
        leader: { ...primarySite().leader, holder: 'b1' },
      }),
      standbySite(undefined, {}, silent),
      'not_known',
    ],
    [
      'an old Patroni, and the primary does not answer',
      primarySite({ sources: [source('rest:a1', { status: 'lost' })] }),
      standbySite(undefined, {}, silent),
      'not_known',
    ],
  ];
  it.each(rows)('%s', (_name, north, south, streaming) => {
    expect(pairOf('south', north, south)?.follows?.link.streaming).toBe(streaming);
  });
});

describe('a pair in trouble', () => {
  const found = (id: string, north: ClusterState, south: ClusterState) => {
    const pair = pairOf(id, north, south);
    return pair === undefined ? [] : findPairTrouble(pair).map(({ code }) => code);
  };
  const stopped = standbySite(undefined, {}, { state: 'stopped' });
  const unseen = standbySite(undefined, { sources: [source('rest:b1', { status: 'lost' })] });

  it('is found on both sides when the standby cluster no longer streams', () => {
    expect(found('north', primarySite(), stopped)).toEqual(['standby.follower_lost']);
    expect(found('south', primarySite(), stopped)).toEqual(['standby.not_streaming']);
  });

  it('is no all-clear on the primary when the standby cluster cannot be asked', () => {
    expect(found('north', primarySite(), unseen)).toEqual(['standby.follower_not_seen']);
  });

  it('is a standby cluster that names a cluster of other data', () => {
    expect(found('south', primarySite({ systemIdentifier: '8' }), standbySite())).toEqual(['standby.other_system']);
  });

  it('is none while all is well', () => {
    expect(found('north', primarySite(), standbySite())).toEqual([]);
    expect(found('south', primarySite(), standbySite())).toEqual([]);
  });
});

describe('the rows of the fleet', () => {
  const rowsOf = (...states: readonly ClusterState[]) => {
    const pairs = pairClusters(
      states.map((state) => subject(state)),
      NOW,
    );
    return states.map(({ clusterId }) => ({ clusterId, pair: pairs.get(clusterId) ?? null }));
  };
  const middle = { clusterId: 'alone' };

  it('have a standby cluster right after the cluster that it follows, in any order', () => {
    const [north, south] = rowsOf(primarySite(), standbySite());
    if (north === undefined || south === undefined) throw new Error('two rows');
    expect(pairRows([south, middle, north]).map(({ clusterId }) => clusterId)).toEqual(['north', 'south', 'alone']);
  });

  it('stand where the worse of the two would: a sick standby cluster does not sink with a healthy primary', () => {
    const [north, south] = rowsOf(primarySite(), standbySite());
    if (north === undefined || south === undefined) throw new Error('two rows');
    const order = pairRows([middle, south, { clusterId: 'last' }, north]);
    expect(order.map(({ clusterId }) => clusterId)).toEqual(['alone', 'north', 'south', 'last']);
  });

  it('stay as they are where nothing is paired, and lose none where clusters follow each other', () => {
    const rows = [middle, { clusterId: 'other' }];
    expect(pairRows(rows)).toBe(rows);
    const north = standbySite({ host: '10.2.0.1' }, { clusterId: 'north', members: primarySite().members });
    expect(pairRows(rowsOf(north, standbySite()))).toHaveLength(2);
  });
});
