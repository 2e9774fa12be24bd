import { createServer, connect, type AddressInfo, type Server as TcpServer } from 'node:net';
import type { Connection } from 'ssh2';

/** What the tunnels of a test server lead to. */
export interface ForwardOptions {
  /** False refuses tunnels (AllowTcpForwarding no). */
  readonly forwarding?: boolean;
  /** The ports on loopback that stand for addresses of the network behind this server, by `host:port`; others are refused. */
  readonly network?: () => Readonly<Record<string, number>>;
}

/** Serves tunnels both ways (ssh -L and -R). */
export function serveForwards(connection: Connection, options: ForwardOptions): void {
  const listeners = new Map<number, TcpServer>();
  connection.on('tcpip', (accept, reject, info) => {
    if (options.forwarding === false) {
      reject();
      return;
    }
    const port = options.network?.()[`${info.destIP}:${info.destPort}`];
    if (options.network !== undefined && port === undefined) {
      reject();
      return;
    }
    const target = port === undefined ? connect(info.destPort, info.destIP) : connect(port, '127.0.0.1');
    target.once('error', () => {
      reject();
    });
    target.once('connect', () => {
      const channel = accept();
      channel.on('error', () => undefined);
      target.removeAllListeners('error').on('error', () => {
        channel.destroy();
      });
      channel.on('close', () => {
        target.destroy();
      });
      channel.pipe(target).pipe(channel);
    });
  });
  connection.on('request', (accept, reject, name, info) => {
    if (options.forwarding === false || !('bindPort' in info)) {
      reject?.();
      return;
    }
    if (name === 'cancel-tcpip-forward') {
      listeners.get(info.bindPort)?.close();
      listeners.delete(info.bindPort);
      accept?.();
      return;
    }
    if (name !== 'tcpip-forward') {
      reject?.();
      return;
    }
    openListener(connection, info, listeners, accept, reject);
  });
  connection.on('close', () => {
    for (const listener of listeners.values()) listener.close();
  });
}

function openListener(
  connection: Connection,
  info: { bindAddr: string; bindPort: number },
  listeners: Map<number, TcpServer>,
  accept?: (port?: number) => void,
  reject?: () => void,
): void {
  const listener = createServer((socket) => {
    const port = (listener.address() as AddressInfo).port;
    socket.on('error', () => undefined);
    connection.forwardOut(info.bindAddr, port, '127.0.0.1', socket.remotePort ?? 0, (error, channel) => {
      if (error !== undefined) {
        socket.destroy();
        return;
      }
      channel
        .on('error', () => undefined)
        .on('close', () => {
          socket.destroy();
        });
      channel.pipe(socket).pipe(channel);
    });
  });
  listener.on('error', () => {
    reject?.();
  });
  listener.listen(info.bindPort, '127.0.0.1', () => {
    const { port } = listener.address() as AddressInfo;
    listeners.set(port, listener);
    accept?.(port);
  });
}
