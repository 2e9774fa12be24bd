import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { DeployFacts, ServerFacts, VipFacts } from '../../../../shared/model/deploy/facts';
import type { DeployPlan, FileResource } from '../../../../shared/model/deploy/plan';
import type { ClusterSpec, ClusterSpecInput } from '../../../../shared/model/deploy/spec/cluster-spec';
import { changedSpec } from '../../../../shared/rules/deploy/day2/changed-spec';
import { poolerTarget } from '../../../../shared/rules/deploy/files/pgbouncer';
import { sameNetwork } from '../../../../shared/rules/deploy/network';
import { connectionStrings } from '../../../../shared/rules/deploy/review/outcome';
import { planCluster } from '../../../../shared/rules/deploy/plan/plan-cluster';
import { planUndo } from '../../../../shared/rules/deploy/plan/plan-undo';
import { preflight } from '../../../../shared/rules/deploy/preflight/preflight';
import { validateSpec } from '../../../../shared/rules/deploy/spec/validate-spec';
import { bareFacts, bareServer, silentCluster, specFixture } from '../../../support/deploy/facts';

type Vip = NonNullable<ClusterSpecInput['vip']>;
const address = '10.0.0.100';
const planOf = (
  spec: ClusterSpec,
  facts: DeployFacts = bareFacts(spec),
  more: Partial<Parameters<typeof planCluster>[0]> = {},
): DeployPlan => planCluster({ spec, facts, secret: () => 'x', postgresVersion: 17, token: 'run', ...more });
const fileOf = (plan: DeployPlan, server: string, path: string): FileResource => {
  const found = plan.steps.flatMap((step) =>
    step.server === server && step.resource.kind === 'file' && step.resource.path === path ? [step.resource] : [],
  )[0];
  if (found === undefined) throw new Error(`The plan has no ${path} on ${server}.`);
  return found;
};
const units = (plan: DeployPlan, server: string): readonly string[] =>
  plan.steps.flatMap((step) =>
    step.server === server && step.resource.kind === 'unit' ? [`${step.resource.unit} ${step.resource.wanted}`] : [],
  );
const packages = (plan: DeployPlan, server: string): readonly string[] =>
  plan.steps.flatMap((step) =>
    step.server === server && step.resource.kind === 'packages' ? step.resource.packages : [],
  );
const config = '/etc/keepalived/keepalived.conf';

describe('vip-manager in a running cluster', () => {
  const spec = specFixture({ vip: { address, follows: 'primary', manager: 'vip-manager' } });
  const afterEtcd = (facts: DeployFacts): boolean =>
    planOf(spec, facts)
      .steps.find((step) => step.id === 'n1/vip')
      ?.dependsOn.includes('n3/etcd') ?? false;
  it('restarts only after all etcd members: it holds no address until etcd answers', () => {
    const bare = bareFacts(spec);
    expect(afterEtcd({ ...bare, cluster: { ...silentCluster, etcdHealthy: { n1: true, n2: true, n3: true } } })).toBe(
      true,
    );
    expect(afterEtcd(bare)).toBe(false);
  });
});

describe('a virtual address that follows HAProxy', () => {
  const spec = specFixture({ vip: { address } });
  const plan = planOf(spec);
  it('is held by keepalived on every server with HAProxy, on the interface with its own address', () => {
    for (const server of spec.servers) {
      expect(packages(plan, server.name)).toContain('keepalived');
      expect(fileOf(plan, server.name, config).content).toContain(`${address}/24 dev eth0`);
    }
  });
  it('is announced to the others by unicast, each server with its own priority', () => {
    const texts = spec.servers.map((server) => fileOf(plan, server.name, config).content);
    expect(texts[1]).toContain('unicast_src_ip 10.0.0.12\n  unicast_peer {\n    10.0.0.11\n    10.0.0.13\n  }');
    expect(texts.map((text) => /priority (\d+)/.exec(text)?.[1])).toEqual(['100', '99', '98']);
  });
  it('is checked by a script that only root can change, once HAProxy is configured to answer it', () => {
    expect(fileOf(plan, 'n1', '/etc/keepalived/matriarch-alive')).toMatchObject({
      owner: 'root',
      group: 'root',
      mode: 0o755,
    });
    expect(fileOf(plan, 'n1', '/etc/haproxy/haproxy.cfg').content).toContain('monitor-uri /alive');
    expect(plan.steps.find((step) => step.id === 'n1/vip')?.dependsOn).toContain('n1/haproxy');
  });
  it('never stays behind when its unit stops', () => {
    expect(fileOf(plan, 'n1', '/etc/systemd/system/keepalived.service.d/10-matriarch.conf').content).toContain(
      `ExecStopPost=-ip address delete ${address}/24 dev eth0`,
    );
  });
  it('is in the connection strings and is checked to let applications in', () => {
    expect(
      connectionStrings(spec)
        .filter((one) => one.text.includes(address))
        .map((one) => one.text),
    ).toEqual([
      `postgresql://USER@${address}:6432/postgres`,
      `postgresql://USER@${address}:5000/postgres`,
      `postgresql://USER@${address}:5001/postgres`,
    ]);
    expect(
      plan.steps.flatMap((step) => (step.resource.kind === 'verify' ? step.resource.entryPoints : [])).at(-1),
    ).toMatchObject({ address, port: 5000 });
  });
  it('does not lead to PgBouncer unless every server that may hold it runs one', () => {
    const servers = spec.servers.map((server) =>
      server.name === 'n3' ? { ...server, roles: server.roles.filter((role) => role !== 'pgbouncer') } : server,
    );
    expect(connectionStrings({ ...spec, servers }).find((one) => one.label.includes('pooled'))?.text).toBe(
      'postgresql://USER@10.0.0.11:6432,10.0.0.12:6432/postgres',
    );
  });
  it("leaves HAProxy's file as it is where there is no such address", () => {
    expect(fileOf(planOf(specFixture()), 'n1', '/etc/haproxy/haproxy.cfg').content).not.toContain('monitor-uri');
  });
});

