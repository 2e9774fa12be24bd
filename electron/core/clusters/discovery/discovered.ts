import type { EtcdAccess, EtcdEndpoint, RestAccess, TlsMaterial } from '../../../../shared/model/cluster/cluster-entry';
import type { DiscoveredCluster } from '../../../../shared/model/cluster/discovery';
import type { Inventory } from '../../inventory/inventory';
import type { RemotePool } from '../../ssh/remote';
import type { Secrets } from '../../vault/secrets';
import type { HostPort } from '../../../../shared/model/connect/host-port';
import type { FoundAuth, FoundTls, PatroniConfig } from './patroni-config';

/** What the discovery works with. */
export interface DiscoveryDeps {
  readonly inventory: Inventory;
  readonly secrets: Pick<Secrets, 'read' | 'put'>;
  readonly remotes: RemotePool;
  readonly now: () => number;
}

/** A found cluster with what must not leave the core: kept in memory until it is added or the app ends. */
export interface ClusterWithSecrets {
  readonly cluster: DiscoveredCluster;
  readonly serverId: string;
  readonly rest: { readonly auth: FoundAuth | null; readonly tls: FoundTls | null };
  /** null: no etcd that the app can speak to. */
  readonly etcd: {
    readonly hosts: readonly HostPort[];
    readonly auth: FoundAuth | null;
    readonly tls: FoundTls | null;
  } | null;
}

/** Where a secret is put; answers the id under which it can be read. */
export type Keep = (purpose: string, value: string) => Promise<string>;

/** Secrets of a discovery that is not added yet: they live only as long as the questions it asks. */
export class PassingSecrets {
  readonly #values = new Map<string, string>();

  keep: Keep = (_purpose, value) => {
    const id = `passing-${String(this.#values.size + 1)}`;
    this.#values.set(id, value);
    return Promise.resolve(id);
  };

  read = (id: string): Promise<string | undefined> => Promise.resolve(this.#values.get(id));
}

async function toTls(tls: FoundTls | null, purpose: string, keep: Keep): Promise<TlsMaterial | null> {
  if (tls === null) return null;
  const keySecret = tls.key === null ? null : await keep(`${purpose} client key`, tls.key);
  return {
    ...(tls.ca === null ? {} : { ca: tls.ca }),
    ...(tls.cert === null ? {} : { cert: tls.cert }),
    ...(keySecret === null ? {} : { keySecret }),
    ...(tls.insecure ? { insecure: true } : {}),
  };
}

async function toAuth(auth: FoundAuth | null, purpose: string, keep: Keep): Promise<RestAccess['auth']> {
  return auth === null
    ? null
    : { username: auth.username, passwordSecret: await keep(`${purpose} password of ${auth.username}`, auth.password) };
}

/** Access to the REST APIs; its secrets are kept by `keep`. */
export async function restAccess(found: ClusterWithSecrets['rest'], scope: string, keep: Keep): Promise<RestAccess> {
  return { auth: await toAuth(found.auth, `${scope} REST`, keep), tls: await toTls(found.tls, `${scope} REST`, keep) };
}

/** Access to etcd; each host through the server that leads to it. */
export async function etcdAccess(
  found: NonNullable<ClusterWithSecrets['etcd']>,
  scope: string,
  serverFor: (host: string) => string | null,
  keep: Keep,
): Promise<EtcdAccess> {
  const endpoints = found.hosts.map((one): EtcdEndpoint => ({ ...one, serverId: serverFor(one.host) }));
  return {
    endpoints,
    auth: await toAuth(found.auth, `${scope} etcd`, keep),
    tls: await toTls(found.tls, `${scope} etcd`, keep),
  };
}

/** What a configuration says of its etcd; null where the app cannot speak to its DCS. */
export function etcdOf(config: PatroniConfig): ClusterWithSecrets['etcd'] {
  if (config.dcs !== 'etcd3' || config.dcsHosts.length === 0) return null;
  return { hosts: config.dcsHosts, auth: config.dcsAuth, tls: config.dcsTls };
}
