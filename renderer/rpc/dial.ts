import { createORPCClient } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import { RPC_PATH } from '../../shared/model/app/transport';
import type { Channel, CoreClient, OpenCoreChannel } from './core';
import { createEntrance } from './entrance';

const OPEN_LIMIT_MS = 8_000;

/** How the page reaches the core: by a port from the preload in the app, by a WebSocket of its own origin in a browser. */
export function dialCore(page: Window): OpenCoreChannel {
  return page.location.protocol === 'app:' ? dialPort(page) : dialSocket(page);
}

function dialSocket(page: Window): OpenCoreChannel {
  const { protocol, host } = page.location;
  const address = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}${RPC_PATH}`;
  const entrance = createEntrance(page);
  return async (signal) => {
    const protocols = await entrance.protocols(AbortSignal.any([signal, AbortSignal.timeout(OPEN_LIMIT_MS)]));
    return openSocket(new WebSocket(address, protocols), signal);
  };
}

function openSocket(websocket: WebSocket, signal: AbortSignal): Promise<Channel> {
  const client: CoreClient = createORPCClient(new SocketLink({ websocket }));
  const closed = new Promise<void>((resolve) => websocket.addEventListener('close', () => resolve(), { once: true }));
  signal.addEventListener('abort', () => websocket.close(), { once: true });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => websocket.close(), OPEN_LIMIT_MS);
    websocket.addEventListener(
      'open',
      () => {
        clearTimeout(timer);
        resolve({ client, closed });
      },
      { once: true },
    );
    void closed.then(() => {
      clearTimeout(timer);
      reject(new Error('The core does not answer.'));
    });
  });
}

/** Each port the preload hands over is a new core; the port before it is dead. */
function dialPort(page: Window): OpenCoreChannel {
  const ports: MessagePort[] = [];
  const waiting: (() => void)[] = [];
  page.addEventListener('message', (event: MessageEvent<unknown>) => {
    const port = event.ports[0];
    if (event.source !== page || !isPortMessage(event.data) || port === undefined) return;
    ports.push(port);
    waiting.shift()?.();
  });
  page.postMessage({ type: 'matriarch:ready' }, page.location.origin);
  return async () => {
    if (ports.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    const port = ports.pop();
    ports.length = 0;
    if (port === undefined) throw new Error('The shell gave no port.');
    return openPort(port, page);
  };
}

function openPort(port: MessagePort, page: Window): Channel {
  const client: CoreClient = createORPCClient(new PortLink({ port }));
  const closed = new Promise<void>((resolve) => {
    port.addEventListener('close', () => resolve(), { once: true });
    page.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (event.source === page && isPortMessage(event.data)) resolve();
    });
  });
  port.start();
  return { client, closed };
}

function isPortMessage(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'type' in data && data.type === 'matriarch:port';
}
