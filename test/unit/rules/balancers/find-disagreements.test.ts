import { describe, expect, it } from 'vitest';
import type {
  BalancerHost,
  HaproxyServer,
  HaproxyStatus,
  HealthAnswer,
  PgbouncerPool,
  PgbouncerView,
} from '../../../../shared/model/balancers/balancers';
import {
  findDisagreements,
  leadsToMembers,
  memberBehind,
  membersBehind,
} from '../../../../shared/rules/balancers/find-disagreements';
import { healthPathOf } from '../../../../shared/rules/balancers/health-paths';

const members = [1, 2, 3].map((number) => ({
  name: `db${number}`,
  apiUrl: `http://10.0.0.${number}:8008/patroni`,
  host: `10.0.0.${number}`,
  port: 5432,
}));

const server = (number: number, status: HaproxyStatus): HaproxyServer => ({
  name: `s${number}`,
  address: `10.0.0.${number}:5432`,
  checkAddress: `10.0.0.${number}:8008`,
  status,
  check: 'L7OK/200',
  sinceSeconds: 60,
  sessions: 0,
  queued: 0,
});

const haproxy = (...statuses: readonly HaproxyStatus[]): BalancerHost => ({
  server: 'lb1',
  error: null,
  pgbouncer: null,
  vip: null,
  haproxy: {
    running: true,
    file: '/etc/haproxy/haproxy.cfg',
    problem: null,
    sections: [
      {
        name: 'primary',
        ports: [5000],
        check: '/primary',
        servers: statuses.map((status, at) => server(at + 1, status)),
      },
    ],
  },
});

/** What each of the members answers on /primary. */
const answers = (...statuses: readonly (number | null)[]): readonly HealthAnswer[] =>
  statuses.map((status, at) => ({ member: `db${at + 1}`, path: '/primary', status }));

const found = (host: BalancerHost, said: readonly HealthAnswer[]): readonly string[] =>
  findDisagreements([host], members, said).map(({ severity, sentence }) => `${severity}: ${sentence}`);

describe('a load balancer that sees what the cluster says', () => {
  it.each<[string, BalancerHost, readonly HealthAnswer[]]>([
    ['and sends writes to the primary alone', haproxy('up', 'down', 'down'), answers(200, 503, 503)],
    ['and counts a check that is not decided yet', haproxy('going_down', 'coming_up', 'down'), answers(503, 200, 503)],
    ['of a cluster without a primary', haproxy('down', 'down', 'down'), answers(503, 503, 503)],
    ['and a member that does not answer this app', haproxy('up', 'down', 'down'), answers(null, null, null)],
    ['and has a member in maintenance', haproxy('up', 'maintenance', 'down'), answers(200, 503, 503)],
  ])('is no finding: %s', (_name, host, said) => {
    expect(found(host, said)).toEqual([]);
  });
});

describe('a load balancer that disagrees is named', () => {
  it.each<[string, BalancerHost, readonly HealthAnswer[], readonly string[]]>([
    [
      'when nobody gets through though there is a primary',
      haproxy('down', 'down', 'down'),
      answers(503, 200, 503),
      ['critical: Nobody gets through port 5000 of HAProxy on lb1, though Patroni says that db2 would answer.'],
    ],
    [
      'when writes go to two',
      haproxy('up', 'up', 'down'),
      answers(200, 503, 503),
      [
        'critical: Connections to port 5000 of HAProxy on lb1 go to s1 and s2: only one of them can be the primary.',
        'critical: port 5000 of HAProxy on lb1 sends connections to db2, though db2 answers 503 on /primary.',
      ],
    ],
    [
      'when a member is not listed',
      haproxy('up', 'down'),
      answers(200, 503, 503),
      ['warning: db3 is not listed in port 5000 of HAProxy on lb1.'],
    ],
    [
      'when a server has no check and gets connections all the same',
      haproxy('up', 'not_checked', 'down'),
      answers(200, 503, 503),
      [
        'critical: Connections to port 5000 of HAProxy on lb1 go to s1 and s2: only one of them can be the primary.',
        'critical: port 5000 of HAProxy on lb1 sends connections to db2, though db2 answers 503 on /primary.',
      ],
    ],
    [
      'when a server is no member',
      haproxy('up', 'down', 'down', 'down'),
      answers(200, 503, 503),
      ['warning: s4 in port 5000 of HAProxy on lb1 is no member of this cluster.'],
    ],
    [
      'when it does not run',
      {
        server: 'lb1',
        error: null,
        pgbouncer: null,
        vip: null,
        haproxy: { running: false, file: '/etc/haproxy/haproxy.cfg', problem: null, sections: [] },
      },
      answers(200, 503, 503),
      ['warning: HAProxy is installed on lb1 but does not run.'],
    ],
  ])('%s', (_name, host, said, sentences) => {
    expect(found(host, said)).toEqual(sentences);
  });
});

