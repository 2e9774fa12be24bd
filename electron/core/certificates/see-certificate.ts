import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { requestTls } from '../deploy/resources/postgres-wire';
import type { Dial } from '../platform/dial';
import { TimeoutError, withDeadline } from '../platform/wait';

/** How a port is asked for its certificate. `name`: the server name to ask for; null: none. */
export interface SeeRequest {
  readonly dial: Dial;
  readonly host: string;
  readonly port: number;
  readonly name: string | null;
  readonly starts: 'tls' | 'postgres';
}

/** What a port showed: its own certificate first, then those that it sent along. `plain`: it speaks no TLS. */
export type SeenChain =
  { readonly kind: 'shown'; readonly chain: readonly X509Certificate[] } | { readonly kind: 'plain' };

const SEE_MS = 4_000;
const LONGEST_CHAIN = 10;

/**
 * Reads the certificate that a port shows, by a handshake that is given up once it is there; no certificate of its own is sent, and
 * nothing after it. Rejects with an `ssh.*` error where the port is not reached, and with an Error whose sentence says why else.
 */
export async function seeCertificate({ dial, host, port, name, starts }: SeeRequest): Promise<SeenChain> {
  const stream = await dial(host, port, SEE_MS);
  stream.on('error', () => undefined);
  try {
    if (starts === 'postgres') {
      const refused = await requestTls(stream);
      if (refused === 'it does not speak TLS') return { kind: 'plain' };
      if (refused !== '') throw new Error(`PostgreSQL's question for TLS came to nothing: ${refused}.`);
    }
    return { kind: 'shown', chain: await shakeHands(stream, name) };
  } finally {
    stream.destroy();
  }
}

async function shakeHands(stream: Duplex, name: string | null): Promise<readonly X509Certificate[]> {
  const secured = connectTls({
    socket: stream,
    rejectUnauthorized: false,
    // Services that are older than TLS 1.2 are to be seen, too; nothing is said to them.
    minVersion: 'TLSv1',
    ...(name === null || isIP(name) !== 0 ? {} : { servername: name }),
  });
  secured.on('error', () => undefined);
  try {
    await withDeadline({ timeoutMs: SEE_MS }, (signal) => once(secured, 'secureConnect', { signal }));
    return chainOf(secured);
  } catch (thrown) {
    throw new Error(whyNot(thrown), { cause: thrown });
  } finally {
    secured.destroy();
  }
}

/** Node links the chain by issuers; a certificate that signed itself is its own issuer. */
function chainOf(secured: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let raw = secured.getPeerCertificate(true);
  while (chain.length < LONGEST_CHAIN && Buffer.isBuffer(raw.raw)) {
    const next = new X509Certificate(raw.raw);
    if (chain.some(({ fingerprint256 }) => fingerprint256 === next.fingerprint256)) break;
    chain.push(next);
    if (raw.issuerCertificate === undefined) break;
    raw = raw.issuerCertificate;
  }
  if (chain.length === 0) throw new Error('it showed no certificate');
  return chain;
}

function whyNot(thrown: unknown): string {
  if (thrown instanceof TimeoutError) return 'The handshake did not end in time.';
  const said = thrown instanceof Error ? thrown.message.split('\n')[0] : String(thrown);
  return `The handshake failed: ${(said ?? '').slice(0, 200)}.`;
}
