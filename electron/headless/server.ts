import { createServer, STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { RPCHandler } from '@orpc/server/websocket';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { ENTRANCE, RPC_PATH } from '../../shared/model/app/transport';
import type { CoreRouter } from '../core/rpc/handlers/router';
import { createAccess, ownOrigin, type Access } from './access';
import { servePage } from './pages';

/** The largest message of a page: an inventory to import, with room to spare, bytes. */
const MAX_MESSAGE = 16 * 1024 * 1024;

/** A page that leaves this much unread does not read any more, bytes. */
const MAX_UNREAD = 64 * 1024 * 1024;

/** Windows at a time: more than anybody opens, and few enough that a program that opens them does not fill the memory. */
const MAX_WINDOWS = 64;

/** Connections at a time: each window's own, and those that load its files. */
const MAX_CONNECTIONS = 256;

/** Silent windows are asked this often whether they are still there, ms. */
const PING_MS = 30_000;

/** Where to listen and what to serve. */
export interface HeadlessOptions {
  readonly router: CoreRouter;
  /** The directory of the built page. */
  readonly pageRoot: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly bind: '127.0.0.1' | '::1';
}

/** The running host. */
export interface HeadlessServer {
  readonly port: number;
  /** A link that lets one browser in, once. */
  newUrl(): string;
  close(): Promise<void>;
}

/** Serves the page and the core on the loopback interface. Rejects when the port is taken. */
export async function serveHeadless(options: HeadlessOptions): Promise<HeadlessServer> {
  const server = createServer();
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const access = createAccess();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    handleProtocols: () => ENTRANCE.protocol,
  });
  server.on('request', (request, response) => {
    servePage(request, response, { access, port, root: options.pageRoot }).catch(() => {
      response.destroy();
    });
  });
  acceptWindows(server, sockets, options.router, access, port);
  const timer = pingWindows(sockets);
  const host = options.bind === '::1' ? '[::1]' : options.bind;
  return {
    port,
    newUrl: () => `http://${host}:${port}/#token=${access.newToken()}`,
    close: () => {
      clearInterval(timer);
      return closeAll(server, sockets);
    },
  };
}

function listen(server: Server, { port, bind }: HeadlessOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, bind, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function acceptWindows(
  server: Server,
  sockets: WebSocketServer,
  router: CoreRouter,
  access: Access,
  port: number,
): void {
  const handler = new RPCHandler(router);
  const refusalOf = (request: IncomingMessage): number | null => {
    if (request.url !== RPC_PATH) return 404;
    if (!ownOrigin(request.headers, port) || !access.showsKey(request.headers)) return 403;
    return sockets.clients.size < MAX_WINDOWS ? null : 503;
  };
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {
      socket.destroy();
    });
    const status = refusalOf(request);
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (window) => {
      window.on('error', () => {
        window.terminate();
      });
      serveWindow(handler, window);
    });
  });
}

/** RFC 6455, 7.4.1: a message whose content is not what its type says. */
const UNREADABLE = 1007;

/** What oRPC speaks to: its own adapter for ws lets the error of a message that it cannot read go unheard. */
type Peer = Parameters<RPCHandler<Record<never, never>>['close']>[0];

/** Serves one page. A message that is not one of ours ends its connection; it is neither answered nor logged. */
function serveWindow(handler: RPCHandler<Record<never, never>>, window: WebSocket): void {
  const peer: Peer = {
    addEventListener: () => undefined,
    send: (data) => {
      if (data instanceof Blob) void data.arrayBuffer().then((whole) => window.send(whole));
      else window.send(data);
    },
  };
  window.on('message', (data, isBinary) => {
    handler.message(peer, payloadOf(data, isBinary), { context: {} }).catch(() => {
      window.close(UNREADABLE, 'This message cannot be read.');
    });
  });
  window.on('close', () => {
    handler.close(peer);
  });
}

function payloadOf(data: RawData, isBinary: boolean): string | ArrayBuffer {
  const whole = Buffer.concat(Array.isArray(data) ? data : [new Uint8Array(data)]);
  return isBinary ? new Uint8Array(whole).buffer : whole.toString('utf8');
}

/** A window that did not answer since the last round is gone; one that does not read is cut off. */
function pingWindows(sockets: WebSocketServer): NodeJS.Timeout {
  const silent = new WeakSet<WebSocket>();
  const timer = setInterval(() => {
    for (const window of sockets.clients) {
      if (silent.has(window) || window.bufferedAmount > MAX_UNREAD) {
        window.terminate();
        continue;
      }
      silent.add(window);
      window.once('pong', () => {
        silent.delete(window);
      });
      window.ping();
    }
  }, PING_MS);
  timer.unref();
  return timer;
}

async function closeAll(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const window of sockets.clients) window.terminate();
  sockets.close();
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  server.closeAllConnections();
  await closed;
}
