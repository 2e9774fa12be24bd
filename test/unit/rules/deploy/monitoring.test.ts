import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { DeployFacts } from '../../../../shared/model/deploy/facts';
import type { DeployPlan, FileResource } from '../../../../shared/model/deploy/plan';
import type { ClusterSpec, ClusterSpecInput } from '../../../../shared/model/deploy/spec/cluster-spec';
import { checkPlan } from '../../../../shared/rules/deploy/check/check-plan';
import { changedSpec } from '../../../../shared/rules/deploy/day2/changed-spec';
import { pgHba } from '../../../../shared/rules/deploy/files/hba';
import { firewallLines } from '../../../../shared/rules/deploy/firewall';
import { collectedFrom, monitoredSpec } from '../../../../shared/rules/deploy/monitoring';
import { planCluster } from '../../../../shared/rules/deploy/plan/plan-cluster';
import { planUndo } from '../../../../shared/rules/deploy/plan/plan-undo';
import { softwareChecks } from '../../../../shared/rules/deploy/preflight/software-checks';
import { masked, neededSecrets } from '../../../../shared/rules/deploy/secrets';
import { validateSpec } from '../../../../shared/rules/deploy/spec/validate-spec';
import { bareFacts, bareServer, silentCluster, specFixture } from '../../../support/deploy/facts';

const ROLES = ['etcd', 'postgres', 'haproxy', 'pgbouncer'] as const;

/** Three members, and Prometheus on n3 or on a server of its own. */
function monitored(change: Partial<ClusterSpecInput> = {}, on: 'n3' | 'n4' = 'n3'): ClusterSpec {
  const server = (name: string, roles: ClusterSpecInput['servers'][number]['roles']) => ({
    name,
    address: `10.0.0.1${name.slice(1)}`,
    ssh: { server: name },
    roles,
  });
  const own = on === 'n4' ? [server('n4', ['prometheus'])] : [];
  const members = ['n1', 'n2', 'n3'].map((name) =>
    server(name, [...ROLES, ...(name === on ? ['prometheus' as const] : [])]),
  );
  return specFixture({ servers: [...members, ...own], ...change });
}

const planOf = (spec: ClusterSpec, facts: DeployFacts = bareFacts(spec)): DeployPlan =>
  planCluster({ spec, facts, secret: (name) => `top-${name}-secret`, postgresVersion: 17, token: 'run' });
const fileAt = (plan: DeployPlan, server: string, path: string): FileResource | undefined =>
  plan.steps
    .filter((step) => step.server === server)
    .flatMap(({ resource }) => (resource.kind === 'file' ? [resource] : []))
    .find((file) => file.path === path);
const configSchema = z.object({
  alerting: z.unknown(),
  rule_files: z.array(z.string()),
  scrape_configs: z.array(
    z.looseObject({
      job_name: z.string(),
      scheme: z.string().optional(),
      tls_config: z.looseObject({ ca_file: z.string() }).optional(),
      static_configs: z.array(z.looseObject({ targets: z.array(z.string()) })),
    }),
  ),
});
const configOf = (plan: DeployPlan, server: string) =>
  configSchema.parse(parse(fileAt(plan, server, '/etc/prometheus/prometheus.yml')?.content ?? ''));

describe('a cluster without Prometheus', () => {
  it('gets no exporter, no role for it and no port for the metrics of etcd', () => {
    const spec = specFixture({ tls: 'on' });
    const plan = planOf(spec);
    expect(JSON.stringify(plan.steps)).not.toMatch(/prometheus|exporter|METRICS/);
    expect(neededSecrets(spec).map(({ name }) => name)).not.toContain('exporter');
  });
});

