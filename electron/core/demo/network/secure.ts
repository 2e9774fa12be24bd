import type { Duplex } from 'node:stream';
import { createServer } from 'node:tls';

/** Key and certificates that a simulated service shows. */
export interface ServiceTls {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
  /** Clients without a certificate of the authority are turned away. */
  readonly strict: boolean;
}

/** Speaks TLS on a connection that came in, and hands over what is inside. A handshake that fails ends the connection. */
export function serveTls(
  stream: Duplex,
  tls: ServiceTls,
  accept: (inside: Duplex) => void,
  protocols: readonly string[] = [],
): void {
  const server = createServer({
    key: tls.key,
    cert: tls.cert,
    ...(tls.ca === '' ? {} : { ca: tls.ca }),
    requestCert: tls.ca !== '',
    rejectUnauthorized: tls.strict,
    ...(protocols.length === 0 ? {} : { ALPNProtocols: [...protocols] }),
  });
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined);
    accept(socket);
  });
  server.on('tlsClientError', () => stream.destroy());
  server.emit('connection', stream);
}

/** The code of PostgreSQL's request for TLS, in a message of eight bytes (protocol documentation, SSLRequest). */
const TLS_REQUEST = 80_877_103;

/** Authentication by SCRAM-SHA-256 is asked for (protocol documentation, AuthenticationSASL). */
const MECHANISMS = Buffer.from('SCRAM-SHA-256\0\0', 'latin1');
const ASKS_FOR_PASSWORD = Buffer.concat([
  Buffer.from('R'),
  Buffer.from([0, 0, 0, 8 + MECHANISMS.length, 0, 0, 0, 10]),
  MECHANISMS,
]);

/** The role of a drill, in the startup message: it is let in. */
const DRILL_ROLE = /\0user\0matriarch_drill_[0-9a-f]+\0/;

/**
 * PostgreSQL as far as it is simulated: it asks for a password, and takes none. SQL goes through psql on the server. Only the role of a
 * drill is let in, and handed over.
 */
export function greetAsPostgres(stream: Duplex, tls: ServiceTls | null, drill: (inside: Duplex) => void): void {
  stream.once('data', (first: Buffer) => {
    if (DRILL_ROLE.test(first.toString('latin1'))) return drill(stream);
    if (first.length < 8 || first.readInt32BE(4) !== TLS_REQUEST) {
      stream.write(ASKS_FOR_PASSWORD);
      return void stream.once('data', () => stream.end());
    }
    stream.write(tls === null ? 'N' : 'S');
    if (tls === null) greetAsPostgres(stream, null, drill);
    else serveTls(stream, tls, (inside) => greetAsPostgres(inside, null, drill));
  });
}
