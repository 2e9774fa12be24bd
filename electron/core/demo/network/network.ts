import type { Duplex } from 'node:stream';
import { EtcdServer } from '../etcd/server';
import { etcdNodeOf } from '../etcd/sim-node';
import type { Driver } from './driver';
import type { MemberState } from '../model/types';
import { createPrometheusServer } from '../prometheus/server';
import { createRestServer } from '../rest/server';
import { serveDrill } from '../drill/drill-session';
import { greetAsPostgres, serveTls, type ServiceTls } from './secure';

/** One simulated server: a member of a cluster that lives by its driver. */
export interface DemoHost {
  readonly driver: Driver;
  readonly member: MemberState;
  /** Who listens on it; without it Patroni, etcd and PostgreSQL on their usual ports. */
  listeners?(): readonly ServiceListener[];
  /** What its PostgreSQL shows on the usual port; absent: it speaks no TLS. */
  readonly postgresTls?: ServiceTls;
  /** What its Prometheus collects from, as `host:port`; without it Patroni on every member. */
  scraped?(): readonly string[];
  /** Its files by path; without it those of a server that has always been part of its cluster. */
  files?(): Readonly<Record<string, string>>;
  /** Writes one of them, as its owner left it. */
  putFile?(path: string, text: string): void;
  /** Whether a unit runs; null where it is not installed. */
  unitRuns?(unit: string): boolean | null;
  setUnit?(unit: string, runs: boolean): void;
}

/** A service that listens, and what is spoken there. */
export interface ServiceListener {
  readonly port: number;
  readonly speaks: 'rest' | 'etcd' | 'postgres' | 'balancer' | 'prometheus' | 'nothing';
  readonly tls: ServiceTls | null;
}

/** A service that takes a connection. */
export type Acceptor = (stream: Duplex) => void;

interface OpenStream {
  readonly stream: Duplex;
  readonly from: DemoHost;
  readonly to: DemoHost;
  readonly port: number;
}

/**
 * The network between the simulated servers. Addresses lead to services in this process; nothing is
 * ever dialled. Who is cut off or has no power is not reached, and open connections end with it.
 */
export class DemoNetwork {
  readonly #rest = createRestServer();
  readonly #prometheus = createPrometheusServer();
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
    const listener = listenerOf(to, port);
    if (listener === undefined) return { refused: 'Connection refused' };
    const accept = this.#service(to, listener);
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
      if (!reaches(from, to) || listenerOf(to, port) === undefined) stream.destroy();
    }
  }

  close(): void {
    for (const { stream } of this.#open) stream.destroy();
    this.#rest.close();
    this.#prometheus.close();
    for (const server of this.#etcd.values()) server.close();
    this.#etcd.clear();
  }

  #service(to: DemoHost, { speaks, tls }: ServiceListener): Acceptor {
    const within = (accept: Acceptor, protocols?: readonly string[]): Acceptor =>
      tls === null ? accept : (stream) => serveTls(stream, tls, accept, protocols);
    switch (speaks) {
      case 'rest':
        return within((stream) =>
          this.#rest.accept(stream, { sim: to.driver.sim, member: to.member, catchUp: () => to.driver.catchUp() }),
        );
      case 'etcd':
        return within((stream) => this.#etcdOf(to).accept(stream), ['h2']);
      case 'postgres':
        return (stream) => greetAsPostgres(stream, tls, (inside) => serveDrill(inside, drillPlace(to), to.member));
      case 'balancer':
        return (stream) => greetAsPostgres(stream, null, (inside) => serveDrill(inside, drillPlace(to), null));
      case 'prometheus':
        return (stream) =>
          this.#prometheus.accept(stream, {
            sim: to.driver.sim,
            catchUp: () => to.driver.catchUp(),
            targets: () => to.scraped?.() ?? to.driver.sim.members.map(({ ip }) => `${ip}:8008`),
          });
      case 'nothing':
        return (stream) => void stream.end();
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

/** A server as the clients of a drill come to it. */
function drillPlace({ driver, member }: DemoHost): Parameters<typeof serveDrill>[1] {
  return { sim: driver.sim, member, catchUp: () => driver.catchUp() };
}

function reaches(from: DemoHost, to: DemoHost): boolean {
  if (from.driver.sim === to.driver.sim) return from.driver.sim.connected(from.member, to.member);
  return from.member.power && to.member.power && !from.member.partitioned && !to.member.partitioned;
}

function listenerOf(host: DemoHost, port: number): ServiceListener | undefined {
  const listeners = host.listeners?.() ?? usualListeners(host);
  return listeners.find((listener) => listener.port === port);
}

function usualListeners({ member, postgresTls }: DemoHost): readonly ServiceListener[] {
  const runs: Readonly<Record<'rest' | 'etcd' | 'postgres' | 'prometheus', boolean>> = {
    // One server of each cluster has it, beside all else.
    prometheus: member.index === 0,
    rest: member.agent && !member.frozen,
    etcd: member.hasEtcd && !member.etcdStopped,
    postgres: ['running', 'restarting', 'starting'].includes(member.state),
  };
  const all: readonly ServiceListener[] = [
    { port: 8008, speaks: 'rest', tls: null },
    { port: 2379, speaks: 'etcd', tls: null },
    { port: 5432, speaks: 'postgres', tls: postgresTls ?? null },
    { port: 5000, speaks: 'balancer', tls: null },
    { port: 6432, speaks: 'balancer', tls: null },
    { port: 9090, speaks: 'prometheus', tls: null },
  ];
  return all.filter(({ speaks }) => member.power && speaks !== 'nothing' && (speaks === 'balancer' || runs[speaks]));
}