describe('a cluster with Prometheus', () => {
  it('collects from Patroni, etcd and both exporters of every member, and waits for each of them', () => {
    const plan = planOf(monitored());
    const targets = configOf(plan, 'n3').scrape_configs.flatMap(({ static_configs }) =>
      static_configs.flatMap((group) => group.targets),
    );
    const wanted = ['8008', '2379', '9187', '9100'].flatMap((port) =>
      ['1', '2', '3'].map((n) => `10.0.0.1${n}:${port}`),
    );
    expect(targets).toEqual(wanted);
    const step = plan.steps.find(({ id }) => id === 'cluster/targets');
    expect(step?.server).toBe('n3');
    expect(step?.dependsOn).toEqual(
      expect.arrayContaining([
        'n3/prometheus',
        'n1/node-exporter',
        'n2/postgres-exporter',
        'cluster/leader',
        'cluster/sql',
      ]),
    );
    if (step?.resource.kind !== 'targets') throw new Error('no targets');
    expect(step.resource.targets.map(({ address, port }) => `${address}:${port}`).sort()).toEqual(wanted.sort());
  });

  it('asks Patroni by the authority of the cluster, and etcd at a port that wants no certificate and changes nothing', () => {
    const plan = planOf(monitored({ tls: 'on' }));
    const jobs = configOf(plan, 'n3').scrape_configs;
    const patroni = jobs.find(({ job_name }) => job_name.endsWith('patroni'));
    expect(patroni).toMatchObject({ scheme: 'https', tls_config: { ca_file: '/etc/prometheus/tls/ca.crt' } });
    const etcd = jobs.find(({ job_name }) => job_name.endsWith('etcd'));
    expect(etcd?.static_configs[0]?.targets).toEqual(['10.0.0.11:2381']);
    expect(etcd?.tls_config).toBeUndefined();
    expect(fileAt(plan, 'n2', '/etc/default/etcd')?.content).toContain(
      'ETCD_LISTEN_METRICS_URLS="http://10.0.0.12:2381"',
    );
    expect(fileAt(planOf(monitored()), 'n2', '/etc/default/etcd')?.content).not.toContain('METRICS');
    const keys = plan.steps.flatMap(({ resource }) => (resource.kind === 'certificate' ? [resource.key] : []));
    expect(keys.filter((path) => path.includes('prometheus'))).toEqual([]);
  });

  it('listens on loopback but for the exporters, which listen on the address of their server alone', () => {
    const plan = planOf(monitored());
    const of = (server: string, name: string) => fileAt(plan, server, `/etc/default/${name}`)?.content;
    expect(of('n3', 'prometheus')).toContain('--web.listen-address=127.0.0.1:9090 ');
    expect(of('n3', 'prometheus-alertmanager')).toContain(
      '--web.listen-address=127.0.0.1:9093 --cluster.listen-address= ',
    );
    expect(of('n1', 'prometheus-node-exporter')).toContain('--web.listen-address=10.0.0.11:9100"');
    expect(of('n1', 'prometheus-postgres-exporter')).toContain('--web.listen-address=10.0.0.11:9187"');
    expect(of('n1', 'prometheus')).toBeUndefined();
  });

  it('keeps the password of the exporter in a file that its group reads, and shows it to nobody', () => {
    const plan = planOf(monitored());
    const file = fileAt(plan, 'n1', '/etc/prometheus/matriarch-exporter.password');
    expect(file).toMatchObject({ owner: 'root', group: 'prometheus', mode: 0o640, content: 'top-exporter-secret\n' });
    expect(file?.shown).toBe(`${masked}\n`);
    const others = plan.steps.flatMap(({ resource }) =>
      resource.kind === 'file' && resource !== file ? [resource.content] : [],
    );
    expect(others.filter((text) => text.includes('top-exporter-secret')).length, 'on the other two members').toBe(2);
    const hba = pgHba(monitored());
    expect(hba).toContain('host postgres matriarch_exporter 127.0.0.1/32 scram-sha-256');
    expect(hba.find((line) => line.endsWith('all reject'))).toContain('matriarch_exporter');
    expect(pgHba(specFixture()).join('\n')).not.toContain('matriarch_exporter');
  });

  it('names what a firewall lets Prometheus in to, where it is on another server', () => {
    const spec = monitored({ tls: 'on' }, 'n4');
    const [, , , own] = spec.servers;
    const lines = spec.servers.flatMap((server) =>
      firewallLines(spec, server).filter(({ what }) => what === 'Prometheus on n4'),
    );
    expect(lines.map(({ rule }) => rule)).toEqual(
      Array.from({ length: 3 }, () => 'ip saddr { 10.0.0.14 } tcp dport { 8008, 9100, 9187, 2381 } accept'),
    );
    if (own === undefined) throw new Error('no n4');
    expect(firewallLines(spec, own)).toEqual([]);
    expect(
      planOf(spec).steps.filter(({ server, resource }) => server === 'n4' && resource.kind === 'packages'),
    ).toMatchObject([
      {
        resource: {
          packages: ['prometheus', 'prometheus-alertmanager'],
          units: ['prometheus.service', 'prometheus-alertmanager.service'],
        },
      },
    ]);
  });

  it('writes the rules for the version of Patroni that is there, or that apt would install', () => {
    const spec = monitored();
    const facts = bareFacts(spec);
    expect(monitoredSpec(spec, facts).patroni.version).toBe('4.0.7');
    const [n1] = spec.servers;
    const older = { ...facts.servers, n1: bareServer('n1', n1?.address ?? '', { packages: { patroni: '3.0.2-1' } }) };
    expect(monitoredSpec(spec, { servers: older }).patroni.version).toBe('3.0.2');
    const unknown = { ...facts.servers, n1: bareServer('n1', n1?.address ?? '', { candidates: {} }) };
    expect(monitoredSpec(spec, { servers: unknown }).patroni.version).toBeNull();
    expect(fileAt(planOf(spec), 'n3', '/etc/prometheus/rules/matriarch.yml')?.content).toContain(
      'PatroniReplicaNotStreaming',
    );
  });

  it('is judged by promtool and amtool before a file takes the place of another', () => {
    const plan = planOf(monitored());
    const checkedBy = (path: string) => fileAt(plan, 'n3', path)?.checkedBy;
    expect(checkedBy('/etc/prometheus/rules/matriarch.yml')).toBe('promtool check rules');
    expect(checkedBy('/etc/prometheus/prometheus.yml')).toBe('promtool check config');
    expect(checkedBy('/etc/prometheus/matriarch-alertmanager.yml')).toBe('amtool check-config');
    const config = plan.steps.find(({ id }) => id === 'n3/prometheus-config');
    expect(config?.dependsOn, 'promtool reads the rules too').toContain('n3/prometheus-rules');
  });

  it('leaves out an etcd of others that wants certificates, and asks one without TLS', () => {
    const external = { etcd: { external: ['10.9.0.1:2379'] } };
    const members = ['n1', 'n2'].map((name, index) => ({
      name,
      address: `10.0.0.1${index + 1}`,
      ssh: { server: name },
      roles: ['postgres' as const, 'prometheus' as const].slice(0, index + 1),
    }));
    expect(collectedFrom(monitored({ ...external, servers: members, tls: 'on' })).etcd).toEqual([]);
    expect(collectedFrom(monitored({ ...external, servers: members })).etcd).toEqual([
      { server: '10.9.0.1', address: '10.9.0.1', port: 2379 },
    ]);
  });
});

