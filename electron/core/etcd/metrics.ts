import { once } from 'node:events';
import { connect, type NetConnectOpts } from 'node:net';
import { ETCD_CLIENT_PORT, readHostPort } from '../../../shared/model/connect/host-port';
import type { Dial } from '../platform/dial';
import { sendHttp } from '../platform/http/send-http';
import type { ClientTls } from '../platform/http/tls-stream';

const TIMEOUT_MS = 1_500;
/** etcd lists about a thousand figures. */
const MOST_BYTES = 4 * 1024 * 1024;
const QUOTA = /^etcd_server_quota_backend_bytes ([\d.e+]+)$/m;

/** Where a member's client port is reached, as gRPC names it. */
export interface MetricsSource {
  /** `unix:/path`, or host:port. */
  readonly target: string;
  readonly tls: (ClientTls & { readonly serverName: string }) | null;
}

function addressOf(target: string): NetConnectOpts {
  if (target.startsWith('unix:')) return { path: target.slice('unix:'.length) };
  return readHostPort(target, ETCD_CLIENT_PORT) ?? { path: target };
}

/**
 * The quota of an etcd member from its figures for monitoring, bytes: before 3.6 its status does not say it. null when the member does
 * not give them to the app (`--listen-metrics-urls` moves them to another port).
 */
export async function readQuota({ target, tls }: MetricsSource): Promise<number | null> {
  const dial: Dial = async () => {
    const socket = connect(addressOf(target));
    await once(socket, 'connect', { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((thrown: unknown) => {
      socket.destroy();
      throw thrown;
    });
    return socket;
  };
  try {
    const { status, body } = await sendHttp({
      dial,
      host: tls?.serverName ?? 'etcd',
      port: ETCD_CLIENT_PORT,
      tls,
      method: 'GET',
      path: '/metrics',
      headers: {},
      body: null,
      timeoutMs: TIMEOUT_MS,
      signal: null,
      maxBodyBytes: MOST_BYTES,
    });
    const quota = status === 200 ? Number(QUOTA.exec(body)?.[1] ?? NaN) : NaN;
    return Number.isFinite(quota) && quota > 0 ? quota : null;
  } catch {
    return null;
  }
}
