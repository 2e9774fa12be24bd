import type { FollowedCluster, FollowedWay } from '../../../shared/model/deploy/followed-cluster';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import type { StandbySpec } from '../../../shared/model/deploy/spec/standby-spec';
import { slotName } from '../../../shared/rules/cluster/slot-name';
import type { DeployForm } from './form';
import { rolesFor } from './servers';

/** A standby cluster whose source is yet to be named. */
export function firstStandby(spec: ClusterSpec): StandbySpec {
  return { hosts: [], port: 5432, slot: slotName(spec.scope === '' ? 'standby' : spec.scope) };
}

/**
 * The form of a standby cluster: roles and databases come from the cluster that it follows, and so does what PgBouncer looks passwords up
 * by. What was chosen for them is given up.
 */
export function asStandby(form: DeployForm, standby: StandbySpec): DeployForm {
  const { spec } = form;
  return {
    ...form,
    spec: {
      ...spec,
      standby,
      users: [],
      databases: [],
      servers: spec.servers.map((server) => ({
        ...server,
        roles: rolesFor({ standby }, server.roles),
      })),
    },
  };
}

/** The form of a cluster of its own again. */
export function asOwnCluster(form: DeployForm): DeployForm {
  const { standby: _old, ...spec } = form.spec;
  return {
    ...form,
    spec: { ...spec, users: [{ name: 'app', options: ['login'] }], databases: [{ name: 'app', owner: 'app' }] },
  };
}

/** The spec with what it takes over from the cluster that it follows, by its members at first. */
export function withFollowed(spec: ClusterSpec, found: FollowedCluster): ClusterSpec {
  const way = found.ways[0];
  const { authority: _old, ...standby } = spec.standby ?? firstStandby(spec);
  return {
    ...spec,
    accounts: found.accounts,
    postgres: found.postgresVersion === null ? spec.postgres : { ...spec.postgres, version: found.postgresVersion },
    standby: {
      ...standby,
      cluster: found.clusterId,
      hosts: [...(way?.hosts ?? [])],
      port: way?.port ?? standby.port,
      ...(found.authority === null ? {} : { authority: found.authority }),
    },
  };
}

/** The spec that follows by another way. */
export function withWay(spec: ClusterSpec, { hosts, port }: Pick<FollowedWay, 'hosts' | 'port'>): ClusterSpec {
  return spec.standby === undefined ? spec : { ...spec, standby: { ...spec.standby, hosts: [...hosts], port } };
}
