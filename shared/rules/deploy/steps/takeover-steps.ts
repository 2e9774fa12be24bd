import type { StandalonePostgres, Step, TakeoverResource } from '../../../model/deploy/plan';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { postgresDataDirectory } from '../layout';
import type { PlanInput } from './plan-input';

/** The step after which Patroni runs the PostgreSQL that ran by itself before. */
export function takeoverId(server: string): string {
  return `${server}/takeover`;
}

/** Roles are made while PostgreSQL still runs by itself; it is stopped only when Patroni has all it needs. */
export function takeoverSteps(input: PlanInput, server: ServerSpec): Step[] {
  const cluster = standaloneOf(input.spec, input.postgresVersion);
  if (cluster === null) return [];
  const { superuser, replication, rewind } = input.spec.accounts;
  const resource = (part: TakeoverResource['part']): TakeoverResource => ({
    kind: 'adopt',
    part,
    cluster,
    superuser,
    replication,
    rewind,
  });
  const named = (name: string): string => `${server.name}/${name}`;
  return [
    {
      id: named('takeover-roles'),
      server: server.name,
      label: 'PostgreSQL: roles that Patroni works with',
      dependsOn: [named('manifest')],
      resource: resource('roles'),
    },
    {
      id: takeoverId(server.name),
      server: server.name,
      label: 'PostgreSQL: stop, and start under Patroni',
      dependsOn: [named('takeover-roles'), named('validate'), named('patroni-drop-in')],
      resource: resource('restart'),
    },
  ];
}

/** The PostgreSQL that ran by itself, as the spec holds it; null when there was none. */
function standaloneOf(spec: ClusterSpec, version: number): StandalonePostgres | null {
  const { existing, port } = spec.postgres;
  if (existing === undefined) return null;
  return {
    version,
    name: existing.name,
    port,
    dataDirectory: postgresDataDirectory(spec, version),
    configDirectory: existing.configDirectory,
  };
}

/** The file by which Debian's tools know whether a cluster starts by itself. */
export function startFile(cluster: Pick<StandalonePostgres, 'configDirectory'>): string {
  return `${cluster.configDirectory}/start.conf`;
}
