import { z } from 'zod';
import type { MemberPlace } from '../postgres/member-place';
import { refusedBy, rowsOfAnswer, type SqlAsk } from '../postgres/sql-session';
import { identifier, literal, withoutLog } from '../deploy/facts/sql-facts';

/** Names of the questions; the demo knows them by these. */
const PASSWORD_QUESTIONS = { roles: 'passwordRoles', set: 'passwordSet' } as const;

const STATEMENT_MS = 15_000;
const roleRow = z.object({ name: z.string(), verifier: z.string() });

/** A role that logs in, and what PostgreSQL keeps of its password; '' where it has none. */
export type RolePassword = z.infer<typeof roleRow>;

/** The roles that log in, as this member's PostgreSQL has them now. Rejects with `postgres.*` and `ssh.*`. */
export async function readRolePasswords({ session, member }: MemberPlace): Promise<readonly RolePassword[]> {
  const question: SqlAsk = {
    name: PASSWORD_QUESTIONS.roles,
    sql:
      `SELECT rolname AS name, coalesce(rolpassword, '') AS verifier FROM pg_catalog.pg_authid ` +
      `WHERE rolcanlogin AND rolname !~ '^pg_' ORDER BY rolname`,
    access: 'read',
  };
  const answers = await session.visit({ database: 'postgres', questions: [question], statementMs: STATEMENT_MS });
  return rowsOfAnswer(answers.get(question.name), roleRow, member.name);
}

/**
 * Gives roles their verifiers, all in one transaction. Not even verifiers are written to the log of the server: what
 * would log or keep the statements is off for the transaction, that of extensions which may be there included. Rejects with
 * `postgres.*` and `ssh.*`.
 */
export async function setRolePasswords(
  { session, member }: MemberPlace,
  roles: readonly RolePassword[],
): Promise<void> {
  const question: SqlAsk = {
    name: PASSWORD_QUESTIONS.set,
    before: [
      ...withoutLog('LOCAL'),
      ...roles.map(({ name, verifier }) => `ALTER ROLE ${identifier(name)} PASSWORD ${literal(verifier).trim()}`),
    ],
    sql: 'SELECT 1 AS done',
    access: 'write',
  };
  const answers = await session.visit({ database: 'postgres', questions: [question], statementMs: STATEMENT_MS });
  const answer = answers.get(question.name);
  if (answer?.kind === 'failed') throw refusedBy(answer, member.name);
  rowsOfAnswer(answer, z.object({ done: z.number() }), member.name);
}
