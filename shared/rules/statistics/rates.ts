import type { Figures } from '../../model/statistics/metrics';
import type { HostReading, PostgresReading } from './read-sample';

/** Two readings further apart than this (s) are not one interval: what was in between is not known. */
const LONGEST_SECONDS = 60;

/**
 * The figures of a server from two readings. A counter that went back was reset, and a shorter uptime is another start: neither is
 * made a rate. Without a reading before there are only figures that need none.
 */
export function hostFigures(before: HostReading | null, now: HostReading): Figures {
  const { memoryTotal, memoryAvailable, disk } = now;
  const seconds = before === null ? NaN : now.uptime - before.uptime;
  const rate = (name: 'diskRead' | 'diskWritten' | 'networkIn' | 'networkOut'): number =>
    rateOf(before?.[name], now[name], seconds);
  return known({
    cpu:
      before === null || !isInterval(seconds)
        ? NaN
        : part(now.cpuBusy - before.cpuBusy, now.cpuTotal - before.cpuTotal),
    memory: part(memoryTotal - memoryAvailable, memoryTotal),
    disk_used: disk === null ? NaN : part(disk.used, disk.used + disk.free),
    disk_read: rate('diskRead'),
    disk_written: rate('diskWritten'),
    network_in: rate('networkIn'),
    network_out: rate('networkOut'),
  });
}

/** The figures of a PostgreSQL from two readings; a restart in between leaves no rate. */
export function postgresFigures(before: PostgresReading | null, now: PostgresReading): Figures {
  const same = before !== null && before.start === now.start ? before : null;
  const seconds = same === null ? NaN : now.now - same.now;
  const hits = same === null ? NaN : now.hits - same.hits;
  const reads = same === null ? NaN : now.reads - same.reads;
  // A replica that became the primary counts its WAL from another place.
  const wal = same !== null && same.recovery === now.recovery ? same.wal : null;
  return known({
    wal_rate: rateOf(wal ?? undefined, now.wal ?? NaN, seconds),
    transactions: rateOf(
      same === null ? undefined : same.commits + same.rollbacks,
      now.commits + now.rollbacks,
      seconds,
    ),
    connections: now.total,
    connections_active: now.active,
    connections_idle: now.idle,
    connections_idle_in_transaction: now.idle_in_transaction,
    connections_waiting: now.waiting,
    cache_hits: hits < 0 || reads < 0 || !isInterval(seconds) ? NaN : part(hits, hits + reads),
  });
}

/**
 * How far a replica is behind, as the server says from which it receives WAL. A lag that is 0 bytes is 0 s: PostgreSQL keeps
 * the last measured time where nothing is written. `behind` is the replica's own word, where the sender has none.
 */
export function lagFigures(sender: PostgresReading, replica: string, behind: number | null): Figures {
  const row = sender.replicas.find(([name]) => name === replica);
  if (row === undefined) return {};
  const [, bytes, seconds] = row;
  if (bytes === null) return {};
  return known({ lag_bytes: Math.max(0, bytes), lag_seconds: bytes <= 0 ? 0 : Math.max(0, seconds ?? behind ?? NaN) });
}

function isInterval(seconds: number): boolean {
  return seconds > 0 && seconds <= LONGEST_SECONDS;
}

function rateOf(before: number | undefined, now: number, seconds: number): number {
  if (before === undefined || !isInterval(seconds) || now < before) return NaN;
  return (now - before) / seconds;
}

/** A part of a whole, 0 to 1; NaN where there is no whole or the counters went back. */
function part(some: number, all: number): number {
  return all <= 0 || some < 0 ? NaN : Math.min(1, some / all);
}

function known(figures: Figures): Figures {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => Number.isFinite(value)));
}
