import { once } from 'node:events';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';

/** TLS material with secrets already read, PEM. A service is verified by `ca`, or by the system's authorities without one. */
export interface ClientTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name or address to verify instead of the host that is connected to. */
  readonly serverName?: string;
  /** True skips verification, on the user's word. */
  readonly insecure?: boolean;
}

/**
 * Speaks TLS over a stream that is open already. Resolves when the handshake is done; rejects with Node's own error, or when
 * the signal is aborted. An IP address is no server name (RFC 6066), yet the certificate is still checked against it.
 */
export async function secureStream(stream: Duplex, host: string, tls: ClientTls, signal: AbortSignal): Promise<Duplex> {
  const name = tls.serverName ?? host;
  const secured = connectTls({
    socket: stream,
    host: name,
    rejectUnauthorized: tls.insecure !== true,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  });
  // Who gave up waiting listens no more, and the end of the stream below is an error here still.
  secured.on('error', () => undefined);
  try {
    await once(secured, 'secureConnect', { signal });
    return secured;
  } catch (thrown) {
    secured.destroy();
    throw thrown;
  }
}
