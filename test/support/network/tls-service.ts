import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A service behind TLS on loopback; `requests` counts those that got through the handshake. */
export interface TlsService {
  readonly port: number;
  requests(): number;
  close(): void;
}

/** Starts a service that gives every request the same answer. */
export async function startTlsService(options: ServerOptions, answer: string): Promise<TlsService> {
  let requests = 0;
  const server = createServer(options, (_request, response) => {
    requests += 1;
    response.end(answer);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    requests: () => requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
