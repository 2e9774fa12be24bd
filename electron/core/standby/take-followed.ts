import { appError } from '../../../shared/model/app-error';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Server } from '../../../shared/model/connect/server';
import type { AdoptedCluster } from '../../../shared/model/deploy/day2';
import type { FollowedCluster, FollowedWay } from '../../../shared/model/deploy/followed-cluster';
import { authoritySecrets, type PasswordName } from '../../../shared/model/deploy/secret-name';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { authoritySecretsOf } from '../deploy/secrets/authority-book';
import { withoutLost, type SecretBook } from '../deploy/secrets/secret-book';
import { entrancesOfCluster } from './entrances';

/** What taking over from a followed cluster works with. */
export interface TakeFollowedDeps {
  readonly entry: (clusterId: string) => ClusterEntry | undefined;
  /** The cluster file of a cluster that was set up here. */
  readonly latestSpec: (clusterId: string) => ClusterSpec | null;
  readonly state: (clusterId: string) => ClusterState | null;
  readonly server: (serverId: string) => Server | undefined;
  /** Reads a cluster that others set up from its servers, and keeps its passwords under its id. */
  readonly describe: (entry: ClusterEntry) => Promise<AdoptedCluster>;
  readonly secrets: SecretBook;
}

const TAKEN: readonly PasswordName[] = ['superuser', 'replication', 'rewind'];

/**
 * What the cluster `ownId` that is to be made takes over from the one it follows: its addresses, roles, version and authority. The
 * passwords of the roles are copied within the vault. Nothing is changed on a server.
 */
export async function takeFollowed(
  followedId: string,
  ownId: string,
  deps: TakeFollowedDeps,
): Promise<FollowedCluster> {
  const entry = deps.entry(followedId);
  if (entry === undefined)
    throw appError('inventory.cluster_unknown', 'There is no such cluster.', { target: followedId });
  const own = deps.latestSpec(followedId);
  const isOurs = own !== null && own.adopted.length === 0;
  const spec = isOurs ? own : (await deps.describe(entry)).spec;
  const authority = isOurs ? new Map(await authoritySecretsOf(deps.secrets, spec)).get(authoritySecrets.trusted) : null;
  return {
    clusterId: followedId,
    title: entry.title,
    ways: waysTo(entry, spec, deps),
    accounts: spec.accounts,
    postgresVersion: spec.postgres.version ?? versionOf(deps.state(followedId)),
    passwords: await copyPasswords(followedId, ownId, deps.secrets),
    authority: authority ?? null,
    tls: isOurs ? spec.tls : 'not_known',
  };
}

function versionOf(state: ClusterState | null): number | null {
  const version = state?.members.flatMap(({ postgresVersion }) => postgresVersion ?? [])[0];
  return version === undefined ? null : Math.floor(version / 10_000);
}

async function copyPasswords(from: string, to: string, secrets: SecretBook): Promise<readonly PasswordName[]> {
  const book = withoutLost(secrets);
  const taken: PasswordName[] = [];
  for (const name of TAKEN) {
    const value = await book.read(from, name);
    if (value === undefined) continue;
    await secrets.write(to, name, value);
    taken.push(name);
  }
  return taken;
}

/** Its members as they report themselves, then what leads to its primary. */
function waysTo(entry: ClusterEntry, spec: ClusterSpec, deps: TakeFollowedDeps): readonly FollowedWay[] {
  const reported = (deps.state(entry.id)?.members ?? []).flatMap(({ host, port }) =>
    host === null || port === null ? [] : [{ host, port }],
  );
  const described = spec.servers
    .filter(({ roles }) => roles.includes('postgres'))
    .map(({ address }) => ({ host: address, port: spec.postgres.port }));
  const members = reported.length > 0 ? reported : described;
  const port = members[0]?.port ?? spec.postgres.port;
  const entrances = entrancesOfCluster(entry, deps.latestSpec(entry.id), deps.server).flatMap((one): FollowedWay[] =>
    one.by === 'member' || (one.by === 'load_balancer' && one.port === null)
      ? []
      : [{ by: one.by, hosts: [one.host], port: one.port ?? portOfVip(spec) }],
  );
  const hosts = members.filter((member) => member.port === port).map(({ host }) => host);
  return [...(hosts.length === 0 ? [] : [{ by: 'member' as const, hosts, port }]), ...entrances];
}

/** What listens at the virtual address: PostgreSQL itself, or HAProxy, which leads on to the primary. */
function portOfVip({ vip, haproxy, postgres }: ClusterSpec): number {
  return vip?.follows === 'primary' ? postgres.port : haproxy.primaryPort;
}