describe('PgBouncer', () => {
  const pool = (changes: Partial<PgbouncerPool>): PgbouncerPool => ({
    database: 'app',
    user: 'web',
    clientsActive: 1,
    clientsWaiting: 0,
    serversActive: 1,
    serversIdle: 0,
    longestWaitMs: 0,
    mode: 'transaction',
    ...changes,
  });
  const host = (view: Partial<PgbouncerView>): BalancerHost => ({
    server: 'lb1',
    error: null,
    haproxy: null,
    vip: null,
    pgbouncer: { running: true, version: '1.24.1', port: 6432, problem: null, pools: [], databases: [], ...view },
  });
  it.each<[string, Partial<PgbouncerView>, number]>([
    [
      'whose clients wait for longer than a second is a finding',
      { pools: [pool({ clientsWaiting: 2, longestWaitMs: 1500 })] },
      1,
    ],
    ['whose clients wait for a moment is none', { pools: [pool({ clientsWaiting: 2, longestWaitMs: 40 })] }, 0],
    [
      'with a paused database is a finding',
      {
        databases: [
          {
            name: 'app',
            target: null,
            paused: true,
            disabled: false,
            transactionsPerSecond: null,
            transactionMicroseconds: null,
          },
        ],
      },
      1,
    ],
    ['that does not run is a finding', { running: false }, 1],
    ['at work is none', { pools: [pool({})] }, 0],
  ])('%s', (_name, view, count) => {
    expect(findDisagreements([host(view)], members, [])).toHaveLength(count);
  });
});

describe('a server of HAProxy is known as a member', () => {
  const named = { ...server(1, 'up'), name: 'db3', address: null, checkAddress: null };
  it.each([
    ['by where it is checked', { ...server(2, 'up'), address: 'pooler:6432' }, 'db2'],
    ['by where connections go', { ...server(3, 'up'), checkAddress: null }, 'db3'],
    ['by its name where HAProxy says nothing else', named, 'db3'],
    ['and not by a name that says something else than its address', { ...server(9, 'up'), name: 'db1' }, null],
  ])('%s', (_name, one, member) => {
    expect(memberBehind(one, members)).toBe(member);
  });
});

describe("a check's path", () => {
  it.each([
    ['/', '/primary'],
    ['/master', '/primary'],
    ['/read-write/', '/primary'],
    ['/replica?lag=1MB&tag_site=a', '/replica?lag=1MB&tag_site=a'],
    ['/synchronous', '/sync'],
    ['/index.html', null],
    ['/constructor', null],
  ])('%s asks Patroni for %s', (uri, path) => {
    expect(healthPathOf(uri)).toBe(path);
  });
});

describe('a load balancer that serves several clusters', () => {
  const foreign = { ...server(1, 'down'), name: 'x1', address: '10.9.9.1:5432', checkAddress: '10.9.9.1:8008' };
  const section = { name: 'other', ports: [6000], check: '/primary', servers: [foreign] };
  const shared = haproxy('up', 'down', 'down');
  const both: BalancerHost = {
    ...shared,
    haproxy: shared.haproxy === null ? null : { ...shared.haproxy, sections: [...shared.haproxy.sections, section] },
  };

  it('is not blamed for the sections of another cluster', () => {
    expect(leadsToMembers(section, members)).toBe(false);
    expect(found(both, answers(200, 503, 503))).toEqual([]);
  });

  it('leads to the members that its servers are, by HAProxy or by the targets of PgBouncer', () => {
    expect(membersBehind(both, members)).toEqual(['db1', 'db2', 'db3']);
    const database = { name: 'app', target: '10.0.0.2:5432', paused: false, disabled: false };
    const pgbouncer: PgbouncerView = {
      running: true,
      version: null,
      port: 6432,
      problem: null,
      pools: [],
      databases: [{ ...database, transactionsPerSecond: null, transactionMicroseconds: null }],
    };
    expect(membersBehind({ server: 'lb2', error: null, haproxy: null, pgbouncer, vip: null }, members)).toEqual([
      'db2',
    ]);
  });
});
