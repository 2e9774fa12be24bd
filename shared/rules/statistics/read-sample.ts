import { z } from 'zod';

/** Counters of a server at one moment, as the script prints them on a line that begins with `H`. */
export interface HostReading {
  /** Seconds since the server started: the clock of the rates. */
  readonly uptime: number;
  /** Ticks of all processors: at work, and in all. */
  readonly cpuBusy: number;
  readonly cpuTotal: number;
  /** Bytes. */
  readonly memoryTotal: number;
  readonly memoryAvailable: number;
  /** Bytes of the file system of the data directory; null where it is not known. */
  readonly disk: { readonly used: number; readonly free: number } | null;
  /** Bytes since the start, of all disks and of all interfaces but loopback. */
  readonly diskRead: number;
  readonly diskWritten: number;
  readonly networkIn: number;
  readonly networkOut: number;
}

/** Counters of a PostgreSQL at one moment, as the script prints them on a line that begins with `P`. */
export type PostgresReading = z.infer<typeof postgresReading>;

const count = z.number().nonnegative();
const postgresReading = z.object({
  /** Seconds since the epoch by the server's clock: when this was read, and when PostgreSQL started. */
  now: z.number(),
  start: z.number(),
  recovery: z.boolean(),
  /** The position in WAL, bytes: written by a primary, received by a replica. */
  wal: count.nullable(),
  /** Seconds since the last transaction that was replayed, 0 where everything received was. Null on a primary. */
  behind: z.number().nullable(),
  commits: count,
  rollbacks: count,
  hits: count,
  reads: count,
  total: count,
  active: count,
  idle: count,
  idle_in_transaction: count,
  waiting: count,
  /** Who receives WAL from here: application_name, bytes not replayed yet, replay lag in seconds. */
  replicas: z.array(z.tuple([z.string(), z.number().nullable(), z.number().nullable()])),
});

/** What one line of the script says. `down`: PostgreSQL does not answer. */
export type SampleLine =
  | { readonly kind: 'host'; readonly reading: HostReading }
  | { readonly kind: 'postgres'; readonly reading: PostgresReading }
  | { readonly kind: 'down' };

/** Reads a line; null where it is none that the script prints. */
export function readSampleLine(line: string): SampleLine | null {
  if (line === 'D') return { kind: 'down' };
  if (line.startsWith('H ')) return hostLine(line.slice(2));
  return line.startsWith('P ') ? postgresLine(line.slice(2)) : null;
}

const digits = z
  .string()
  .regex(/^\d+(\.\d+)?$/)
  .transform(Number);
const unknown = z.literal('-');
const hostFields = z.tuple([
  ...[digits, digits, digits, digits, digits],
  ...[z.union([digits, unknown]), z.union([digits, unknown])],
  ...[digits, digits, digits, digits],
] as const);

function hostLine(text: string): SampleLine | null {
  const read = hostFields.safeParse(text.split(' '));
  if (!read.success) return null;
  const [uptime, cpuBusy, cpuTotal, memoryTotal, memoryAvailable, used, free, ...rest] = read.data;
  const [diskRead, diskWritten, networkIn, networkOut] = rest;
  const disk = used === '-' || free === '-' ? null : { used, free };
  return {
    kind: 'host',
    reading: {
      uptime,
      cpuBusy,
      cpuTotal,
      memoryTotal,
      memoryAvailable,
      disk,
      diskRead,
      diskWritten,
      networkIn,
      networkOut,
    },
  };
}

function postgresLine(text: string): SampleLine | null {
  try {
    const read = postgresReading.safeParse(JSON.parse(text));
    return read.success ? { kind: 'postgres', reading: read.data } : null;
  } catch {
    return null;
  }
}
