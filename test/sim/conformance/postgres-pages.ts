import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { TestClient } from '../../support/app/app';

/** A cluster whose PostgreSQL is asked, and by which way. */
export interface PostgresTarget {
  readonly client: TestClient;
  readonly clusterId: string;
  readonly leader: string;
  readonly way: 'psql' | 'pg';
}

/** What whoever answers for PostgreSQL keeps to: the simulator, and real servers by both ways of asking. */
export function describePostgresPages(what: string, open: () => PostgresTarget): void {
  const run = (statement: string, more: { readonly skip?: number; readonly explain?: boolean } = {}) => {
    const { client, clusterId, leader } = open();
    return client.postgres.run({
      clusterId,
      member: leader,
      database: 'postgres',
      statement,
      explain: more.explain ?? false,
      skip: more.skip ?? 0,
      limit: 3,
      timeoutMs: 10_000,
      runId: randomUUID(),
    });
  };

  describe(`PostgreSQL asked ${what}`, () => {
    it('answers every question of the pages in the form that they read, and says by which way', async () => {
      const { client, clusterId, leader, way } = open();
      const { members } = await client.postgres.replication({ clusterId });
      expect(members.flatMap((member) => (member.kind === 'unknown' ? [member] : []))).toEqual([]);
      for (const member of members) expect(member).toMatchObject({ kind: 'known', source: { way, role: 'postgres' } });
      const activity = await client.postgres.activity({ clusterId, member: leader });
      expect(activity).toMatchObject({ source: { way }, recovery: false });
      expect(activity.sessions.length).toBeGreaterThan(0);
      const storage = await client.postgres.storage({ clusterId, member: leader });
      expect(storage.databases.map(({ name }) => name)).toContain('postgres');
      expect(storage.checkpoints).not.toBeNull();
      await client.postgres.tables({ clusterId, member: leader, database: 'postgres' });
      await client.postgres.statements({ clusterId, member: leader, database: 'postgres' });
    });

    it('has a sender and a receiver for every replica', async () => {
      const { client, clusterId, leader } = open();
      const { members } = await client.postgres.replication({ clusterId });
      const replicas = members.filter(({ member }) => member !== leader);
      const sender = members.find(({ member }) => member === leader);
      if (sender?.kind !== 'known') throw new Error('the leader did not answer');
      expect(sender.sent.map(({ application }) => application).sort()).toEqual(
        replicas.map(({ member }) => member).sort(),
      );
      for (const replica of replicas) expect(replica).toMatchObject({ received: { status: 'streaming' } });
    });

    it('ends no session that began at another time', async () => {
      const { client, clusterId, leader } = open();
      const { sessions } = await client.postgres.activity({ clusterId, member: leader });
      const { pid } = sessions.find(({ kind }) => kind === 'walsender') ?? { pid: 1 };
      const backendStart = '2001-01-01 00:00:00.5+00';
      const end = client.postgres.endSession({
        ...{ clusterId, member: leader, end: 'terminate', pid, backendStart },
        ...{ queryStart: null, transactionStart: null },
        ...{ typed: null, requestId: randomUUID() },
      });
      await expect(end).rejects.toMatchObject({ data: { code: 'postgres.session_gone' } });
    });

    it('gives the rows of a statement page by page, and its plan', async () => {
      const { way } = open();
      const first = await run('select generate_series(1, 5)');
      expect(first).toMatchObject({ columns: ['generate_series'], more: true, source: { way } });
      expect(first.rows.map(([cell]) => cell?.text)).toEqual(['1', '2', '3']);
      const rest = await run('select generate_series(1, 5)', { skip: 3 });
      expect(rest.rows.map(([cell]) => cell?.text)).toEqual(['4', '5']);
      expect(rest.more).toBe(false);
      expect(await run('select now()', { explain: true })).toMatchObject({ columns: ['QUERY PLAN'] });
    });

    it.each([
      ['writes', 'update pg_class set relname = relname', 'postgres.statement_failed'],
      ['is several', 'select 1; select 2', 'postgres.statement_refused'],
      ['acts on the server', 'select pg_promote()', 'postgres.statement_refused'],
      ['is for psql itself', '\\! touch /tmp/pwned', 'postgres.statement_failed'],
    ])('refuses a statement that %s', async (_what, statement, code) => {
      await expect(run(statement)).rejects.toMatchObject({ data: { code } });
    });
  });
}
