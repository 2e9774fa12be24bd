import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pgSession } from '../../../electron/core/postgres/pg-session';
import type { SqlAsk } from '../../../electron/core/postgres/sql-session';
import { wireServer, type WireRefuses, type WireSilence } from '../../support/postgres/wire-server';

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

describe('a PostgreSQL that hangs', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  async function visitSilent(silentFrom: WireSilence, signal?: AbortSignal) {
    const stream = wireServer([], undefined, silentFrom);
    const session = pgSession(
      () => Promise.resolve(stream),
      { name: 'node1', host: '127.0.0.1', port: 5432 },
      { username: 'app', password: () => Promise.resolve('') },
    );
    const questions: readonly SqlAsk[] = [{ name: 'one', sql: 'SELECT 1 AS x', access: 'read' }];
    const visit = { database: 'postgres', statementMs: 1_000, questions, ...(signal ? { signal } : {}) };
    const ended: { outcome: unknown } = { outcome: 'still waits' };
    session.visit(visit).then(
      () => (ended.outcome = 'answered'),
      (error: unknown) => (ended.outcome = error),
    );
    await vi.advanceTimersByTimeAsync(0);
    return { stream, ended };
  }

  it.each<[WireSilence, number]>([
    ['request', 10_000],
    ['handshake', 10_000],
    ['login', 10_000],
    ['statement', 6_000],
  ])('that says nothing from the %s on is given up after %d ms, and the connection is let go', async (from, ms) => {
    const { stream, ended } = await visitSilent(from);
    await vi.advanceTimersByTimeAsync(ms - 100);
    expect(ended.outcome).toBe('still waits');
    await vi.advanceTimersByTimeAsync(200);
    expect(ended.outcome).toMatchObject({ data: { code: 'postgres.not_answered', target: 'node1' } });
    expect(stream.destroyed).toBe(true);
  });

  it.each<WireSilence>(['handshake', 'statement'])(
    'is let go at once when the visit is ended in the %s',
    async (from) => {
      const ending = new AbortController();
      const { stream, ended } = await visitSilent(from, ending.signal);
      ending.abort();
      await vi.advanceTimersByTimeAsync(0);
      expect(ended.outcome).toMatchObject({ data: { code: 'postgres.not_answered' } });
      expect(stream.destroyed).toBe(true);
    },
  );
});

describe('the end of a connection', () => {
  it('keeps the answers of a server that does not answer the goodbye', async () => {
    const stream = wireServer([], undefined, 'goodbye');
    const session = pgSession(
      () => Promise.resolve(stream),
      { name: 'node1', host: '127.0.0.1', port: 5432 },
      { username: 'app', password: () => Promise.resolve('') },
    );
    const questions: readonly SqlAsk[] = [{ name: 'one', sql: 'SELECT 1 AS x', access: 'read' }];
    const answers = await session.visit({ database: 'postgres', statementMs: 1_000, questions });
    expect(answers.get('one')).toEqual({ kind: 'rows', rows: [] });
    expect(stream.destroyed).toBe(true);
  });

  it('is not needed where the password cannot be read: nothing is dialled', async () => {
    const dial = vi.fn(() => Promise.resolve(wireServer([])));
    const unread = new Error('The vault is locked.');
    const login = { username: 'app', password: () => Promise.reject(unread) };
    const session = pgSession(dial, { name: 'node1', host: '127.0.0.1', port: 5432 }, login);
    await expect(session.visit({ database: 'postgres', statementMs: 1_000, questions: [] })).rejects.toBe(unread);
    expect(dial).not.toHaveBeenCalled();
  });
});
