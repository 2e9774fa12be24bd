import { printHostPort, toNormalHost } from '../../../../shared/model/connect/host-port';
import type { EtcdEndpoint } from '../../../../shared/model/cluster/cluster-entry';
import type { OpenedEndpoint } from '../../etcd/open-endpoint';
import { openEndpoint } from '../../etcd/open-endpoint';
import type { Dial } from '../../platform/dial';
import type { RemotePool } from '../../ssh/remote';
import { directDial } from './direct-dial';

/** The loopback address for a host that stands for every address of a server (`*`, `0.0.0.0`, `::`); null for any other host. */
export function loopbackOfWildcard(host: string): string | null {
  switch (toNormalHost(host)) {
    case '':
    case '*':
    case '0.0.0.0':
      return '127.0.0.1';
    case '::':
      return '::1';
    default:
      return null;
  }
}

/**
 * Dials in a server's network: through its SSH connection, or from this computer where there is none. A service that gives every
 * address of its server as its own is dialled on that server's loopback.
 */
export function dialThrough(pool: Pick<RemotePool, 'remote'>, serverId: string | null): Dial {
  if (serverId === null) return directDial;
  return async (host, port, timeoutMs) => pool.remote(serverId).dial(loopbackOfWildcard(host) ?? host, port, timeoutMs);
}

/** Opens a connection to an etcd member: through its server's SSH connection, or from this computer where it has none. */
export async function openEtcdEndpoint(pool: RemotePool, endpoint: EtcdEndpoint): Promise<OpenedEndpoint> {
  if (endpoint.serverId === null) {
    return { target: printHostPort(endpoint), why: () => null, close: () => Promise.resolve() };
  }
  return openEndpoint(dialThrough(pool, endpoint.serverId), endpoint.host, endpoint.port);
}
