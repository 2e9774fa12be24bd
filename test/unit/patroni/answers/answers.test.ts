import { describe, expect, it } from 'vitest';
import { parseCluster } from '../../../../electron/core/patroni/answers/cluster';
import { parseLsn, parseTime } from '../../../../electron/core/patroni/answers/fields';
import {
  parseConfigKey,
  parseFailoverKey,
  parseHistory,
  parseOptime,
  parseSyncKey,
} from '../../../../electron/core/patroni/answers/keys';
import { parseMemberKey } from '../../../../electron/core/patroni/answers/member-key';
import { parseStatus } from '../../../../electron/core/patroni/answers/status';
import { CLUSTER, STATUS } from './fixtures';

describe('GET /patroni of every version comes to one form', () => {
  it.each([
    [
      '2.1 primary',
      STATUS.primary21,
      {
        role: 'primary',
        location: 67108960,
        timeline: 3,
        patroniVersion: '2.1.7',
        name: null,
        pendingRestart: false,
        pending: null,
      },
    ],
    [
      '2.1 replica',
      STATUS.replica21,
      { role: 'replica', location: null, receivedLsn: 67108960, replayedLsn: 67108900, replayPaused: false },
    ],
    [
      '3.0 replica in failsafe and pause',
      STATUS.replica30,
      { unlocked: true, failsafeActive: true, paused: true, replayPaused: true },
    ],
    [
      '3.3 primary',
      STATUS.primary33,
      {
        role: 'primary',
        pendingRestart: true,
        pending: [{ name: 'max_connections', oldValue: '100', newValue: '200' }],
        watchdogFailed: true,
        name: 'db1',
      },
    ],
    [
      '4.0 quorum standby',
      STATUS.sync40,
      {
        quorumStandby: true,
        syncStandby: false,
        replicationState: 'streaming',
        postmasterStart: Date.parse('2026-05-01T10:00:00Z'),
      },
    ],
    ['4.1 primary with the field renamed', STATUS.primary41, { role: 'primary', location: 67108960 }],
    [
      'PostgreSQL not to be asked',
      STATUS.broken41,
      {
        state: 'unknown',
        location: null,
        timeline: null,
        connections: null,
        dcsLastSeen: null,
        systemIdentifier: null,
      },
    ],
  ])('%s', (_version, answer, expected) => {
    expect(parseStatus(answer)).toMatchObject(expected);
  });

  it('tells times in ms and keeps tags that are plain values', () => {
    const answer = parseStatus(STATUS.primary33);
    expect(answer?.dcsLastSeen).toBe(1777629600000);
    expect(answer?.tags).toEqual({ nofailover: true, zone: 'a', weight: 3 });
    expect(answer?.scheduledRestart).toEqual({ at: Date.parse('2026-06-01T01:00:00Z'), pendingOnly: true });
  });

  it('lists who streams', () => {
    expect(parseStatus(STATUS.primary21)?.connections).toEqual([
      { applicationName: 'db2', clientAddress: '10.0.0.2', state: 'streaming', syncState: 'async' },
    ]);
  });
});

describe('garbage spoils only its own field', () => {
  const strange: unknown[] = [null, 'text', -1, [], {}, [[]], { a: null }, true, Number.NaN];
  const fieldNames = Object.keys({ ...STATUS.primary33, ...STATUS.replica30, ...STATUS.primary21, wal: 0 });

  it.each(fieldNames)('a strange %s', (field) => {
    for (const value of strange) {
      const answer = parseStatus({ ...STATUS.primary33, [field]: value });
      expect(answer).not.toBeNull();
      if (field !== 'timeline') expect(answer?.timeline).toBe(3);
    }
  });

  it.each([[null], ['<html>'], [[1, 2]], [42], [undefined]])('%j is no answer at all', (value) => {
    expect(parseStatus(value)).toBeNull();
    expect(parseCluster(value)).toBeNull();
  });

  it('rows of a listing without a name are left out', () => {
    expect(
      parseCluster({ members: [null, 7, {}, { name: 5 }, { name: 'db1', timeline: 'x', lag: {}, tags: 'no' }] })
        ?.members,
    ).toMatchObject([{ name: 'db1', timeline: null, lag: null, tags: {} }]);
  });

  it('a state of no known version keeps its words', () => {
    expect(parseStatus({ ...STATUS.primary41, state: 'dreaming' })).toMatchObject({
      state: 'unknown',
      stateText: 'dreaming',
    });
  });
});

describe('GET /cluster', () => {
  it('of 3.0', () => {
    expect(parseCluster(CLUSTER.v30)).toMatchObject({
      paused: true,
      scope: null,
      scheduledSwitchover: { at: Date.parse('2026-06-01T03:00:00Z'), from: 'db1', to: null },
      members: [
        { name: 'db1', role: 'leader', lag: null },
        { name: 'db2', lag: 0 },
        { name: 'db3', role: 'sync_standby', lag: null, host: null },
      ],
    });
  });

  it('of 4.1', () => {
    expect(parseCluster(CLUSTER.v41)).toMatchObject({
      paused: false,
      scope: 'main',
      members: [
        { name: 'db1' },
        { role: 'quorum_standby', receiveLag: 0, replayLag: 96, replayLsn: 67108864, pendingRestart: true },
      ],
    });
  });
});