describe('a virtual address that follows the primary', () => {
  const etcd3 = { address, follows: 'primary', manager: 'vip-manager' } as const;
  it("is held by vip-manager, which reads Patroni's leader key", () => {
    const file = fileOf(planOf(specFixture({ vip: etcd3 })), 'n2', '/etc/default/vip-manager.yml');
    expect(file.mode).toBe(0o600);
    expect(parse(file.content)).toMatchObject({
      ip: address,
      netmask: 24,
      interface: 'eth0',
      'trigger-key': '/service/main/leader',
      'trigger-value': 'n2',
      'dcs-type': 'etcd',
      'dcs-endpoints': ['http://10.0.0.11:2379', 'http://10.0.0.12:2379', 'http://10.0.0.13:2379'],
    });
  });
  it("is held by vip-manager with the server's certificate where etcd asks for one, restarted when it changes", () => {
    const plan = planOf(specFixture({ vip: etcd3, tls: 'on' }));
    expect(parse(fileOf(plan, 'n1', '/etc/default/vip-manager.yml').content)).toMatchObject({
      'dcs-endpoints': expect.arrayContaining(['https://10.0.0.11:2379']),
      'etcd-ca-file': '/etc/patroni/tls/ca.crt',
      'etcd-key-file': '/etc/patroni/tls/server.key',
    });
    expect(plan.steps.find((step) => step.id === 'n1/vip')?.resource).toMatchObject({
      configuration: ['/etc/default/vip-manager.yml', '/etc/patroni/tls/server.crt'],
    });
  });
  it("is held by keepalived where Patroni's REST API says primary", () => {
    const plan = planOf(specFixture({ vip: { ...etcd3, manager: 'keepalived' }, tls: 'on' }));
    expect(fileOf(plan, 'n3', '/etc/keepalived/matriarch-alive').content).toContain(
      '--cacert /etc/patroni/tls/ca.crt -X OPTIONS https://10.0.0.13:8008/primary',
    );
    expect(packages(plan, 'n3')).toEqual(expect.arrayContaining(['keepalived', 'curl']));
  });
  it('leads directly to PostgreSQL', () => {
    expect(connectionStrings(specFixture({ vip: etcd3 })).map((one) => one.text)).toContain(
      `postgresql://USER@${address}:5432/postgres`,
    );
  });
  it('is where PgBouncer connects without HAProxy', () => {
    const spec = specFixture({
      vip: etcd3,
      servers: [
        ...specFixture().servers.map((server) => ({
          ...server,
          roles: ['etcd', 'postgres'] as ('etcd' | 'postgres')[],
        })),
        { name: 'n4', address: '10.0.0.14', ssh: { server: 'n4' }, roles: ['pgbouncer'] },
      ],
    });
    expect(spec.servers.map((server) => poolerTarget(spec, server)).at(-1)).toEqual({ host: address, port: 5432 });
    expect(validateSpec(spec).map((problem) => problem.code)).not.toContain('pooler_without_haproxy');
  });
});

