import { describe, expect, it } from 'vitest';
import type { ServiceName, ServiceStatus } from '../../../../../shared/model/operate/service';
import { checkPlan } from '../../../../../shared/rules/deploy/check/check-plan';
import { adoptSpec, adoptedSecrets } from '../../../../../shared/rules/deploy/day2/adopt-spec';
import { validateSpec } from '../../../../../shared/rules/deploy/spec/validate-spec';
import { planCluster } from '../../../../../shared/rules/deploy/plan/plan-cluster';
import { facts, found, input, serverFixture } from './fixtures';

const config = (address: string) => ({
  scope: 'shop',
  name: 'n1',
  etcd3: { hosts: ['10.0.0.7:2379', '10.0.0.8:2379'] },
  restapi: { connect_address: `${address}:8009`, authentication: { username: 'api', password: 'rest-word' } },
  postgresql: {
    connect_address: `${address}:5433`,
    data_dir: '/srv/postgres/17/main',
    bin_dir: '/usr/lib/postgresql/17/bin',
    authentication: {
      superuser: { username: 'root_user', password: 'super-word' },
      replication: { username: 'repl', password: 'repl-word' },
    },
  },
});
const dynamic = {
  ttl: 25,
  loop_wait: 5,
  retry_timeout: 10,
  postgresql: { parameters: { max_connections: 300 }, pg_hba: ['local all all peer', 'host all all 10.0.0.0/24 md5'] },
};
const running = (name: ServiceName): ServiceStatus => ({
  name,
  unit: null,
  state: 'running',
  since: null,
  enabled: true,
});
const services = [running('patroni'), running('postgresql')];
const cluster = {
  id: 'shop-id',
  scope: 'shop',
  namespace: '/service/',
  citusGroup: null,
  title: 'Shop',
  unreached: [],
  dynamic,
  members: [
    { name: 'n1', serverId: 'id-1', config: config('10.0.0.1'), services },
    { name: 'n2', serverId: 'id-2', config: config('10.0.0.2'), services },
  ],
};

/** What there is: n1 leads, n2 streams, and the dynamic configuration is as it was found. */
function living(names: readonly string[]) {
  const about = facts(
    names.map((name) => found(name)),
    null,
    'n1',
  );
  const member = {
    state: 'running',
    version: '4.0.7',
    scope: 'shop',
    timeline: 1,
    dcsLastSeen: null,
    systemIdentifier: '1',
  };
  return {
    ...about,
    cluster: {
      ...about.cluster,
      config: dynamic,
      patroni: {
        n1: { ...member, role: 'primary' as const, streaming: ['n2'] },
        n2: { ...member, role: 'replica' as const, streaming: [] },
      },
    },
  };
}

