import type { DeployFacts, ServerFacts } from '../../../model/deploy/facts';
import type { DeployPlan, Step } from '../../../model/deploy/plan';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import { leads } from '../check/check-cluster';
import { scopePrefix } from '../../cluster/scope-prefix';
import { isManifestOf } from '../manifest';
import { monitoringUnits } from '../monitoring';
import { externalEtcd, serversWith } from '../layout';
import { vipUnits } from '../vip';

/** What an undo is made from. `changed` names files that are no longer as they were written, by server. */
export interface UndoInput {
  readonly spec: ClusterSpec;
  readonly facts: DeployFacts;
  readonly keepData: boolean;
  readonly changed: Readonly<Record<string, readonly string[]>>;
}

const entryUnits = [...Object.values(vipUnits), 'haproxy.service', 'pgbouncer.service'];

/**
 * The undo, server by server: first the entry points are closed, then the replicas stop, then the leader, then etcd;
 * then each server loses what its manifest says was made there. Servers without a manifest of
 * this cluster are left alone.
 */
export function planUndo(input: UndoInput): DeployPlan {
  const made = input.spec.servers.flatMap((server) => {
    const facts = input.facts.servers[server.name];
    return facts === undefined || facts.manifest === null || !isManifestOf(facts.manifest, input.spec.id)
      ? []
      : [facts];
  });
  const leader = made.find((facts) => leads(input.facts.cluster.patroni[facts.server], input.spec.scope))?.server;
  const replicas = made
    .filter((facts) => facts.server !== leader && has(facts, 'patroni.service'))
    .map((facts) => `${facts.server}/undo-patroni`);
  const members = made.filter((facts) => has(facts, 'patroni.service')).map((facts) => `${facts.server}/undo-patroni`);
  const scope = scopeStep(input, members);
  const steps = made.flatMap((facts) =>
    serverSteps(
      facts,
      input,
      facts.server === leader ? replicas : [],
      members,
      scope.map((step) => step.id),
    ),
  );
  return { scope: input.spec.scope, postgresVersion: 0, steps: [...steps, ...scope] };
}

/**
 * In an etcd of others the scope stays behind, and would keep a new set-up from its name. It is forgotten when all members leave
 * and one of them says that it is its own: with the data that is kept, the scope is kept, too.
 */
function scopeStep({ spec, facts, keepData }: UndoInput, members: readonly string[]): Step[] {
  const { initialize, patroni } = facts.cluster;
  const own = serversWith(spec, 'postgres');
  const [first] = own;
  const ours =
    initialize !== null &&
    initialize !== '' &&
    Object.values(patroni).some((member) => member?.scope === spec.scope && member.systemIdentifier === initialize);
  const all = own.every((server) => (facts.servers[server.name]?.manifest ?? null) !== null);
  if (keepData || first === undefined || spec.etcd.external.length === 0 || !ours || !all) return [];
  return [
    {
      id: 'cluster/undo-scope',
      server: first.name,
      label: `etcd: forget the scope ${spec.scope}`,
      dependsOn: members,
      resource: {
        kind: 'undo',
        part: 'scope',
        prefix: scopePrefix(spec.namespace, spec.scope),
        initialize,
        members: own.map((server) => server.name),
        via: externalEtcd(spec).map(({ endpoint }) => endpoint),
      },
    },
  ];
}

function serverSteps(
  facts: ServerFacts,
  input: UndoInput,
  before: readonly string[],
  members: readonly string[],
  scope: readonly string[],
): Step[] {
  const { server, manifest, made } = facts;
  if (manifest === null) return [];
  const set = manifest.units.map((unit) => unit.unit);
  const stop = (name: string, label: string, units: readonly string[], dependsOn: readonly string[]): Step[] => {
    const own = units.filter((unit) => set.includes(unit));
    return own.length === 0
      ? []
      : [{ id: `${server}/${name}`, server, label, dependsOn, resource: { kind: 'undo', part: 'stop', units: own } }];
  };
  const monitoring = stop('undo-monitoring', 'Stop Prometheus and the exporters', Object.values(monitoringUnits), []);
  const access = stop('undo-access', 'Close the entry points', entryUnits, []);
  const patroni = stop(
    'undo-patroni',
    'Stop PostgreSQL and Patroni',
    ['patroni.service'],
    [...access.map((step) => step.id), ...before],
  );
  const etcd = stop('undo-etcd', 'Stop etcd', ['etcd.service'], members);
  return [
    ...monitoring,
    ...access,
    ...patroni,
    ...etcd,
    {
      id: `${server}/undo-remove`,
      server,
      label: 'Take away what was made here',
      dependsOn: [...[...monitoring, ...access, ...patroni, ...etcd].map((step) => step.id), ...scope],
      resource: {
        kind: 'undo',
        part: 'remove',
        manifest,
        packages: made.packages,
        users: made.users,
        groups: made.groups,
        keepData: input.keepData,
        changed: input.changed[server] ?? [],
      },
    },
  ];
}

function has(facts: ServerFacts, unit: string): boolean {
  return facts.manifest?.units.some((entry) => entry.unit === unit) ?? false;
}
