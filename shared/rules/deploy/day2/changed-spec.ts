import { appError } from '../../../model/app-error';
import type { Day2Change, Leaving, ResolvedChange, StandaloneFacts } from '../../../model/deploy/day2';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import type { ServerRole, ServerSpec } from '../../../model/deploy/spec/server-spec';
import { convertedSpec } from './converted-spec';

/** The cluster as a change wants it. Throws `deploy.server_unknown` or `deploy.change_pointless`. */
export function changedSpec(
  spec: ClusterSpec,
  change: Day2Change,
  standalone: StandaloneFacts | null = null,
): ResolvedChange {
  switch (change.kind) {
    case 'add_server':
      return { spec: withServer(spec, change.server), leaving: [] };
    case 'add_monitoring':
      return { spec: withServer(spec, { ...change.server, roles: ['prometheus'] }), leaving: [] };
    case 'remove_server':
      return leave(spec, serverOf(spec, change.name), serverOf(spec, change.name).roles, change.keepData);
    case 'remove_etcd':
      return leave(spec, etcdOf(spec, change.name), ['etcd'], true);
    case 'replace_etcd': {
      const left = leave(spec, etcdOf(spec, change.name), ['etcd'], true);
      return {
        ...left,
        spec: withServer(left.spec, {
          ...change.server,
          roles: [...new Set<ServerRole>([...change.server.roles, 'etcd'])],
        }),
      };
    }
    case 'convert':
      return {
        spec: standalone === null ? convertedAlready(spec, change.name) : convertedSpec(spec, standalone),
        leaving: [],
      };
  }
}

function convertedAlready(spec: ClusterSpec, name: string): ClusterSpec {
  if (spec.postgres.existing?.server === name) return spec;
  throw appError('deploy.no_standalone', `No PostgreSQL runs by itself on ${name}.`, {
    target: name,
    hint: 'Choose the server it runs on, and see that it runs.',
  });
}

/** The spec with one more server, or with more roles for one that is there. */
function withServer(spec: ClusterSpec, server: ServerSpec): ClusterSpec {
  const known = spec.servers.find((entry) => entry.name === server.name);
  if (known === undefined) return { ...spec, servers: [...spec.servers, server] };
  const roles = [...new Set([...known.roles, ...server.roles])];
  if (roles.length === known.roles.length)
    throw appError('deploy.change_pointless', `${server.name} has these roles already.`, { target: server.name });
  return { ...spec, servers: spec.servers.map((entry) => (entry === known ? { ...known, roles } : entry)) };
}

function leave(spec: ClusterSpec, server: ServerSpec, roles: readonly ServerRole[], keepData: boolean): ResolvedChange {
  const kept = server.roles.filter((role) => !roles.includes(role));
  const stays = kept.length === 0 ? [] : [{ ...server, roles: kept }];
  const servers = spec.servers.flatMap((entry) => (entry === server ? stays : [entry]));
  const { firstLeader, ...rest } = spec;
  const leaderLeaves = firstLeader === server.name && !kept.includes('postgres');
  const leaving: Leaving = { server, roles: [...roles], keepData };
  return {
    spec: {
      ...rest,
      ...(firstLeader === undefined || leaderLeaves ? {} : { firstLeader }),
      servers,
      adopted: spec.adopted.filter((name) => servers.some((entry) => entry.name === name)),
    },
    leaving: [leaving],
  };
}

function serverOf(spec: ClusterSpec, name: string): ServerSpec {
  const found = spec.servers.find((server) => server.name === name);
  if (found === undefined)
    throw appError('deploy.server_unknown', `${spec.scope} has no server ${name}.`, {
      target: name,
      hint: `Its servers are ${spec.servers.map((server) => server.name).join(', ')}.`,
    });
  return found;
}

function etcdOf(spec: ClusterSpec, name: string): ServerSpec {
  const server = serverOf(spec, name);
  if (!server.roles.includes('etcd'))
    throw appError('deploy.change_pointless', `${name} is no member of etcd.`, { target: name });
  return server;
}

/** All servers that a change concerns: those of the cluster as it shall be, and those that leave. */
export function everybody(resolved: ResolvedChange): ClusterSpec {
  const { spec, leaving } = resolved;
  const gone = leaving
    .filter((entry) => !spec.servers.some((server) => server.name === entry.server.name))
    .map((entry) => entry.server);
  const servers = spec.servers.map((server) => {
    const entry = leaving.find((other) => other.server.name === server.name);
    return entry === undefined ? server : { ...server, roles: [...new Set([...server.roles, ...entry.roles])] };
  });
  return { ...spec, servers: [...servers, ...gone] };
}

/** Names of the servers that give up roles. */
export function changedServers(resolved: ResolvedChange): readonly string[] {
  return resolved.leaving.map((entry) => entry.server.name);
}