describe('a cluster set up by others', () => {
  it('is described as it is, in a spec that is valid', () => {
    const { spec, works } = adoptSpec(cluster);
    expect(spec).toMatchObject({
      scope: 'shop',
      adopted: ['n1', 'n2'],
      etcd: { external: ['10.0.0.7:2379', '10.0.0.8:2379'] },
      postgres: { version: 17, port: 5433, dataDirectory: '/srv/postgres/17/main' },
      patroni: { restPort: 8009, ttl: 25, loopWait: 5, restUser: 'api' },
      accounts: { superuser: 'root_user', replication: 'repl' },
    });
    expect(validateSpec(spec).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(works.find(({ change }) => change === 'add_server')).toMatchObject({ works: true });
  });

  it.each([
    ['one text', { hosts: '10.0.0.7:2379, 10.0.0.8' }, ['10.0.0.7:2379', '10.0.0.8:2379']],
    [
      'a list whose port is named once',
      { hosts: ['10.0.0.7', '10.0.0.8'], port: 4001 },
      ['10.0.0.7:4001', '10.0.0.8:4001'],
    ],
    ['a URL', { url: 'https://etcd.example:2379', hosts: ['10.0.0.7:2379'] }, ['etcd.example:2379']],
    ['IPv6 without brackets', { hosts: ['fd00::7:2379'] }, ['[fd00::7]:2379']],
  ])('keeps the etcd that Patroni is told by %s', (_how, etcd3, external) => {
    const members = cluster.members.map((member) => ({ ...member, config: { ...config('10.0.0.1'), etcd3 } }));
    expect(adoptSpec({ ...cluster, members }).spec.etcd.external).toEqual(external);
  });

  it.each([
    ['10.0.0.1:5433', '10.0.0.1', 5433],
    ['[fd00::1]:5433', 'fd00::1', 5433],
    ['fd00::1:5433', 'fd00::1', 5433],
    ['db1.example', 'db1.example', 5432],
  ])('has the address and the port of connect_address %s', (written, address, port) => {
    const own = config('10.0.0.1');
    const changed = { ...own, postgresql: { ...own.postgresql, connect_address: written } };
    const { spec } = adoptSpec({ ...cluster, members: [{ name: 'n1', serverId: 'id-1', config: changed, services }] });
    expect([spec.servers[0]?.address, spec.postgres.port]).toEqual([address, port]);
  });

  it('has the port that PostgreSQL listens on at several addresses', () => {
    const own = config('10.0.0.1');
    const { connect_address: _none, ...rest } = own.postgresql;
    const changed = { ...own, postgresql: { ...rest, listen: '127.0.0.1,::1:5434' } };
    const { spec } = adoptSpec({ ...cluster, members: [{ name: 'n1', serverId: 'id-1', config: changed, services }] });
    expect(spec.postgres.port).toBe(5434);
  });

  it('shows no drift, and nothing of it would be touched', () => {
    const about = living(['n1', 'n2']);
    const plan = planCluster(input(adoptSpec(cluster).spec, about));
    const verdicts = checkPlan(plan, about);
    expect(plan.steps.filter((step) => verdicts.get(step.id)?.action !== 'none').map(({ id }) => id)).toEqual([]);
    expect(plan.steps.map(({ resource }) => resource.kind)).not.toContain('file');
  });

  it('gets a new member with no change to its other files but added pg_hba lines', () => {
    const { spec } = adoptSpec(cluster);
    const about = living(['n1', 'n2', 'n3']);
    const plan = planCluster(input({ ...spec, servers: [...spec.servers, serverFixture('n3', ['postgres'])] }, about));
    expect(
      new Set(
        plan.steps
          .filter(({ resource }) => ['file', 'unit', 'packages', 'directory'].includes(resource.kind))
          .map((step) => step.server),
      ),
    ).toEqual(new Set(['n3']));
    const access = plan.steps.find(({ resource }) => resource.kind === 'dynamic_config')?.resource;
    expect(access?.kind === 'dynamic_config' ? access.config['postgresql'] : null).toEqual({
      pg_hba: [
        'host replication repl 10.0.0.3/32 scram-sha-256',
        'host all root_user 10.0.0.3/32 scram-sha-256',
        'local all all peer',
        'host all all 10.0.0.0/24 md5',
      ],
    });
  });

  it('explains why no replica can be added where a copy of the data alone would not start', () => {
    const outside = {
      ...config('10.0.0.1'),
      postgresql: { ...config('10.0.0.1').postgresql, config_dir: '/etc/postgresql/17/main' },
    };
    const { works } = adoptSpec({ ...cluster, members: [{ name: 'n1', serverId: 'id-1', config: outside, services }] });
    expect(works.find(({ change }) => change === 'add_server')).toMatchObject({
      works: false,
      sentence: expect.stringContaining('config_dir'),
    });
  });

  it('explains why no replica can be added where it would need certificates of another CA', () => {
    const guarded = {
      ...cluster,
      members: [
        {
          name: 'n1',
          serverId: 'id-1',
          config: { ...config('10.0.0.1'), etcd3: { hosts: '10.0.0.7:2379', cacert: '/etc/ca.crt' } },
          services,
        },
      ],
    };
    expect(adoptSpec(guarded).works.find(({ change }) => change === 'add_server')).toMatchObject({ works: false });
  });

  it.each([
    ['a URL of https', { url: 'https://etcd.example:2379' }],
    ['a login in its URL', { url: 'http://u:p@etcd.example:2379' }],
  ])('explains why no replica can be added where etcd is reached by %s', (_how, etcd3) => {
    const members = [{ name: 'n1', serverId: 'id-1', config: { ...config('10.0.0.1'), etcd3 }, services }];
    const { works } = adoptSpec({ ...cluster, members });
    expect(works.find(({ change }) => change === 'add_server')).toMatchObject({ works: false });
  });

  const beside = (...names: ServiceName[]) => ({
    ...cluster,
    members: cluster.members.map((member) => ({ ...member, services: [...services, ...names.map(running)] })),
  });

  it('is said to have the services that were found on its members, and to lack the others, by name', () => {
    const { found, notes } = adoptSpec(beside('etcd', 'pgbouncer'));
    expect(Object.fromEntries(found.map(({ service, on }) => [service, on]))).toEqual({
      patroni: ['n1', 'n2'],
      postgresql: ['n1', 'n2'],
      etcd: ['n1', 'n2'],
      haproxy: [],
      pgbouncer: ['n1', 'n2'],
    });
    expect(notes.join(' ')).toContain('PgBouncer on n1, n2 is kept as it is');
    expect(notes.join(' ')).not.toContain('HAProxy');
  });

  it('says where its etcd runs: on these servers, or on others', () => {
    const etcd = (described: ReturnType<typeof adoptSpec>) =>
      described.works.find(({ change }) => change === 'replace_etcd')?.sentence;
    expect(etcd(adoptSpec(beside('etcd')))).toContain('etcd runs on n1, n2');
    expect(etcd(adoptSpec(cluster))).toContain('etcd runs on other servers than the members');
  });

  it('says where a removed replica must be taken out of HAProxy', () => {
    const removal = (described: ReturnType<typeof adoptSpec>) =>
      described.works.find(({ change }) => change === 'remove_server')?.sentence;
    expect(removal(adoptSpec(beside('haproxy')))).toContain('HAProxy on n1, n2');
    expect(removal(adoptSpec(cluster))).toContain('No HAProxy was found on the members');
  });

  it('names a member whose services could not be read', () => {
    const members = cluster.members.map((member, index) => (index === 0 ? member : { ...member, services: null }));
    expect(adoptSpec({ ...cluster, members }).notes).toEqual(['Which services run on n2 could not be read.']);
  });

  it('gives its passwords to the vault and to no file', () => {
    expect(Object.fromEntries(adoptedSecrets(config('10.0.0.1')))).toEqual({
      superuser: 'super-word',
      replication: 'repl-word',
      rewind: 'super-word',
      rest: 'rest-word',
    });
    expect(JSON.stringify(adoptSpec(cluster))).not.toContain('-word');
  });
});
