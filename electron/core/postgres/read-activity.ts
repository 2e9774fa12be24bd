import { z } from 'zod';
import type { ActivityView, SessionReading } from '../../../shared/model/postgres/activity';
import { maskStatement } from '../../../shared/rules/postgres/mask-statement';
import { rowsOfAnswer, type SqlAnswer } from './sql-session';

const text = z.string().nullable();
const number = z.number().nullable();

const serverRow = z.object({
  version: z.number(),
  recovery: z.boolean(),
  total: z.number(),
  maxConnections: z.number(),
});
/** A session as it is asked for in `activityQuestions`. */
const sessionRow = z.object({
  pid: z.number(),
  backendStart: text,
  queryStart: text,
  transactionStart: text,
  startedAt: number,
  kind: z.string(),
  leaderPid: number,
  user: text,
  database: text,
  application: z.string(),
  client: text,
  state: text,
  waitType: text,
  waitEvent: text,
  queryMs: number,
  stateMs: number,
  transactionMs: number,
  query: z.string(),
  queryLength: z.number(),
  queryId: text,
  blockedBy: z.array(z.number()),
  lockKind: text,
  lockMode: text,
  lockRelation: text,
  lockMs: number,
});

/** Reads the answers to `activityQuestions`. Throws `postgres.refused` and `postgres.not_answered`. */
export function readActivity(
  answers: ReadonlyMap<string, SqlAnswer>,
  target: string,
): Omit<ActivityView, 'member' | 'source'> {
  const [server] = rowsOfAnswer(answers.get('activityServer'), serverRow, target);
  const sessions = rowsOfAnswer(answers.get('sessions'), sessionRow, target).map(toSession);
  return { version: 0, recovery: false, total: sessions.length, maxConnections: 0, ...server, sessions };
}

function toSession({ lockKind, lockMode, lockRelation, lockMs, ...row }: z.infer<typeof sessionRow>): SessionReading {
  const waitsFor =
    lockKind === null || lockMode === null
      ? null
      : { kind: lockKind, mode: lockMode, relation: lockRelation, waitMs: lockMs };
  return { ...row, query: maskStatement(row.query), waitsFor };
}
