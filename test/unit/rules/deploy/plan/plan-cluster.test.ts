import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { DeployFacts, ServerFacts } from '../../../../../shared/model/deploy/facts';
import type { DeployPlan, FileResource } from '../../../../../shared/model/deploy/plan';
import type { ClusterSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { certificateDoors } from '../../../../../shared/rules/deploy/certificate-doors';
import { claims } from '../../../../../shared/rules/deploy/check/check-cluster';
import { checkPlan } from '../../../../../shared/rules/deploy/check/check-plan';
import { diffLines } from '../../../../../shared/rules/deploy/review/diff';
import { planCluster } from '../../../../../shared/rules/deploy/plan/plan-cluster';
import { planUndo } from '../../../../../shared/rules/deploy/plan/plan-undo';
import { planView } from '../../../../../shared/rules/deploy/review/plan-view';
import { printSpec, readSpec } from '../../../../../shared/rules/deploy/spec/spec-file';
import { bareFacts, bareServer, silentCluster, specOf } from '../../../../support/deploy/facts';

const secret = (name: string): string => `top-${name}-secret`;
const planOf = (spec: ClusterSpec, facts: DeployFacts = bareFacts(spec)): DeployPlan =>
  planCluster({ spec, facts, secret, postgresVersion: 17, token: 'run' });
const files = (plan: DeployPlan, server: string): readonly FileResource[] =>
  plan.steps.flatMap((step) => (step.server === server && step.resource.kind === 'file' ? [step.resource] : []));
const fileOf = (plan: DeployPlan, server: string, path: string): FileResource => {
  const found = files(plan, server).find((file) => file.path === path);
  if (found === undefined) throw new Error(`The plan has no ${path} on ${server}.`);
  return found;
};
const patroniSchema = z.looseObject({
  name: z.string(),
  scope: z.string(),
  etcd3: z.looseObject({ hosts: z.string() }),
  bootstrap: z.looseObject({ dcs: z.looseObject({ ttl: z.number() }) }),
});

describe('the plan of three bare servers', () => {
  const spec = specOf();
  const plan = planOf(spec);
  const place = new Map(plan.steps.map((step, index) => [step.id, index]));

  it('puts each step after all it depends on', () => {
    for (const step of plan.steps)
      for (const before of step.dependsOn) expect(place.get(before)).toBeLessThan(place.get(step.id) ?? -1);
  });
  it('starts the first member as soon as etcd has a majority, even while other servers still install', () => {
    const needed = new Set<string>();
    const collect = (id: string): void => {
      for (const before of plan.steps.find((step) => step.id === id)?.dependsOn ?? [])
        if (!needed.has(before)) {
          needed.add(before);
          collect(before);
        }
    };
    collect('cluster/leader');
    expect([...needed].filter((id) => id.startsWith('n2/') || id.startsWith('n3/'))).toEqual([]);
  });
  it('starts replicas of a new cluster only when no other member can bootstrap it', () => {
    expect(plan.steps.find((step) => step.id === 'n2/patroni')?.dependsOn).toContain('cluster/claim');
    expect(plan.steps.find((step) => step.id === 'cluster/claim')?.dependsOn).toEqual(['n1/patroni']);
  });
  it("starts a replica of a running cluster only when the leader's pg_hba lets it in", () => {
    const leading = {
      state: 'running',
      role: 'primary' as const,
      version: '4.0.7',
      scope: 'main',
      timeline: 1,
      systemIdentifier: '1',
      streaming: [],
    };
    const { steps } = planOf(spec, { ...bareFacts(spec), cluster: { ...silentCluster, patroni: { n1: leading } } });
    expect(steps.find((step) => step.id === 'n2/patroni')?.dependsOn).toEqual(
      expect.arrayContaining(['cluster/leader', 'cluster/config']),
    );
    expect(steps.some((step) => step.id === 'cluster/claim')).toBe(false);
  });
  it('writes the manifest before anything else on each server', () => {
    for (const server of spec.servers)
      expect(plan.steps.find((step) => step.server === server.name)?.resource.kind).toBe('manifest');
  });
  it('writes a Patroni file without the v2 section of etcd and without bootstrap.users', () => {
    const read = patroniSchema.parse(parse(fileOf(plan, 'n2', '/etc/patroni/config.yml').content, { version: '1.1' }));
    expect(read).toMatchObject({
      name: 'n2',
      scope: 'main',
      etcd3: { hosts: '10.0.0.11:2379,10.0.0.12:2379,10.0.0.13:2379' },
    });
    expect(Object.keys(read)).not.toContain('etcd');
    expect(Object.keys(read.bootstrap)).not.toContain('users');
  });
  it('writes slots, create_replica_methods and options of pg_basebackup as Patroni reads them', () => {
    const wanted = specOf({
      patroni: { slots: { reporting: { type: 'physical' } } },
      postgres: {
        basebackup: { checkpoint: 'fast', verbose: true },
        replicaMethods: [
          { name: 'from_backup', command: '/usr/local/bin/restore', withoutLeader: true },
          { name: 'basebackup' },
        ],
      },
    });
    expect(parse(fileOf(planOf(wanted), 'n2', '/etc/patroni/config.yml').content, { version: '1.1' })).toMatchObject({
      bootstrap: { dcs: { slots: { reporting: { type: 'physical' } } } },
      postgresql: {
        create_replica_methods: ['from_backup', 'basebackup'],
        from_backup: { command: '/usr/local/bin/restore', no_leader: true },
        basebackup: [{ checkpoint: 'fast' }, 'verbose'],
      },
    });
  });
  it('lets PgBouncer reconnect within a second of the new primary', () => {
    expect(fileOf(plan, 'n1', '/etc/pgbouncer/pgbouncer.ini').content).toContain('server_login_retry = 1');
  });
  it('lets replication and the rewind user in from every member', () => {
    const { content } = fileOf(plan, 'n1', '/etc/patroni/config.yml');
    for (const server of spec.servers) {
      expect(content).toContain(`host replication replicator ${server.address}/32 scram-sha-256`);
      expect(content).toContain(`host all postgres,rewind_user ${server.address}/32 scram-sha-256`);
    }
  });
  it('shows no secret in the review', () => {
    const facts = bareFacts(spec);
    const shown = JSON.stringify(
      planView(spec, plan, { verdicts: checkPlan(plan, facts), facts, problems: [], fingerprint: 'x' }),
    );
    expect(shown).toContain('/etc/patroni/config.yml');
    expect(shown).not.toMatch(/top-[a-z:]+-secret/);
  });
  it('makes files with secrets readable by their service alone', () => {
    for (const file of plan.steps.flatMap((step) =>
      step.resource.kind === 'file' && /top-[a-z]+-secret/.test(step.resource.content) ? [step.resource] : [],
    ))
      expect(file.mode).toBe(0o600);
  });
});

describe('a generated file', () => {
  it.each(['a"b', 'a\\b', "a'b", 'on', '1e5', '#x', 'ü: {y}'])(
    'gives Patroni the password exactly as it is: %s',
    (password) => {
      const plan = planCluster({
        spec: specOf(),
        facts: bareFacts(specOf()),
        secret: () => password,
        postgresVersion: 17,
        token: 'run',
      });
      const read = z
        .object({
          postgresql: z.object({ authentication: z.object({ superuser: z.object({ password: z.string() }) }) }),
        })
        .parse(parse(fileOf(plan, 'n1', '/etc/patroni/config.yml').content, { version: '1.1' }));
      expect(read.postgresql.authentication.superuser.password).toBe(password);
    },
  );
});

/** The server as it is when every file of the plan is in place and everything runs. */
function settledServer(plan: DeployPlan, server: string, address: string): ServerFacts {
  const steps = plan.steps.filter((step) => step.server === server).map((step) => step.resource);
  const paths: Record<string, ServerFacts['paths'][string]> = {};
  for (const step of steps) {
    if (step.kind === 'file')
      paths[step.path] = {
        kind: 'file',
        owner: step.owner,
        group: step.group,
        mode: step.mode,
        empty: false,
        content: step.content,
      };
    if (step.kind === 'directory')
      paths[step.path] = {
        kind: 'directory',
        owner: step.owner,
        group: step.group,
        mode: step.mode,
        empty: false,
        content: null,
      };
  }
  const units = Object.fromEntries(
    steps.flatMap((step) =>
      step.kind === 'unit'
        ? [
            [
              step.unit,
              {
                load: 'loaded',
                enabled: step.wanted === 'on' ? 'enabled' : 'disabled',
                active: step.wanted === 'on' ? 'active' : 'inactive',
                fresh: true,
              } as const,
            ],
          ]
        : [],
    ),
  );
  const packages = Object.fromEntries(
    steps.flatMap((step) => (step.kind === 'packages' ? step.packages.map((name) => [name, '1'] as const) : [])),
  );
  const manifest = steps.flatMap((step) => (step.kind === 'manifest' ? [step.manifest] : []))[0] ?? null;
  return bareServer(server, address, { paths, units, packages, manifest });
}

describe('the bootstrap of a cluster', () => {
  const saying = (state: string, scope = 'main'): Parameters<typeof claims>[0] => ({
    state,
    role: 'replica' as const,
    version: '4.0.7',
    scope,
    timeline: null,
    systemIdentifier: null,
    streaming: [],
  });

  it.each(['initializing new cluster', 'running custom bootstrap script', 'starting', 'running'])(
    'belongs to a member that reports "%s"',
    (state) => {
      expect(claims(saying(state), 'main')).toBe(true);
    },
  );
  it.each(['stopped', 'initdb failed', 'creating replica', 'start failed'])(
    'does not belong to a member that reports "%s"',
    (state) => {
      expect(claims(saying(state), 'main')).toBe(false);
    },
  );
  it('belongs to nobody in another scope, nor to a member that does not answer', () => {
    expect(claims(saying('running', 'other'), 'main')).toBe(false);
    expect(claims(null, 'main')).toBe(false);
  });
});

describe('the ports where a certificate is checked', () => {
  it('are every port of a service that has one, each with the step that made it', () => {
    const spec = specOf({ tls: 'on' });
    const doors = certificateDoors(spec, planOf(spec))
      .filter((door) => door.server === 'n2')
      .map((door) => `${door.step} ${door.label} ${door.address}:${door.port} ${door.start}`);
    expect(doors.sort()).toEqual([
      'n2/etcd-certificate etcd 10.0.0.12:2379 tls',
      'n2/patroni-certificate Patroni 10.0.0.12:8008 tls',
      'n2/patroni-certificate PostgreSQL 10.0.0.12:5432 postgres',
      'n2/pgbouncer-certificate PgBouncer 10.0.0.12:6432 postgres',
    ]);
  });
  it('are none without TLS', () => {
    expect(certificateDoors(specOf(), planOf(specOf()))).toEqual([]);
  });
});

describe('the HAProxy of a deployment', () => {
  const spec = specOf();
  const plan = planOf(spec);
  it('takes every member for down on each of its ports until the first health check', () => {
    const lines = fileOf(plan, 'n1', '/etc/haproxy/matriarch-unchecked.state').content.trimEnd().split('\n');
    expect(lines[0]).toBe('1');
    const count = lines[1]?.split(' ').length ?? 0;
    const servers = lines.slice(2).map((line) => line.split(' '));
    expect(servers.map((field) => `${field[1]} ${field[3]} ${field[4]} ${field[5]}`)).toEqual(
      ['primary', 'replicas'].flatMap((door) => ['1', '2', '3'].map((n) => `${door} n${n} 10.0.0.1${n} 0`)),
    );
    for (const field of servers) expect(field).toHaveLength(count - 1);
  });
  it('saves the state of its servers before each start and reload, where its configuration reads it', () => {
    const kept = /server-state-file (\S+)/.exec(fileOf(plan, 'n1', '/etc/haproxy/haproxy.cfg').content)?.[1] ?? 'none';
    const program = fileOf(plan, 'n1', '/etc/haproxy/matriarch-keep-servers');
    expect(program).toMatchObject({ mode: 0o755, content: expect.stringContaining(`'${kept}'`) as string });
    const dropIn = fileOf(plan, 'n1', '/etc/systemd/system/haproxy.service.d/10-matriarch.conf').content;
    expect(dropIn).toMatch(/^ExecStartPre=-\/etc\/haproxy\/matriarch-keep-servers$/m);
    expect(dropIn.indexOf('ExecReload=-/etc/haproxy/matriarch-keep-servers')).toBeLessThan(
      dropIn.indexOf('ExecReload=/bin/kill -USR2'),
    );
  });
});

describe('a repeated run', () => {
  const spec = specOf();
  const first = planOf(spec);
  const servers = Object.fromEntries(
    spec.servers.map((server) => [server.name, settledServer(first, server.name, server.address)]),
  );
  const running = { state: 'running', version: '4.0.7', scope: 'main', timeline: 1, systemIdentifier: '1' };
  const patroni = {
    n1: { ...running, role: 'primary' as const, streaming: ['n2', 'n3'] },
    n2: { ...running, role: 'replica' as const, streaming: [] },
    n3: { ...running, role: 'replica' as const, streaming: [] },
  };
  const config = {
    ttl: 30,
    loop_wait: 10,
    retry_timeout: 10,
    maximum_lag_on_failover: 1048576,
    postgresql: first.steps.flatMap((step) =>
      step.resource.kind === 'dynamic_config' ? [step.resource.config['postgresql']] : [],
    )[0],
  };
  const sql = {
    roles: {
      pgbouncer: { passwordMatches: true, options: ['login'] },
      postgres: { passwordMatches: true, options: ['login', 'superuser', 'replication', 'rewind'] },
      replicator: { passwordMatches: true, options: ['login', 'replication'] },
      rewind_user: { passwordMatches: true, options: ['login', 'rewind'] },
    },
    databases: {},
    poolerFunctionIn: ['postgres', 'template1'],
  };
  const facts: DeployFacts = {
    servers,
    cluster: { ...silentCluster, etcdHealthy: { n1: true, n2: true, n3: true }, patroni, config, sql },
    certificates: {},
    at: 1,
  };
  const acts = (given: DeployFacts): readonly string[] => {
    const plan = planOf(spec, given);
    const verdicts = checkPlan(plan, given);
    return plan.steps.filter((step) => verdicts.get(step.id)?.action !== 'none').map((step) => step.id);
  };
  const withServer = (change: Partial<ServerFacts>): DeployFacts => ({
    ...facts,
    servers: { ...servers, n2: { ...(servers['n2'] ?? bareServer('n2', '10.0.0.12')), ...change } },
  });

  it('has nothing to do', () => {
    expect(acts(facts)).toEqual([]);
  });
  it('rewrites a file changed by hand, reloads its unit and does nothing else', () => {
    const old = servers['n2']?.paths ?? {};
    const path = '/etc/haproxy/haproxy.cfg';
    const changed = withServer({
      paths: {
        ...old,
        [path]: { kind: 'file', owner: 'root', group: 'root', mode: 0o644, empty: false, content: 'mine' },
      },
    });
    expect(acts(changed)).toEqual(['n2/haproxy-config', 'n2/haproxy', 'cluster/verify']);
  });
  it('reloads the unit whose configuration was written just before the app died', () => {
    const units = servers['n2']?.units ?? {};
    expect(
      acts(
        withServer({
          units: {
            ...units,
            'pgbouncer.service': { load: 'loaded', enabled: 'enabled', active: 'active', fresh: false },
          },
        }),
      ),
    ).toEqual(['n2/pgbouncer', 'cluster/verify']);
  });
  it('waits for a replica that does not stream, although it reports running', () => {
    expect(
      acts({
        ...facts,
        cluster: { ...facts.cluster, patroni: { ...patroni, n1: { ...patroni.n1, streaming: ['n3'] } } },
      }),
    ).toContain('n2/replica');
  });
  it('creates a role that Patroni could not create because of a power cut', () => {
    const { replicator: _, ...roles } = sql.roles;
    expect(acts({ ...facts, cluster: { ...facts.cluster, sql: { ...sql, roles } } })).toEqual([
      'cluster/sql',
      'cluster/verify',
    ]);
  });
  it('refuses foreign data and never takes it over', () => {
    const paths = {
      '/var/lib/postgresql/17/main': {
        kind: 'directory',
        owner: 'postgres',
        group: 'postgres',
        mode: 0o700,
        empty: false,
        content: null,
      },
    } as const;
    const bare = bareFacts(spec, {
      servers: { ...bareFacts(spec).servers, n1: bareServer('n1', '10.0.0.11', { paths }) },
    });
    expect(checkPlan(planOf(spec, bare), bare).get('n1/postgres-data')?.action).toBe('refuse');
  });
  it('or an undo stops HAProxy and PgBouncer first, replicas before the leader, and etcd last', () => {
    const undo = planUndo({ spec, facts, keepData: false, changed: {} });
    const before = (id: string): readonly string[] => undo.steps.find((step) => step.id === id)?.dependsOn ?? [];
    expect(before('n1/undo-patroni')).toEqual(expect.arrayContaining(['n2/undo-patroni', 'n3/undo-patroni']));
    expect(before('n2/undo-etcd')).toContain('n1/undo-patroni');
  });
  it('or an undo removes only its own scope from an external etcd, after the members and before the manifests', () => {
    const external = { ...spec, etcd: { ...spec.etcd, external: ['10.0.9.1:2379'] } };
    const said = (id: string, keepData = false) =>
      planUndo({
        spec: external,
        keepData,
        changed: {},
        facts: {
          ...facts,
          cluster: {
            ...facts.cluster,
            initialize: '77',
            patroni: Object.fromEntries(
              Object.entries(patroni).map(([name, member]) => [name, { ...member, systemIdentifier: id }]),
            ),
          },
        },
      }).steps;
    const forget = said('77').find((step) => step.id === 'cluster/undo-scope');
    expect(forget?.resource).toMatchObject({
      prefix: '/service/main/',
      initialize: '77',
      members: ['n1', 'n2', 'n3'],
      via: [{ server: 'n1', address: '10.0.9.1', port: 2379 }],
    });
    expect(forget?.dependsOn).toEqual(['n1/undo-patroni', 'n2/undo-patroni', 'n3/undo-patroni']);
    expect(said('77').find((step) => step.id === 'n2/undo-remove')?.dependsOn).toContain('cluster/undo-scope');
    expect([...said('78'), ...said('77', true)].some((step) => step.id === 'cluster/undo-scope')).toBe(false);
  });
  it('or an undo leaves servers alone where nothing was made', () => {
    expect(planUndo({ spec, facts: bareFacts(spec), keepData: false, changed: {} }).steps).toEqual([]);
  });
});

describe('the cluster file', () => {
  it('is read back as it was written', () => {
    const spec = specOf({ users: [{ name: 'app' }], tls: 'on', patroni: { ttl: 60 } });
    expect(readSpec(printSpec(spec)).spec).toEqual(spec);
  });
  it('leaves out what has its default', () => {
    expect(printSpec(specOf())).not.toContain('haproxy:\n');
  });
  it.each([
    ['version: 1\nscope: [', 'file_unreadable'],
    ['version: 2', 'form'],
    ['just text', 'form'],
    ['a: 1\na: 2', 'file_unreadable'],
    ['version: 1\nscope: x\nservers: []\npassword: x', 'form'],
  ])('is refused with the place and the reason when it is %j', (text, code) => {
    const read = readSpec(text);
    expect(read.spec).toBeNull();
    expect(read.problems.map((problem) => problem.code)).toContain(code);
  });
});

describe('the diff of a file', () => {
  it('shows removed and added lines', () => {
    expect(diffLines('a\nb\nc\n', 'a\nx\nc\n', 'a\nx\nc\n').map((line) => `${line.kind[0] ?? ''}${line.text}`)).toEqual(
      ['sa', 'rb', 'ax', 'sc'],
    );
  });
  it('hides passwords of a file found on a server', () => {
    expect(
      diffLines('password: hunter2\n', '', '')
        .map((line) => line.text)
        .join(),
    ).not.toContain('hunter2');
  });
});
