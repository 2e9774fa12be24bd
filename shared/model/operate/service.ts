import { z } from 'zod';

/** The services of a cluster that may run on a member's server. */
const serviceNames = ['patroni', 'postgresql', 'etcd', 'haproxy', 'pgbouncer'] as const;
/** One of these services. */
export const serviceNameSchema = z.enum(serviceNames);
/** One of these services. */
export type ServiceName = z.infer<typeof serviceNameSchema>;

/** What may be asked of a service's systemd unit. */
export const serviceActionSchema = z.enum(['start', 'stop', 'restart']);
/** What may be asked of a service's systemd unit. */
export type ServiceAction = z.infer<typeof serviceActionSchema>;

/**
 * How a service runs, by systemd's ActiveState (systemctl(1)); `starting` is its `activating`, `stopping` its `deactivating`.
 */
export type ServiceState = 'running' | 'starting' | 'stopping' | 'stopped' | 'failed' | 'unknown';

/** A service that is installed on a member's server. */
export interface ServiceStatus {
  readonly name: ServiceName;
  /** Its systemd unit; null where no unit runs it, as with a PostgreSQL that Patroni started. */
  readonly unit: string | null;
  readonly state: ServiceState;
  /** Since when it is in this state, ms since the epoch by the server's clock; null: not known. */
  readonly since: number | null;
  /** Whether it starts when the server boots; null: not known. */
  readonly enabled: boolean | null;
}

/** The services on a member's server as they were read. */
export interface MemberServices {
  readonly member: string;
  /** The server's name in the inventory. */
  readonly server: string;
  readonly services: readonly ServiceStatus[];
  /** ms since the epoch. */
  readonly asOf: number;
}

/** The last lines of a service's log. */
export interface ServiceLog {
  readonly service: ServiceName;
  /** Where the lines are from: a unit of the journal, or a file. */
  readonly from: string;
  /** Oldest first, without control characters. */
  readonly lines: readonly string[];
  /** What the last of these lines are known to mean, with the line that says so; null where none is recognized. */
  readonly cause: { readonly sentence: string; readonly line: string } | null;
  /** ms since the epoch. */
  readonly asOf: number;
}
