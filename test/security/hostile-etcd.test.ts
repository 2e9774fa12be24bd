import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Server, ServerCredentials, type ServerDuplexStream, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { etcdServices } from '../../electron/core/demo/etcd/protocol';
import type { ClusterState } from '../../shared/model/cluster/cluster-state';
import { aCluster } from '../unit/inventory/entries';
import { startApp, type TestApp, type TestConnection } from '../support/app/app';

const PREFIX = '/service/main/';
const header = { cluster_id: '1', member_id: '1', revision: '5', raft_term: '2' };

interface Row {
  readonly key: Buffer;
  readonly value: Buffer;
}

const row = (key: string, value: string | Buffer): Row => ({
  key: Buffer.from(key),
  value: Buffer.isBuffer(value) ? value : Buffer.from(value),
});
const kv = ({ key, value }: Row) => ({ key, value, create_revision: '1', mod_revision: '2', version: '1', lease: '0' });
const member = (name: string): Row =>
  row(
    `${PREFIX}members/${name}`,
    JSON.stringify({ state: 'running', role: 'replica', conn_url: 'postgres://192.0.2.1/' }),
  );

type Undo = () => Promise<void>;
let undos: Undo[] = [];

/** A port on which somebody listens who is no etcd. */
async function listenRaw(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  undos.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

interface Hostile {
  readonly rows: readonly Row[];
  /** What is sent after a watch was made. */
  readonly onWatch?: (call: ServerDuplexStream<unknown, unknown>) => void;
}

/** An etcd that gives these rows for every question, whatever was asked. */
async function listenEtcd({ rows, onWatch }: Hostile): Promise<number> {
  const services = etcdServices();
  const limits = { 'grpc.max_send_message_length': -1, 'grpc.max_receive_message_length': -1 };
  const server = new Server(limits);
  const answers: UntypedServiceImplementation = {
    Range: (_call: unknown, callback: (error: null, reply: unknown) => void) =>
      callback(null, { header, kvs: rows.map(kv), more: false, count: String(rows.length) }),
  };
  server.addService(services.KV, answers);
  server.addService(services.Watch, {
    Watch: (call: ServerDuplexStream<{ create_request?: unknown }, unknown>) => {
      call.on('error', () => undefined);
      call.on('data', (request: { create_request?: unknown }) => {
        if (request.create_request === undefined) return;
        call.write({ header, watch_id: '0', created: true, events: [] });
        onWatch?.(call);
      });
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  undos.push(() => {
    server.forceShutdown();
    return Promise.resolve();
  });
  return port;
}

describe('an etcd that means harm', () => {
  let app: TestApp;
  let page: TestConnection;

  beforeEach(async () => {
    app = await startApp({ page: false });
    page = await app.connect();
  });
  afterEach(async () => {
    page.close();
    await app.close();
    for (const undo of undos) await undo();
    undos = [];
  });

  /** Adds the cluster of this etcd, and answers how its state is read. */
  const follow = async (port: number): Promise<() => ClusterState | null> => {
    const entry = aCluster({
      scope: 'main',
      members: [],
      etcd: { endpoints: [{ host: '127.0.0.1', port, serverId: null }], tls: null, auth: null },
    });
    await app.app.core.services.inventory.saveCluster(entry);
    return () => app.app.core.services.hub.state(entry.id);
  };
  const waitFor = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 200 });
  /** The core answers a page at once. */
  const isAwake = async () => {
    const asked = performance.now();
    await page.client.app.info();
    expect(performance.now() - asked).toBeLessThan(3_000);
  };

  it.each<readonly [string, () => Promise<number>]>([
    ['answers with garbage', () => listenRaw((socket) => void socket.write(Buffer.alloc(4_096, 0xa7)))],
    ['never answers', () => listenRaw(() => undefined)],
    [
      'closes in the middle of a message',
      () =>
        listenRaw((socket) => {
          // The settings of HTTP/2, and the head of a frame that never comes.
          socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 64, 0]));
          socket.once('data', () => socket.destroy());
        }),
    ],
    [
      'sends a value of 100 MB',
      () => listenEtcd({ rows: [row(`${PREFIX}config`, Buffer.alloc(100 * 1024 ** 2, 0x20))] }),
    ],
  ])(
    'that %s is said to be out of reach or refused, and the core lives on',
    async (_what, listen) => {
      const state = await follow(await listen());
      const before = process.memoryUsage().rss;
      await waitFor(() => expect(['unreachable', 'refused', 'no_quorum']).toContain(state()?.dcs.kind));
      const dcs = state()?.dcs;
      if (dcs?.kind === 'unreachable' || dcs?.kind === 'refused') expect(dcs.error.message).not.toBe('');
      await isAwake();
      expect(process.memoryUsage().rss - before).toBeLessThan(600 * 1024 ** 2);
    },
    60_000,
  );

  it('that names a hundred thousand members has a bounded number of them shown, or the failure said', async () => {
    const rows = Array.from({ length: 100_000 }, (_, index) => member(`m${index}`));
    const state = await follow(await listenEtcd({ rows }));
    await waitFor(() =>
      expect((state()?.members.length ?? 0) > 1 || ['unreachable', 'refused'].includes(state()?.dcs.kind ?? '')).toBe(
        true,
      ),
    );
    expect(state()?.members.length).toBeLessThanOrEqual(300);
    await isAwake();
  }, 60_000);

  it('that sends changes without an end leaves the core awake', async () => {
    let ended = false;
    undos.push(() => {
      ended = true;
      return Promise.resolve();
    });
    const onWatch = (call: ServerDuplexStream<unknown, unknown>): void => {
      let revision = 6;
      const push = (): void => {
        if (ended || call.cancelled || call.destroyed) return;
        for (let count = 0; count < 200; count += 1) {
          revision += 1;
          const at = { ...kv(row(`${PREFIX}status`, `{"optime":${revision}}`)), mod_revision: String(revision) };
          call.write({
            header: { ...header, revision: String(revision) },
            watch_id: '0',
            events: [{ type: 'PUT', kv: at }],
          });
        }
        setTimeout(push, 5);
      };
      push();
    };
    const state = await follow(await listenEtcd({ rows: [member('a'), row(`${PREFIX}leader`, 'a')], onWatch }));
    await waitFor(() => expect(state()?.dcs.kind).toBe('live'));
    const before = process.memoryUsage().heapUsed;
    await new Promise((resolve) => void setTimeout(resolve, 3_000));
    await isAwake();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(300 * 1024 ** 2);
  }, 60_000);

  it('that uses the names of built-in properties, and bytes that are no text, changes nothing else', async () => {
    const rows = [
      member('__proto__'),
      member('constructor'),
      member('toString'),
      {
        key: Buffer.concat([Buffer.from(`${PREFIX}members/`), Buffer.from([0xff, 0xfe, 0x80])]),
        value: Buffer.from([0xc3, 0x28]),
      },
      row(`${PREFIX}leader`, 'constructor'),
      row(`${PREFIX}config`, '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
      row(`${PREFIX}status`, '{"optime":"NaN","slots":{"__proto__":1}}'),
      row(`${PREFIX}sync`, '[[[[['),
      row(`${PREFIX}history`, `${'['.repeat(5_000)}`),
    ];
    const state = await follow(await listenEtcd({ rows }));
    await waitFor(() => expect(state()?.members.map(({ name }) => name)).toContain('constructor'));
    expect(state()?.leader.holder).toBe('constructor');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    await isAwake();
  }, 60_000);
});
