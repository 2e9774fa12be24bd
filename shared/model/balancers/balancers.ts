import type { AppErrorData } from '../app-error';
import type { Finding } from '../cluster/cluster-state';
import type { VipView } from './vip';

/**
 * What HAProxy thinks of a server it sends connections to (management guide, "show stat", field `status`): `coming_up` and
 * `going_down` are "UP 1/3" and "DOWN 1/2", a check that is being counted. `not_checked`: it has no check, and always gets
 * connections.
 */
export type HaproxyStatus =
  'up' | 'going_down' | 'down' | 'coming_up' | 'maintenance' | 'draining' | 'not_checked' | 'unknown';

/** A server of a section of HAProxy, as HAProxy sees it. */
export interface HaproxyServer {
  readonly name: string;
  /** Where connections go, `host:port` as HAProxy's configuration writes it; null: not known. */
  readonly address: string | null;
  /** Where it is checked, `host:port`; null: it is not checked, or where is not known. */
  readonly checkAddress: string | null;
  readonly status: HaproxyStatus;
  /** How the last check ended, in HAProxy's own words, e.g. `L7STS/503`; null: there was none. */
  readonly check: string | null;
  /** For how long it has had this status, seconds. */
  readonly sinceSeconds: number | null;
  /** Connections now, and those that wait for one. */
  readonly sessions: number;
  readonly queued: number;
}

/** A section of HAProxy that leads to servers: a `listen`, or a `backend`. */
export interface HaproxySection {
  readonly name: string;
  /** Ports on which clients come in. */
  readonly ports: readonly number[];
  /** The path of Patroni's REST API by which servers are chosen, e.g. `/primary`; null where it is none of Patroni's. */
  readonly check: string | null;
  readonly servers: readonly HaproxyServer[];
}

/** HAProxy on one server. */
export interface HaproxyView {
  readonly running: boolean;
  /** Its configuration file. */
  readonly file: string;
  /** Why its own view could not be read; null where it was. */
  readonly problem: string | null;
  readonly sections: readonly HaproxySection[];
}

/** A pool of PgBouncer: the connections of one user to one database (SHOW POOLS). */
export interface PgbouncerPool {
  readonly database: string;
  readonly user: string;
  readonly clientsActive: number;
  /** Clients that wait for a connection to the server. */
  readonly clientsWaiting: number;
  readonly serversActive: number;
  readonly serversIdle: number;
  /** For how long the first client in the queue has waited, ms. */
  readonly longestWaitMs: number;
  readonly mode: string;
}

/** Where PgBouncer sends the connections to a database (SHOW DATABASES, SHOW STATS). */
export interface PgbouncerDatabase {
  readonly name: string;
  /** `host:port`; null for a Unix socket. */
  readonly target: string | null;
  readonly paused: boolean;
  readonly disabled: boolean;
  /** Transactions a second and their mean length in microseconds, over the last statistics period; null: not told. */
  readonly transactionsPerSecond: number | null;
  readonly transactionMicroseconds: number | null;
}

/** PgBouncer on one server. */
export interface PgbouncerView {
  readonly running: boolean;
  readonly version: string | null;
  readonly port: number | null;
  /** Why its own view could not be read; null where it was. */
  readonly problem: string | null;
  readonly pools: readonly PgbouncerPool[];
  readonly databases: readonly PgbouncerDatabase[];
}

/** What stands between applications and PostgreSQL on one server; null where it is not installed. */
export interface BalancerHost {
  /** The server's name in the inventory. */
  readonly server: string;
  readonly error: AppErrorData | null;
  readonly haproxy: HaproxyView | null;
  readonly pgbouncer: PgbouncerView | null;
  /** keepalived, which moves virtual addresses. */
  readonly vip: VipView | null;
  /** vip-manager, which does the same by the leader key in the DCS; absent where it is not installed. */
  readonly vipManager?: VipView;
}

/** What a member's Patroni answers on a health endpoint; `status` is null where it did not answer. */
export interface HealthAnswer {
  readonly member: string;
  readonly path: string;
  readonly status: number | null;
}

/** Where a load balancer and the cluster do not fit together; `server` is the one it runs on. */
export type BalancerFinding = Finding & { readonly server: string };

/** A server that runs load balancers for a cluster and is none of its members' servers; `name` is that of the inventory. */
export interface BalancerServer {
  readonly serverId: string;
  readonly name: string;
}

/** What was found on a server that may run a load balancer for a cluster. */
export interface BalancerSearch {
  readonly host: BalancerHost;
  /** The members that a load balancer there sends connections to. */
  readonly members: readonly string[];
}

/** All of it, as it was read. */
export interface BalancersView {
  readonly hosts: readonly BalancerHost[];
  /** The servers that were named beside those of the members. */
  readonly others: readonly BalancerServer[];
  readonly answers: readonly HealthAnswer[];
  readonly findings: readonly BalancerFinding[];
  /** ms since the epoch. */
  readonly asOf: number;
}
