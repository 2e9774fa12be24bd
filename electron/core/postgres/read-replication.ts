import { z } from 'zod';
import type { ReceivedStream, ReplicationReading } from '../../../shared/model/postgres/replication';
import { rowsOfAnswer, type SqlAnswer } from './sql-session';

const text = z.string().nullable();
const number = z.number().nullable();

const serverRow = z.object({
  version: z.number(),
  recovery: z.boolean(),
  position: number,
  replayed: number,
  replayPaused: z.boolean().nullable(),
  lastReplayedAt: number,
  dataDirectory: text,
  slotLimitMb: number,
  now: z.number(),
});
const sentRow = z.object({
  pid: z.number(),
  application: text,
  user: text,
  address: text,
  state: text,
  syncState: text,
  slot: text,
  sent: number,
  write: number,
  flush: number,
  replay: number,
  writeMs: number,
  flushMs: number,
  replayMs: number,
});
const receivedRow = z.object({
  pid: number,
  status: text,
  senderHost: text,
  senderPort: number,
  slot: text,
  timeline: number,
  written: number,
  flushed: number,
  latestEnd: number,
  lastMessage: number,
});
const slotRow = z.object({
  name: z.string(),
  kind: z.enum(['physical', 'logical']),
  plugin: text,
  database: text,
  temporary: z.boolean(),
  active: z.boolean(),
  activePid: number,
  retained: number,
  restart: number,
  walStatus: z.enum(['reserved', 'extended', 'unreserved', 'lost']).nullable().catch(null),
  safeWalSize: number,
  inactiveSince: number,
  invalidation: text,
  synced: z.boolean().nullable(),
});
const archiverRow = z.object({
  mode: z.string(),
  archived: z.number(),
  failed: z.number(),
  lastArchived: text,
  lastArchivedAt: number,
  lastFailed: text,
  lastFailedAt: number,
});

/** What is known before the disk was looked at and two readings were compared. */
export type ReplicationRows = Omit<ReplicationReading, 'disk' | 'walRate' | 'slotGrowth'> & {
  readonly dataDirectory: string | null;
};

const MB = 1024 * 1024;

/** Reads the answers to `replicationQuestions`. Throws `postgres.refused` and `postgres.not_answered`. */
export function readReplication(answers: ReadonlyMap<string, SqlAnswer>, target: string): ReplicationRows {
  const rows = <T>(name: string, row: z.ZodType<T>): readonly T[] => rowsOfAnswer(answers.get(name), row, target);
  const [server] = rows('server', serverRow);
  if (server === undefined) throw new Error('The question of the server answers one row.');
  const { slotLimitMb, now: _theirs, ...rest } = server;
  const [received = null] = rows('received', receivedRow);
  const [archiver = null] = rows('archiver', archiverRow);
  return {
    ...rest,
    slotLimit: slotLimitMb === null || slotLimitMb < 0 ? null : slotLimitMb * MB,
    sent: rows('sent', sentRow),
    received: toReceived(received),
    slots: rows('slots', slotRow),
    archiver,
  };
}

/** A standby whose receiver is not there may have a row of nothing. */
function toReceived(row: z.infer<typeof receivedRow> | null): ReceivedStream | null {
  return row === null || row.pid === null ? null : { ...row, pid: row.pid };
}
