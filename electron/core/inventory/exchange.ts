import { z } from 'zod';
import { appError } from '../../../shared/model/app-error';
import { clusterEntrySchema, type ClusterEntry, type TlsMaterial } from '../../../shared/model/cluster/cluster-entry';
import { serverSchema, type Server } from '../../../shared/model/connect/server';
import { findServer } from '../../../shared/rules/connect/find-server';

const exchangeSchema = z.object({
  format: z.literal('matriarch-inventory'),
  version: z.literal(1),
  servers: z.array(serverSchema),
  clusters: z.array(clusterEntrySchema),
});

/** What an import adds, and a sentence for each entry that was left alone. */
export interface ImportPlan {
  readonly servers: readonly Server[];
  readonly clusters: readonly ClusterEntry[];
  readonly skipped: readonly string[];
}

/** The inventory as text for another computer: no secret and no name of a secret; entries of the demo stay out. */
export function exportText(servers: readonly Server[], clusters: readonly ClusterEntry[]): string {
  const kept = clusters.filter((cluster) => cluster.origin !== 'demo').map(clusterWithoutSecrets);
  const content = {
    format: 'matriarch-inventory',
    version: 1,
    servers: servers.map(serverWithoutSecrets),
    clusters: kept,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/**
 * Reads an export and decides what to add. A server is known already when its id is, or its user,
 * host, port and route; a cluster when its id is, or its scope and namespace on a server both know. Rejects with `inventory.not_an_export`.
 */
export function planImport(text: string, servers: readonly Server[], clusters: readonly ClusterEntry[]): ImportPlan {
  const file = parseExport(text);
  const skipped: string[] = [];
  const newIds = new Map<string, string>();
  const newServers = file.servers.filter((server) => {
    const known =
      servers.find((one) => one.id === server.id) ??
      findServer(servers, { by: 'login', login: server, among: file.servers });
    if (known === undefined) return true;
    newIds.set(server.id, known.id);
    skipped.push(`Server ${server.name} is in the inventory already, as ${known.name}.`);
    return false;
  });
  const newClusters = file.clusters
    .map((cluster) => moveServers(cluster, newIds))
    .filter((cluster) => {
      const known = clusters.find((one) => one.id === cluster.id || sameCluster(one, cluster));
      if (known !== undefined) skipped.push(`Cluster ${cluster.title} is in the inventory already, as ${known.title}.`);
      return known === undefined;
    });
  return {
    servers: newServers
      .map(serverWithoutSecrets)
      .map((server) => ({ ...server, jump: server.jump.map((id) => newIds.get(id) ?? id) })),
    clusters: newClusters.map((cluster) => ({ ...clusterWithoutSecrets(cluster), onHold: true as const })),
    skipped,
  };
}

function parseExport(text: string): z.infer<typeof exchangeSchema> {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    raw = null;
  }
  const parsed = exchangeSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw appError('inventory.not_an_export', 'This file is not an inventory exported by Matriarch.', {
    hint: 'Choose a file that was saved with Export inventory.',
  });
}

function sameCluster(one: ClusterEntry, other: ClusterEntry): boolean {
  const ids = new Set(one.members.map((member) => member.serverId));
  return (
    one.scope === other.scope &&
    one.namespace === other.namespace &&
    one.citusGroup === other.citusGroup &&
    other.members.some((member) => member.serverId !== null && ids.has(member.serverId))
  );
}

function moveServers(cluster: ClusterEntry, newIds: ReadonlyMap<string, string>): ClusterEntry {
  const moved = (id: string | null): string | null => (id === null ? null : (newIds.get(id) ?? id));
  return {
    ...cluster,
    ...(cluster.balancerServers === undefined
      ? {}
      : { balancerServers: cluster.balancerServers.map((id) => newIds.get(id) ?? id) }),
    members: cluster.members.map((member) => ({ ...member, serverId: moved(member.serverId) })),
    etcd:
      cluster.etcd === null
        ? null
        : {
            ...cluster.etcd,
            endpoints: cluster.etcd.endpoints.map((end) => ({ ...end, serverId: moved(end.serverId) })),
          },
  };
}

/** A path of another computer's share (UNC) would send the user's name and a hash of the password there when it is read. */
const SHARE = /^(\\\\|\/\/)/;

function serverWithoutSecrets(server: Server): Server {
  const { auth: old } = server;
  const auth =
    old.kind === 'key' && !SHARE.test(old.keyPath)
      ? { kind: old.kind, keyPath: old.keyPath }
      : { kind: old.kind === 'key' ? ('agent' as const) : old.kind };
  return { ...server, auth, sudo: { kind: server.sudo.kind } };
}

function clusterWithoutSecrets({ onHold: _onHold, postgres: _login, ...cluster }: ClusterEntry): ClusterEntry {
  return {
    ...cluster,
    etcd: cluster.etcd === null ? null : { ...cluster.etcd, ...accessWithoutSecrets(cluster.etcd) },
    rest: accessWithoutSecrets(cluster.rest),
  };
}

/** The user's name is kept so that only the password has to be given again; an empty secret id reads as "none kept". */
function accessWithoutSecrets(access: Pick<ClusterEntry['rest'], 'tls' | 'auth'>): ClusterEntry['rest'] {
  return {
    tls: access.tls === null ? null : tlsWithoutSecrets(access.tls),
    auth: access.auth === null ? null : { username: access.auth.username, passwordSecret: '' },
  };
}

/** A certificate that is not checked is a decision of the user here, not of whoever wrote the file. */
function tlsWithoutSecrets(tls: TlsMaterial): TlsMaterial {
  const { keySecret: _key, insecure: _insecure, ...rest } = tls;
  return rest;
}
