import type { EtcdEndpoint } from '../../../../shared/model/cluster/cluster-entry';
import type { OpenedEndpoint } from '../../etcd/connect-etcd';
import type { Dial } from '../../patroni/exchange';
import { createLocalEndpoint } from '../../ssh/tunnel/local-endpoint';
import type { RemotePool } from '../../ssh/remote';
import { directDial } from './direct-dial';

const ETCD_DIAL_MS = 5_000;

/** The way to a server's network: through its SSH connection, or from this computer where there is none. */
export function dialThrough(pool: RemotePool, serverId: string | null): Dial {
  if (serverId === null) return directDial;
  return async (host, port, timeoutMs) => pool.remote(serverId).dial(host, port, timeoutMs);
}

/** Opens a way for gRPC, which can only be given an address. Logs in to the server first, so that a refusal is told as what it is. */
export async function openEtcdEndpoint(pool: RemotePool, endpoint: EtcdEndpoint): Promise<OpenedEndpoint> {
  if (endpoint.serverId === null) {
    const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
    return { target: `${host}:${String(endpoint.port)}`, why: () => null, close: () => Promise.resolve() };
  }
  const dial = dialThrough(pool, endpoint.serverId);
  const first = await dial(endpoint.host, endpoint.port, ETCD_DIAL_MS);
  first.on('error', () => undefined);
  first.destroy();
  return tunnel(dial, endpoint);
}

async function tunnel(dial: Dial, endpoint: EtcdEndpoint): Promise<OpenedEndpoint> {
  let last: unknown = null;
  const dialOnce = async (): ReturnType<Dial> => {
    const stream = await dial(endpoint.host, endpoint.port, ETCD_DIAL_MS);
    last = null;
    return stream;
  };
  const local = await createLocalEndpoint(dialOnce, {
    onDialError: (thrown) => {
      last = thrown;
    },
  });
  return { target: local.address, why: () => last, close: () => local.close() };
}
