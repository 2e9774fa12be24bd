import { z } from 'zod';
import { hasCode } from '../../../shared/model/app-error';
import type { SlotReading } from '../../../shared/model/postgres/replication';
import { sqlLiteral } from '../../../shared/rules/repair/slot-sql';
import type { JobContext } from '../jobs/job-engine';
import type { MemberPlace } from '../postgres/member-place';
import { refusedBy, rowsOfAnswer, type SqlAsk } from '../postgres/sql-session';

type SlotPlace = Pick<MemberPlace, 'session' | 'member'>;
type SlotContext = Pick<JobContext, 'log' | 'answer'>;

const DROP_MS = 30_000;
const MAKE_MS = 120_000;
/** A checkpoint of a large server takes minutes. */
const CHECKPOINT_MS = 20 * 60_000;

/** Asks one question in a database, and rejects with PostgreSQL's refusal. */
async function ask<T>(
  { session, member }: SlotPlace,
  question: Omit<SqlAsk, 'access'>,
  row: z.ZodType<T>,
  at: { readonly database?: string; readonly statementMs: number },
): Promise<readonly T[]> {
  const answers = await session.visit({
    database: at.database ?? 'postgres',
    questions: [{ ...question, access: 'read' }],
    statementMs: at.statementMs,
  });
  return rowsOfAnswer(answers.get(question.name), row, member.name);
}

/** Whether a slot is there now. */
export async function hasSlot(place: SlotPlace, name: string): Promise<boolean> {
  const sql = `SELECT count(*)::int AS count FROM pg_replication_slots WHERE slot_name = ${sqlLiteral(name)}`;
  const [row] = await ask(place, { name: 'slot', sql }, z.object({ count: z.number() }), { statementMs: DROP_MS });
  return (row?.count ?? 0) > 0;
}

/**
 * Drops a slot that nobody uses and that stands where it stood when it was shown: PostgreSQL looks at both in the same statement. Sent
 * once; where the answer is lost, whether the slot is still there decides. Answers false where it was not as it was shown.
 */
export async function dropUnusedSlot(
  place: SlotPlace,
  slot: Pick<SlotReading, 'name' | 'restart'>,
  context: SlotContext,
): Promise<boolean> {
  const standsAt =
    slot.restart === null ? 'restart_lsn IS NULL' : `restart_lsn - '0/0'::pg_lsn = ${Math.round(slot.restart)}`;
  return dropSlotWhere(place, slot.name, standsAt, context);
}

/** Drops a slot that is lost still and that nobody uses. Answers false where it was not so at that moment. */
export function dropLostSlot(place: SlotPlace, name: string, context: SlotContext): Promise<boolean> {
  return dropSlotWhere(place, name, `wal_status = 'lost'`, context);
}

async function dropSlotWhere(
  place: SlotPlace,
  name: string,
  condition: string,
  context: SlotContext,
): Promise<boolean> {
  const sql =
    `SELECT pg_drop_replication_slot(slot_name)::text AS gone FROM pg_replication_slots ` +
    `WHERE slot_name = ${sqlLiteral(name)} AND NOT active AND ${condition}`;
  const question: SqlAsk = { name: 'drop', sql, access: 'read' };
  try {
    const { session } = place;
    const answers = await session.visit({ database: 'postgres', questions: [question], statementMs: DROP_MS });
    const answer = answers.get('drop');
    if (answer?.kind === 'failed') throw refusedBy(answer, place.member.name);
    const dropped = answer?.kind === 'rows' && answer.rows.length === 1;
    context.answer(`PostgreSQL of ${place.member.name}: ${dropped ? `dropped ${name}` : 'nothing was dropped'}`);
    return dropped;
  } catch (thrown) {
    if (!isLost(thrown)) throw thrown;
    context.log('warning', 'The answer was lost. The slots are looked at instead of being dropped again.');
    return !(await hasSlot(place, name));
  }
}

function isLost(thrown: unknown): boolean {
  const codes = ['ssh.connection_lost', 'ssh.timeout', 'postgres.not_answered'] as const;
  return codes.some((code) => hasCode(thrown, code));
}

/** A slot to be made, as the lost one was. */
export interface SlotToMake {
  readonly name: string;
  readonly kind: 'physical' | 'logical';
  readonly database: string | null;
  readonly sql: string;
}

/** Makes a slot; where the answer is lost, whether it is there decides. */
export async function makeSlot(place: SlotPlace, slot: SlotToMake, context: SlotContext): Promise<void> {
  try {
    const question = { name: 'make', sql: `${slot.sql} AS made` };
    await ask(place, question, z.object({ made: z.unknown() }), {
      statementMs: MAKE_MS,
      ...(slot.database === null ? {} : { database: slot.database }),
    });
    context.answer(`PostgreSQL of ${place.member.name}: made ${slot.name}`);
  } catch (thrown) {
    if (!isLost(thrown) || !(await hasSlot(place, slot.name))) throw thrown;
    context.log('warning', 'The answer was lost. The slot is there.');
  }
}

/** Makes a checkpoint; on a standby a restartpoint, which PostgreSQL leaves out where it has replayed no checkpoint since the last one. */
export async function runCheckpoint(place: SlotPlace, context: SlotContext): Promise<void> {
  const question = { name: 'checkpoint', before: ['CHECKPOINT'], sql: 'SELECT 1 AS done' };
  await ask(place, question, z.object({ done: z.number() }), { statementMs: CHECKPOINT_MS });
  context.answer(`PostgreSQL of ${place.member.name}: CHECKPOINT`);
}

const flagsRow = z.object({ twoPhase: z.boolean(), failover: z.boolean() });

/** How a logical slot was made beyond its plugin; from versions 14 and 17, and not set before. */
export async function slotFlags(place: SlotPlace, name: string): Promise<z.infer<typeof flagsRow>> {
  const sql =
    `SELECT coalesce((to_jsonb(s) ->> 'two_phase')::boolean, false) AS "twoPhase", ` +
    `coalesce((to_jsonb(s) ->> 'failover')::boolean, false) AS failover ` +
    `FROM pg_replication_slots s WHERE slot_name = ${sqlLiteral(name)}`;
  const [row] = await ask(place, { name: 'flags', sql }, flagsRow, { statementMs: DROP_MS });
  return row ?? { twoPhase: false, failover: false };
}