describe('a Prometheus or an exporter of others', () => {
  const spec = monitored();
  const theirs = (path: string) => ({
    [path]: { kind: 'file' as const, owner: 'root', group: 'root', mode: 0o644, empty: false, content: 'theirs' },
  });
  const withFile = (server: string, path: string): DeployFacts => {
    const facts = bareFacts(spec);
    const found = facts.servers[server];
    if (found === undefined) throw new Error(server);
    return { ...facts, servers: { ...facts.servers, [server]: { ...found, paths: theirs(path) } } };
  };

  it.each([
    ['n3', '/etc/prometheus/prometheus.yml'],
    ['n3', '/etc/default/prometheus-alertmanager'],
    ['n1', '/etc/default/prometheus-node-exporter'],
  ])('is refused on %s by %s, also where it is stopped, with what to do instead', (server, path) => {
    const facts = withFile(server, path);
    const plan = planOf(spec, facts);
    const refused = plan.steps.filter(({ id }) => checkPlan(plan, facts).get(id)?.action === 'refuse');
    expect(refused).toHaveLength(1);
    expect(checkPlan(plan, facts).get(refused[0]?.id ?? '')?.reason).toMatch(/did not make it\. .*Health, Prometheus/);
    const check = softwareChecks.find(({ id }) => id === 'monitoring');
    const own = spec.servers.find(({ name }) => name === server);
    const [found, other] = [facts.servers[server], spec.servers.find(({ name }) => name === 'n2')];
    if (own === undefined || found === undefined || other === undefined) throw new Error(server);
    const input = {
      spec,
      servers: facts.servers,
      errors: {},
      cluster: silentCluster,
      reach: [],
      repositories: [],
      added: {},
      postgresVersion: 17,
      vip: [],
      followed: null,
    };
    expect(check?.run(own, found, input)?.verdict).toBe('blocks');
    expect(check?.run(other, bareServer('n2', other.address), input)?.verdict).toBe('ok');
  });

  it("is none where the manifest names the file: an administrator's change is replaced, but for Alertmanager's own", () => {
    const path = '/etc/prometheus/matriarch-alertmanager.yml';
    const facts = withFile('n3', path);
    const plan = planOf(spec, facts);
    expect(checkPlan(plan, facts).get('n3/alertmanager-config')?.action).toBe('none');
  });
});

