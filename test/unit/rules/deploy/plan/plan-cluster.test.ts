import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { DeployFacts } from '../../../../../shared/model/deploy/facts';
import type { DeployPlan, FileResource } from '../../../../../shared/model/deploy/plan';
import type { ClusterSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { certificatePorts } from '../../../../../shared/rules/deploy/certificate-ports';
import { claims } from '../../../../../shared/rules/deploy/check/check-cluster';
import { checkPlan } from '../../../../../shared/rules/deploy/check/check-plan';
import { planCluster } from '../../../../../shared/rules/deploy/plan/plan-cluster';
import { planView } from '../../../../../shared/rules/deploy/review/plan-view';
import { bareFacts, silentCluster, specFixture } from '../../../../support/deploy/facts';

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

describe('the review of a plan', () => {
  it('shows for each step that waits for Patroni what is asked of which member', () => {
    const spec = specFixture();
    const facts = bareFacts(spec);
    const plan = planOf(spec, facts);
    const view = planView(spec, plan, { verdicts: checkPlan(plan, facts), facts, problems: [], fingerprint: 'x' });
    const commands = (kind: string) =>
      view.servers.flatMap(({ steps }) => steps.filter((step) => step.kind === kind).flatMap((step) => step.commands));
    expect(new Set(commands('leader'))).toEqual(new Set(['GET 10.0.0.11:8008/patroni']));
    expect(commands('replica').sort()).toEqual(['GET 10.0.0.12:8008/patroni', 'GET 10.0.0.13:8008/patroni']);
    for (const command of commands('dynamic_config')) expect(command).toMatch(/^PATCH \/config of the leader: /);
  });
});

describe('the plan of three bare servers', () => {
  const spec = specFixture();
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
      dcsLastSeen: null,
      systemIdentifier: '1',
      streaming: [],
    };
    const { steps } = planOf(spec, { ...bareFacts(spec), cluster: { ...silentCluster, patroni: { n1: leading } } });
    expect(steps.find((step) => step.id === 'n2/patroni')?.dependsOn).toEqual(
      expect.arrayContaining(['cluster/leader', 'cluster/config']),
    );
    expect(steps.some((step) => step.id === 'cluster/claim')).toBe(false);
  });
  it('restarts a member of a living etcd only after the leader has read etcd since the restart before', () => {
    const living = { ...silentCluster, etcdHealthy: { n1: true, n2: true, n3: true } };
    const { steps } = planOf(spec, { ...bareFacts(spec), cluster: living });
    const before = (id: string): readonly string[] => steps.find((step) => step.id === id)?.dependsOn ?? [];
    expect(before('n2/etcd')).toContain('n1/etcd-contact');
    expect(before('n3/etcd')).toContain('n2/etcd-contact');
    expect(before('n1/etcd-contact')).toEqual(['n1/etcd']);
    expect(plan.steps.some((step) => step.resource.kind === 'dcs_contact')).toBe(false);
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
    const wanted = specFixture({
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
        spec: specFixture(),
        facts: bareFacts(specFixture()),
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

describe('the bootstrap of a cluster', () => {
  const saying = (state: string, scope = 'main'): Parameters<typeof claims>[0] => ({
    state,
    role: 'replica' as const,
    version: '4.0.7',
    scope,
    timeline: null,
    dcsLastSeen: null,
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
    const spec = specFixture({ tls: 'on' });
    const ports = certificatePorts(spec, planOf(spec))
      .filter((port) => port.server === 'n2')
      .map((port) => `${port.step} ${port.label} ${port.address}:${port.port} ${port.start}`);
    expect(ports.sort()).toEqual([
      'n2/etcd-certificate etcd 10.0.0.12:2379 tls',
      'n2/patroni-certificate Patroni 10.0.0.12:8008 tls',
      'n2/patroni-certificate PostgreSQL 10.0.0.12:5432 postgres',
      'n2/pgbouncer-certificate PgBouncer 10.0.0.12:6432 postgres',
    ]);
  });
  it('are none without TLS', () => {
    expect(certificatePorts(specFixture(), planOf(specFixture()))).toEqual([]);
  });
});

describe('the HAProxy of a deployment', () => {
  const spec = specFixture();
  const plan = planOf(spec);
  it('takes every member for down on each of its ports until the first health check', () => {
    const lines = fileOf(plan, 'n1', '/etc/haproxy/matriarch-unchecked.state').content.trimEnd().split('\n');
    expect(lines[0]).toBe('1');
    const count = lines[1]?.split(' ').length ?? 0;
    const servers = lines.slice(2).map((line) => line.split(' '));
    expect(servers.map((field) => `${field[1]} ${field[3]} ${field[4]} ${field[5]}`)).toEqual(
      ['primary', 'replicas'].flatMap((section) => ['1', '2', '3'].map((n) => `${section} n${n} 10.0.0.1${n} 0`)),
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
