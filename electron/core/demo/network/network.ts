import type { Duplex } from 'node:stream';
import { EtcdServer } from '../etcd/server';
import { etcdNodeOf } from '../etcd/sim-node';
import type { Driver } from './driver';
import type { MemberState } from '../model/types';
import { RestServer } from '../rest/server';

/** One simulated server: a member of a cluster that lives by its driver. */
export interface DemoHost {
  readonly driver: Driver;
  readonly member: MemberState;
}

/** A service that takes a connection. */
export type Acceptor = (stream: Duplex) => void;

interface OpenStream {
  readonly stream: Duplex;
  readonly from: DemoHost;
  readonly to: DemoHost;
  readonly port: number;
}

/** The ports that simulated servers listen on. */
const PORTS = { rest: 8008, etcd: 2379, postgres: 5432 } as const;

/**
 * The network between the simulated servers. Addresses lead to services in this process; nothing is
 * ever dialled. Who is cut off or has no power is not reached, and open connections end with it.
 */
export class DemoNetwork {
  readonly #rest = new RestServer();
  readonly #etcd = new Map<MemberState, EtcdServer>();
  readonly #hosts = new Map<string, DemoHost>();
  readonly #open = new Set<OpenStream>();
  readonly #now: () => number;

  constructor(hosts: readonly DemoHost[], now: () => number) {
    this.#now = now;
    for (const host of hosts) {
      this.#hosts.set(host.member.ip, host);
      this.#hosts.set(host.member.name, host);
    }
  }

  /** The service at an address as seen from a server, or why it is not reached. */
  find(from: DemoHost, address: string, port: number): Acceptor | { readonly refused: string } {
    from.driver.catchUp();
    const to = ['127.0.0.1', 'localhost', '::1'].includes(address) ? from : this.#hosts.get(address);
    if (to === undefined || !reaches(from, to)) return { refused: 'No route to host' };
    to.driver.catchUp();
    const accept = listens(to, port) ? this.#service(to, port) : undefined;
    if (accept === undefined) return { refused: 'Connection refused' };
    return (stream) => {
      const entry = { stream, from, to, port };
      this.#open.add(entry);
      stream.on('close', () => this.#open.delete(entry));
      stream.on('error', () => undefined);
      accept(stream);
    };
  }

  /** Ends the connections that are no longer possible. To be called after a fault. */
  sever(): void {
    for (const { stream, from, to, port } of [...this.#open]) {
      if (!reaches(from, to) || !listens(to, port)) stream.destroy();
    }
  }

  close(): void {
    for (const { stream } of this.#open) stream.destroy();
    this.#rest.close();
    for (const server of this.#etcd.values()) server.close();
    this.#etcd.clear();
  }

  #service(to: DemoHost, port: number): Acceptor | undefined {
    switch (port) {
      case PORTS.rest:
        return (stream) =>
          this.#rest.accept(stream, { sim: to.driver.sim, member: to.member, catchUp: () => to.driver.catchUp() });
      case PORTS.etcd:
        return (stream) => this.#etcdOf(to).accept(stream);
      // PostgreSQL's own protocol is not spoken: SQL goes through psql on the server.
      case PORTS.postgres:
        return (stream) => void stream.end();
      default:
        return undefined;
    }
  }

  /** Made when first needed: most of a large fleet's etcd processes are never talked to. */
  #etcdOf({ driver, member }: DemoHost): EtcdServer {
    const known = this.#etcd.get(member);
    if (known !== undefined) return known;
    const made = new EtcdServer(
      etcdNodeOf(driver.sim, member, () => {
        driver.catchUp();
        return this.#now();
      }),
    );
    this.#etcd.set(member, made);
    return made;
  }
}

function reaches(from: DemoHost, to: DemoHost): boolean {
  if (from.driver.sim === to.driver.sim) return from.driver.sim.connected(from.member, to.member);
  return from.member.power && to.member.power && !from.member.partitioned && !to.member.partitioned;
}

function listens({ member }: DemoHost, port: number): boolean {
  switch (port) {
    case PORTS.rest:
      return member.power && member.agent;
    case PORTS.etcd:
      return member.power && member.hasEtcd && !member.etcdStopped;
    case PORTS.postgres:
      return member.power && ['running', 'restarting', 'starting'].includes(member.state);
    default:
      return false;
  }
}
