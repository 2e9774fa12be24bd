import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { EtcdNode } from '../../../electron/core/demo/etcd/node';
import { EtcdServer } from '../../../electron/core/demo/etcd/server';
import { EtcdStore, toStoreKey } from '../../../electron/core/demo/etcd-store/store';

/** An etcd of several members on loopback: the simulator's gRPC services behind real ports. */
export interface EtcdWire {
  readonly store: EtcdStore;
  readonly ports: readonly number[];
  put(key: string, value: string, leaseTtl?: number): void;
  remove(key: string): void;
  /** Whether the members see a majority. */
  setQuorum(quorum: boolean): void;
  /** One member's process ends, its connections with it; `start` brings it back on the same port. */
  stop(index: number): Promise<void>;
  start(index: number): Promise<void>;
  close(): Promise<void>;
}

/** How the etcd wants to be spoken to; plainly by default. */
export interface EtcdWireOptions {
  readonly tls?: TlsOptions;
  readonly users?: Readonly<Record<string, string>>;
}

class WireMember {
  readonly #node: EtcdNode;
  readonly #tls: TlsOptions | undefined;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #grpc: EtcdServer | null = null;
  port = 0;

  constructor(node: EtcdNode, tls: TlsOptions | undefined) {
    this.#node = node;
    this.#tls = tls;
  }

  async start(): Promise<void> {
    const grpc = new EtcdServer(this.#node);
    const serve = (socket: Socket): void => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).once('close', () => this.#sockets.delete(socket));
      grpc.accept(socket);
    };
    const server =
      this.#tls === undefined ? createServer(serve) : createTlsServer({ ...this.#tls, ALPNProtocols: ['h2'] }, serve);
    await new Promise<void>((resolve) => {
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#grpc = grpc;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    this.#grpc?.close();
  }
}

/** Starts `size` members over one store. */
export async function startEtcdWire(size: number, options: EtcdWireOptions = {}): Promise<EtcdWire> {
  const store = new EtcdStore();
  const listeners = new Set<(quorum: boolean) => void>();
  let quorum = true;
  const members: WireMember[] = [];
  const nodeOf = (index: number): EtcdNode => ({
    store,
    clusterId: '7',
    memberId: String(100 + index),
    version: '3.5.16',
    ...(options.users === undefined ? {} : { users: options.users }),
    now: () => Date.now(),
    hasQuorum: () => quorum,
    leaderId: () => (quorum ? '100' : '0'),
    term: () => 2,
    members: () =>
      members.map((member, at) => ({
        ID: String(100 + at),
        name: `etcd${String(at + 1)}`,
        isLearner: false,
        peerURLs: [],
        clientURLs: [`http://127.0.0.1:${String(member.port)}`],
      })),
    onQuorum: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    leasesChanged: () => undefined,
  });
  for (let index = 0; index < size; index += 1) {
    const member = new WireMember(nodeOf(index), options.tls);
    await member.start();
    members.push(member);
  }
  return {
    store,
    ports: members.map((member) => member.port),
    put: (key, value, leaseTtl) => {
      const lease = leaseTtl === undefined ? '0' : (store.leases.grant(leaseTtl, Date.now())?.id ?? '0');
      store.put(toStoreKey(key), Buffer.from(value), lease);
    },
    remove: (key) => {
      store.deleteRange({ start: toStoreKey(key), end: '' });
    },
    setQuorum: (value) => {
      quorum = value;
      for (const listener of [...listeners]) listener(value);
    },
    stop: async (index) => members[index]?.stop(),
    start: async (index) => members[index]?.start(),
    close: async () => {
      await Promise.all(members.map((member) => member.stop()));
    },
  };
}
