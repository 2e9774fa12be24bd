import { describe, expect, it } from 'vitest';
import { pgSession } from '../../../electron/core/postgres/pg-session';
import type { SqlAsk } from '../../../electron/core/postgres/sql-session';
import { wireServer, type WireRefuses } from '../../support/postgres/wire-server';

async function ask(access: SqlAsk['access'], refuses?: WireRefuses) {
  const statements: string[] = [];
  const session = pgSession(
    () => Promise.resolve(wireServer(statements, refuses)),
    { name: 'node1', host: '127.0.0.1', port: 5432 },
    { username: 'app', password: () => Promise.resolve('') },
  );
  const questions: readonly SqlAsk[] = [{ name: 'one', sql: 'SELECT 1 AS x', access }];
  const answers = await session.visit({ database: 'postgres', statementMs: 1_000, questions });
  return { answer: answers.get('one'), asked: statements.filter((statement) => !statement.startsWith('SET ')) };
}

describe('a connection of the app to PostgreSQL', () => {
  it('takes back what only reads', async () => {
    const { answer, asked } = await ask('read');
    expect(answer).toEqual({ kind: 'rows', rows: [] });
    expect([asked.at(0), asked.at(-1)]).toEqual(['BEGIN TRANSACTION READ ONLY', 'ROLLBACK']);
    expect(asked).not.toContain('COMMIT');
  });

  it('commits what writes', async () => {
    const { asked } = await ask('write');
    expect([asked.at(0), asked.at(-1)]).toEqual(['BEGIN TRANSACTION READ WRITE', 'COMMIT']);
  });

  it('hands on the refusal of a standby that takes no writes, and nothing else is asked of it', async () => {
    const message = 'cannot set transaction read-write mode during recovery';
    const { answer, asked } = await ask('write', (statement) =>
      statement.startsWith('BEGIN') ? { sqlState: '0A000', message } : null,
    );
    expect(answer).toEqual({ kind: 'failed', sqlState: '0A000', message });
    expect(asked).toEqual(['BEGIN TRANSACTION READ WRITE', 'ROLLBACK']);
  });
});