describe('keys of the DCS', () => {
  it('a member of 4.1', () => {
    const key = {
      conn_url: 'postgres://10.0.0.2:5433/postgres',
      api_url: 'http://10.0.0.2:8008/patroni',
      state: 'running',
      role: 'replica',
      version: '4.1.4',
      xlog_location: 100,
      receive_lsn: 110,
      replay_lsn: 100,
      replication_state: 'streaming',
      timeline: 3,
    };
    expect(parseMemberKey(JSON.stringify(key))).toMatchObject({
      host: '10.0.0.2',
      port: 5433,
      role: 'replica',
      location: 100,
      receiveLsn: 110,
      replayLsn: 100,
      timeline: 3,
    });
  });

  it.each([
    ['postgres://[fd00::1]:5432/postgres', 'fd00::1', 5432],
    ['postgres://db.example/postgres', 'db.example', 5432],
    ['nonsense', null, null],
  ])('the address %s', (connUrl, host, port) => {
    expect(parseMemberKey(JSON.stringify({ conn_url: connUrl }))).toMatchObject({ host, port });
  });

  it.each([['{"half":'], [''], ['[]'], ['"text"'], ['null']])(
    'a member key that is %j is a member of which nothing is known',
    (text) => {
      expect(parseMemberKey(text)).toMatchObject({ apiUrl: null, role: 'unknown', state: 'unknown' });
    },
  );

  it.each([
    ['{}', { request: null, scheduled: null }],
    ['', { request: null, scheduled: null }],
    ['{"leader":"db1","member":"db2"}', { request: { from: 'db1', to: 'db2' }, scheduled: null }],
    ['{"member":"db2"}', { request: { from: null, to: 'db2' }, scheduled: null }],
    [
      '{"leader":"db1","scheduled_at":"2026-06-01T03:00:00+00:00"}',
      { request: null, scheduled: { at: Date.parse('2026-06-01T03:00:00Z'), from: 'db1', to: null } },
    ],
    ['db1:db2', { request: { from: 'db1', to: 'db2' }, scheduled: null }],
    [':db2', { request: { from: null, to: 'db2' }, scheduled: null }],
  ])('the failover key %s', (text, expected) => {
    expect(parseFailoverKey(text)).toEqual(expected);
  });

  it.each([
    ['{"leader":"db1","sync_standby":"db2,db3","quorum":1}', { leader: 'db1', standbys: ['db2', 'db3'], quorum: 1 }],
    ['{"leader":null,"sync_standby":null}', { leader: null, standbys: [], quorum: null }],
    ['garbage', { leader: null, standbys: [], quorum: null }],
  ])('the sync key %s', (text, expected) => {
    expect(parseSyncKey(text)).toEqual(expected);
  });

  it.each([
    ['{"optime":123,"slots":{}}', 123],
    ['456', 456],
    ['x', null],
    ['{"optime":"0/10"}', 16],
  ])('the position %s', (text, expected) => {
    expect(parseOptime(text)).toBe(expected);
  });

  it('history rows of old and new versions', () => {
    expect(
      parseHistory([
        [1, 100, 'no recovery target specified'],
        [2, 200, 'reason', '2026-05-01T10:00:00.5+00:00', 'db2'],
        'x',
        [null],
      ]),
    ).toEqual([
      { timeline: 1, lsn: 100, reason: 'no recovery target specified', at: null, newLeader: null },
      { timeline: 2, lsn: 200, reason: 'reason', at: Date.parse('2026-05-01T10:00:00.500Z'), newLeader: 'db2' },
    ]);
  });

  it.each([
    ['{}', { ttl: 30, loopWait: 10, retryTimeout: 10, maximumLagOnFailover: 1048576, standbyCluster: false }],
    [
      '{"ttl":"20","loop_wait":5,"standby_cluster":{"host":"10.1.0.1"}}',
      { ttl: 20, loopWait: 5, standbyCluster: true },
    ],
    ['{"ttl":{},"standby_cluster":7}', { ttl: 30, standbyCluster: false }],
  ])('the configuration %s', (text, expected) => {
    expect(parseConfigKey(text)?.config).toMatchObject(expected);
  });

  it.each([
    [true, true],
    ['on', true],
    [false, false],
    ['off', false],
    [undefined, false],
  ])('failsafe_mode %j is %j', (value, on) => {
    expect(parseConfigKey(JSON.stringify({ failsafe_mode: value }))?.config.failsafeMode).toBe(on);
  });

  it.each([
    [true, 'on'],
    ['on', 'on'],
    ['quorum', 'quorum'],
    [false, 'off'],
    ['off', 'off'],
    [undefined, 'off'],
  ])('synchronous_mode %j', (value, mode) => {
    expect(parseConfigKey(JSON.stringify({ synchronous_mode: value }))?.syncMode).toBe(mode);
  });
});

describe('positions and times', () => {
  it.each([
    ['16/B374D848', 0x16 * 2 ** 32 + 0xb374d848],
    [67, 67],
    ['67', 67],
    ['0/zz', null],
    [null, null],
    [{}, null],
  ])('the position %j', (value, expected) => {
    expect(parseLsn(value)).toBe(expected);
  });

  it.each([
    ['2026-01-02 03:04:05.123456+00:00', '2026-01-02T03:04:05.123Z'],
    ['2026-01-02T03:04:05+0530', '2026-01-01T21:34:05Z'],
    ['2026-01-02 03:04:05+00', '2026-01-02T03:04:05Z'],
  ])('the time %s', (text, expected) => {
    expect(parseTime(text)).toBe(Date.parse(expected));
  });

  it.each([['tomorrow'], [5], [null], ['2026-99-99T00:00:00Z']])('%j is no time', (value) => {
    expect(parseTime(value)).toBeNull();
  });
});