describe('the virtual address of a running cluster', () => {
  const vip: Vip = { address };
  const spec = specFixture({ vip });
  const holding = (name: string, at: string, unit = 'keepalived.service'): ServerFacts =>
    bareServer(name, at, {
      manifest: {
        version: 1,
        scope: 'main',
        server: name,
        clusterToken: 't',
        files: [],
        units: [{ unit, before: 'absent' }],
        data: [],
      },
    });
  const facts = (unit?: string): DeployFacts =>
    bareFacts(spec, {
      servers: Object.fromEntries(
        spec.servers.map((server) => [server.name, holding(server.name, server.address, unit)]),
      ),
    });

  it('is configured on an added server and announced to it by the others', () => {
    const added = changedSpec(spec, {
      kind: 'add_server',
      server: { name: 'n4', address: '10.0.0.14', ssh: { server: 'n4' }, roles: ['haproxy'], tags: {} },
    }).spec;
    const plan = planOf(added, { ...facts(), servers: { ...facts().servers, n4: bareServer('n4', '10.0.0.14') } });
    expect(units(plan, 'n4')).toContain('keepalived.service on');
    expect(fileOf(plan, 'n1', config).content).toContain('10.0.0.14');
  });
  it('is given up by a leaving server before its HAProxy stops', () => {
    const resolved = changedSpec(spec, { kind: 'remove_server', name: 'n3', keepData: true });
    const plan = planOf(resolved.spec, facts(), { leaving: resolved.leaving });
    expect(plan.steps.find((step) => step.id === 'n3/leave-vip')?.resource).toMatchObject({
      units: ['keepalived.service'],
    });
    expect(plan.steps.find((step) => step.id === 'n3/leave-haproxy')?.dependsOn).toContain('n3/leave-vip');
    expect(fileOf(plan, 'n1', config).content).not.toContain('10.0.0.13');
  });
  it('is given up everywhere when the spec drops it, and handed over when another program is to hold it', () => {
    expect(units(planOf(specFixture(), facts()), 'n1')).toContain('keepalived.service off');
    const next = specFixture({ vip: { address, follows: 'primary', manager: 'vip-manager' } });
    const plan = planOf(next, facts());
    expect(units(plan, 'n1')).toEqual(expect.arrayContaining(['keepalived.service off', 'vip-manager.service on']));
    expect(plan.steps.find((step) => step.id === 'n1/vip')?.dependsOn).toContain('n1/keepalived-off');
  });
  it('is given up first of all by an undo', () => {
    for (const unit of ['keepalived.service', 'vip-manager.service']) {
      const undo = planUndo({ spec, facts: facts(unit), keepData: false, changed: {} });
      expect(undo.steps.find((step) => step.id === 'n1/undo-access')?.resource).toMatchObject({ units: [unit] });
    }
  });
});

describe('the preflight of a virtual address', () => {
  const judge = (
    vip: Vip,
    change: Partial<ServerFacts> = {},
    answers: readonly VipFacts[] = [{ from: 'n1', verdict: 'silent', hardware: null }],
  ): Record<string, string> => {
    const spec = specFixture({ vip });
    const servers = { ...bareFacts(spec).servers, n1: bareServer('n1', '10.0.0.11', change) };
    const checks = preflight({
      spec,
      servers,
      errors: {},
      cluster: silentCluster,
      reach: [],
      repositories: [],
      added: {},
      postgresVersion: 17,
      vip: answers,
      followed: null,
    });
    return Object.fromEntries(
      checks
        .filter((check) => (check.id === 'vip' && check.server === 'n1') || check.id === 'vip-free')
        .map((check) => [check.id, check.verdict]),
    );
  };
  it("lets a free address of the servers' network pass", () => {
    expect(judge({ address })).toEqual({ vip: 'ok', 'vip-free': 'ok' });
  });
  it('finds an address that is in use', () => {
    expect(judge({ address }, {}, [{ from: 'n2', verdict: 'answers', hardware: '02:00:00:00:00:01' }])).toMatchObject({
      'vip-free': 'blocks',
    });
  });
  it('accepts the address that this cluster already holds', () => {
    const manifest = {
      version: 1,
      scope: 'main',
      server: 'n1',
      clusterToken: 't',
      files: [],
      units: [{ unit: 'keepalived.service', before: 'absent' }],
      data: [],
    } as const;
    const held = {
      addresses: ['10.0.0.11', address],
      manifest: { ...manifest, files: [], units: [...manifest.units], data: [] },
    };
    expect(judge({ address }, held, [{ from: 'n2', verdict: 'answers', hardware: 'aa' }])).toMatchObject({
      'vip-free': 'ok',
    });
    expect(judge({ address }, { ...held, manifest: null })).toMatchObject({ 'vip-free': 'blocks' });
  });
  it('finds an interface that is missing or in another network', () => {
    expect(judge({ address, interface: 'eth7' })).toMatchObject({ vip: 'blocks' });
    expect(judge({ address: '10.0.1.100', prefix: 32 })).toMatchObject({ vip: 'blocks' });
  });
  it('explains why an old vip-manager cannot follow Patroni', () => {
    expect(judge({ address, follows: 'primary', manager: 'vip-manager' })).toMatchObject({ vip: 'warning' });
    expect(
      judge({ address, follows: 'primary', manager: 'vip-manager' }, { candidates: { 'vip-manager2': '3.0.0' } }),
    ).toMatchObject({ vip: 'ok' });
  });
});

describe('being in one network', () => {
  it.each([
    ['10.0.0.11', '10.0.0.100', 24, true],
    ['10.0.0.11', '10.0.1.11', 24, false],
    ['10.0.0.11', '10.0.1.11', 16, true],
    ['10.0.0.11', '10.0.0.11', 32, true],
    ['fd00::1', 'fd00:0:0:0::2', 64, true],
    ['fd00::1', 'fd00:1::1', 64, false],
    ['fd00::1', 'FD00:0::0:1', 128, true],
    ['10.0.0.11', 'fd00::1', 0, false],
    ['10.0.0.300', '10.0.0.1', 8, false],
    ['fd00::1::2', 'fd00::1', 8, false],
    ['', '', 0, false],
  ])('is decided for %s and %s with %i bits: %s', (one, other, bits, same) => {
    expect(sameNetwork(one, other, bits)).toBe(same);
  });
});
