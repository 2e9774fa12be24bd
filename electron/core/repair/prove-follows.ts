import { z } from 'zod';
import type { FollowProof } from '../../../shared/rules/repair/former-primary';
import { psqlSession } from '../postgres/psql-session';
import type { SqlAsk } from '../postgres/sql-session';
import type { Remote } from '../ssh/remote';
import { readWalPosition } from './read-data';

/** A PostgreSQL on its server. */
export interface ProofPlace {
  readonly remote: Remote;
  readonly port: number;
}

const STATEMENT_MS = 10_000;
const position = z
  .string()
  .nullable()
  .transform((text) => readWalPosition(text ?? undefined));

const primaryRow = z.object({
  system: z.string(),
  timeline: z.string().transform((hex) => parseInt(hex, 16)),
  lsn: position,
  recovering: z.boolean(),
});
const standbyRow = z.object({
  system: z.string(),
  timeline: z.number().nullable(),
  received: position,
  replayed: position,
  recovering: z.boolean(),
  status: z.string().nullable(),
});

/** An empty transaction with a number of its own writes a record, so that something has to arrive even where nobody works. */
const TOUCH: SqlAsk = { name: 'touch', sql: 'SELECT txid_current() AS touched', access: 'write' };
const PRIMARY: SqlAsk = {
  name: 'primary',
  sql: `SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system, pg_is_in_recovery() AS recovering,
    CASE WHEN pg_is_in_recovery() THEN '0' ELSE left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END AS timeline,
    CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_insert_lsn()::text END AS lsn`,
  access: 'read',
};
const STANDBY: SqlAsk = {
  name: 'standby',
  sql: `SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system, pg_is_in_recovery() AS recovering,
    (SELECT received_tli FROM pg_stat_wal_receiver) AS timeline, (SELECT status FROM pg_stat_wal_receiver) AS status,
    pg_last_wal_receive_lsn()::text AS received, pg_last_wal_replay_lsn()::text AS replayed`,
  access: 'read',
};

async function rowOf<T>(
  place: ProofPlace,
  questions: readonly SqlAsk[],
  name: string,
  schema: z.ZodType<T>,
): Promise<T> {
  const answers = await psqlSession(place.remote, place.port).visit({
    database: 'postgres',
    questions,
    statementMs: STATEMENT_MS,
  });
  const answer = answers.get(name);
  if (answer?.kind !== 'rows') throw new Error(answer?.message ?? 'PostgreSQL did not answer.');
  return schema.parse(answer.rows[0]);
}

/** Writes an empty transaction at the primary; answers where its WAL stands then. */
export async function touchPrimary(place: ProofPlace): Promise<FollowProof['primary']> {
  const { system, timeline, lsn, recovering } = await rowOf(place, [TOUCH, PRIMARY], 'primary', primaryRow);
  return { system, timeline, lsn: lsn ?? 0, inRecovery: recovering };
}

/** What the standby leader says of itself. */
export async function askStandby(place: ProofPlace): Promise<FollowProof['standby']> {
  const { recovering, ...said } = await rowOf(place, [STANDBY], 'standby', standbyRow);
  return { ...said, inRecovery: recovering };
}