describe('the sense of a spec with Prometheus', () => {
  const codes = (spec: ClusterSpec) => validateSpec(spec).map(({ code }) => code);

  it('says that Prometheus on a member does not tell of the loss of that server, and is content with one of its own', () => {
    expect(codes(monitored())).toContain('prometheus_together');
    expect(codes(monitored({}, 'n4')).filter((code) => code.startsWith('prometheus'))).toEqual([]);
  });

  it('refuses two of them, one beside servers of others, and one in a standby cluster', () => {
    const twice = monitored({}, 'n4');
    const both = {
      ...twice,
      servers: twice.servers.map((one) => ({
        ...one,
        roles: [...one.roles.filter((role) => role !== 'prometheus'), 'prometheus' as const],
      })),
    };
    expect(codes(both)).toContain('prometheus_twice');
    expect(codes(monitored({ adopted: ['n1'] }))).toContain('prometheus_adopted');
    const standby = { hosts: ['10.1.0.1'], port: 5432, slot: 'south' };
    expect(codes(monitored({ standby }))).toContain('prometheus_standby');
  });

  it('finds a port that Prometheus and another service would both use', () => {
    const clash = validateSpec(monitored({ prometheus: { nodePort: 8008 } })).find(({ code }) => code === 'port_clash');
    expect(clash?.sentence).toMatch(/Patroni's REST API and node_exporter would both use port 8008/);
  });
});

it('is added to a running cluster as a role of one of its servers, or of one that comes for it', () => {
  const spec = specFixture();
  const [n1] = spec.servers;
  if (n1 === undefined) throw new Error('no server');
  const here = changedSpec(spec, { kind: 'add_monitoring', server: n1 });
  expect(here.spec.servers[0]?.roles).toEqual([...ROLES, 'prometheus']);
  const own = { ...n1, name: 'n9', address: '10.0.0.19', ssh: { server: 'n9' } };
  const there = changedSpec(spec, { kind: 'add_monitoring', server: own });
  expect(there.spec.servers.at(-1)).toMatchObject({ name: 'n9', roles: ['prometheus'] });
  expect(() => changedSpec(here.spec, { kind: 'add_monitoring', server: n1 })).toThrow(/has these roles already/);
});

it('is stopped by an undo before anything is taken away', () => {
  const spec = monitored();
  const facts = bareFacts(spec);
  const manifest = planOf(spec).steps.flatMap(({ server, resource }) =>
    server === 'n3' && resource.kind === 'manifest' ? [resource.manifest] : [],
  )[0];
  const n3 = facts.servers['n3'];
  if (manifest === undefined || n3 === undefined) throw new Error('no manifest');
  const made = { ...facts, servers: { n3: { ...n3, manifest } } };
  const steps = planUndo({ spec, facts: made, keepData: false, changed: {} }).steps;
  expect(steps.find(({ id }) => id === 'n3/undo-monitoring')?.resource).toMatchObject({
    units: [
      'prometheus.service',
      'prometheus-alertmanager.service',
      'prometheus-node-exporter.service',
      'prometheus-postgres-exporter.service',
    ],
  });
  expect(steps.find(({ id }) => id === 'n3/undo-remove')?.dependsOn).toContain('n3/undo-monitoring');
});
