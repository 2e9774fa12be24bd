import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MemberReplication } from '../../shared/model/postgres/replication';
import type { HistoryRow } from '../../shared/model/operate/job';
import { findPostgresTrouble } from '../../shared/rules/postgres/find-postgres-trouble';
import { forecastSlot } from '../../shared/rules/postgres/slot-forecast';
import { describePostgresPages, type PostgresTarget } from '../sim/conformance/postgres-pages';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const RELEASES = [
  { suite: 'trixie', net: 174 },
  { suite: 'bookworm', net: 175 },
] as const;

/** Names that end a quote, a line or a literal, or that psql and connection strings would read as something else. */
const ODD_DATABASE = 'host=127.0.0.1 "odd"';
const ODD_TABLE = `a"b'c\n$m$; \\! touch /tmp/pwned`;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

type Known = Extract<MemberReplication, { kind: 'known' }>;

describe.each(releasesToTest('53-postgresql', RELEASES, 'trixie'))(
  'PostgreSQL of a cluster that others set up ($suite)',
  ({ suite, net }) => {
    let known: KnownClusterLab;
    let leader: NodeName;
    let way: PostgresTarget['way'] = 'psql';

    const encoded = (text: string): string => `echo ${Buffer.from(text).toString('base64')} | base64 -d`;
    const asPostgres = (sql: string, database = 'postgres'): string =>
      `${encoded(sql)} | su postgres -c 'PGDATABASE="$(${encoded(database)})" psql -XAtq -v ON_ERROR_STOP=1 -p ${known.cluster.port}'`;
    /** What psql on a server says, which is the truth that the app is compared with. */
    const psql = async (name: NodeName, sql: string): Promise<string> => (await known.on(name, asPostgres(sql))).trim();
    const knownOf = async (name: string): Promise<Known> => {
      const { members } = await known.core.client.postgres.replication({ clusterId: known.clusterId });
      const found = members.find(({ member }) => member === name);
      if (found?.kind !== 'known') throw new Error(`${name}: ${JSON.stringify(found)}`);
      return found;
    };
    const run = (statement: string, more: { readonly database?: string; readonly runId?: string } = {}) =>
      known.core.client.postgres.run({
        ...{
          clusterId: known.clusterId,
          member: leader,
          database: more.database ?? 'postgres',
          statement,
          explain: false,
        },
        ...{ skip: 0, limit: 100, timeoutMs: MINUTE, runId: more.runId ?? randomUUID() },
      });
    const rowOf = (jobId: string): Promise<HistoryRow> =>
      waitFor('the end of the job', MINUTE, async () =>
        (await known.core.client.history.list({ clusterId: known.clusterId, limit: 50 })).find(
          (row) => row.id === jobId && row.endedAt !== null,
        ),
      );

    beforeAll(async () => {
      known = await openKnownCluster({ name: `postgres-${suite}`, net, nodes: NODES, suite }, MINUTE);
      leader = await waitFor('a leader that the app sees', MINUTE, () => {
        const state = known.opened.app.app.core.services.hub.state(known.clusterId);
        const streaming = state?.members.filter(({ state: how }) => how === 'streaming' || how === 'running').length;
        const holder = NODES.find((name) => name === state?.leader.holder);
        return Promise.resolve(streaming === NODES.length ? holder : undefined);
      });
      await psql(
        leader,
        'CREATE TABLE stock (item text PRIMARY KEY, reserved int); INSERT INTO stock VALUES ($$A-7$$, 1);',
      );
      await psql(leader, `CREATE DATABASE ${quoted(ODD_DATABASE)};`);
    }, 10 * MINUTE);

    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(() => known?.close(), 3 * MINUTE);

    const target = (): PostgresTarget => ({ client: known.core.client, clusterId: known.clusterId, leader, way });
    describePostgresPages('by psql on its server', target);

    it('is told from both ends as psql tells it: streams, positions, slots, and the disk', async () => {
      const before = Number(await psql(leader, `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0');`));
      const sender = await knownOf(leader);
      const after = Number(await psql(leader, `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0');`));
      expect(sender.position).toBeGreaterThanOrEqual(before);
      expect(sender.position).toBeLessThanOrEqual(after);
      const streams = (
        await psql(
          leader,
          'SELECT application_name, state, sync_state, host(client_addr) FROM pg_stat_replication ORDER BY 1;',
        )
      ).split('\n');
      expect(sender.sent.map((one) => [one.application, one.state, one.syncState, one.address].join('|'))).toEqual(
        streams,
      );
      for (const { application, slot } of sender.sent) {
        const receiver = NODES.find((name) => name === application) ?? leader;
        const [status, host, theirs] = (
          await psql(receiver, 'SELECT status, sender_host, slot_name FROM pg_stat_wal_receiver;')
        ).split('|');
        expect((await knownOf(receiver)).received).toMatchObject({ status, senderHost: host, slot: theirs });
        expect(slot).toBe(theirs);
      }
      const slots = (
        await psql(leader, 'SELECT slot_name, active, wal_status FROM pg_replication_slots ORDER BY 1;')
      ).split('\n');
      expect(sender.slots.map(({ name, active, walStatus }) => `${name}|${active ? 't' : 'f'}|${walStatus}`)).toEqual(
        slots,
      );
      const free = Number(await known.on(leader, `df -PB1 ${known.cluster.dataDir}/pg_wal | awk 'NR==2 {print $4}'`));
      expect(Math.abs((sender.disk?.free ?? 0) - free)).toBeLessThan(1024 ** 3);
    });

    it(
      'shows on the page who blocks whom, and ends the session at the root alone',
      async () => {
        const open = `begin; update stock set reserved = reserved + 1 where item = $$A-7$$;`;
        const held = `{ echo "${open.replaceAll('$', '\\$')}"; sleep 600; }`;
        const psqlThere = `su postgres -c "psql -Xq -p ${known.cluster.port}"`;
        await known.on(leader, `nohup sh -c '${held} | ${psqlThere}' >/dev/null 2>&1 &`);
        const idle = `SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE '%update stock%'`;
        const blocker = await waitFor(
          'the open transaction',
          MINUTE,
          async () => (await psql(leader, `${idle};`)) || undefined,
        );
        await known.on(
          leader,
          `nohup sh -c '${asPostgres('update stock set reserved = 41 where item = $$A-7$$;').replaceAll("'", `'\\''`)}' >/dev/null 2>&1 &`,
        );
        const waits = `SELECT pid FROM pg_stat_activity WHERE ${blocker} = ANY (pg_blocking_pids(pid))`;
        const blocked = await waitFor(
          'the session that waits',
          MINUTE,
          async () => (await psql(leader, `${waits};`)) || undefined,
        );
        const { page } = known.opened;
        await page.goto(`${known.opened.app.origin}/#/cluster/${known.clusterId}/postgres`);
        await page.getByRole('group', { name: 'Views of PostgreSQL' }).getByRole('button', { name: 'Locks' }).click();
        const root = page.getByTestId(`blocking-${blocker}`);
        await root.getByTestId(`blocking-${blocked}`).waitFor();
        await root.getByRole('button', { name: `Terminate the session ${blocker}` }).click();
        await page.getByTestId('confirm').click();
        await expect.poll(() => page.getByTestId('job-status').innerText(), { timeout: MINUTE }).toMatch(/Done/);
        await page.getByRole('button', { name: 'Close the jobs' }).click();
        expect(await psql(leader, `SELECT count(*) FROM pg_stat_activity WHERE pid = ${blocker};`)).toBe('0');
        await waitFor('the other update', MINUTE, async () =>
          (await psql(leader, 'SELECT reserved FROM stock;')) === '41' ? true : undefined,
        );
        const [row] = await known.core.client.history.list({ clusterId: known.clusterId, limit: 1 });
        expect(row).toMatchObject({ kind: 'end_session', status: 'done', target: leader });
        expect(row?.command).toContain(`pg_terminate_backend(pid)`);
      },
      3 * MINUTE,
    );

    it(
      'finds a slot that retains WAL, and when the disk will be full, long before it is',
      async () => {
        await psql(leader, `SELECT pg_create_physical_replication_slot('forgotten', true);`);
        const write = `SELECT count(pg_logical_emit_message(false, $$x$$, repeat($$x$$, 100000))) FROM generate_series(1, 20);`;
        await known.on(
          leader,
          `nohup sh -c 'for i in $(seq 400); do ${asPostgres(write).replaceAll("'", `'\\''`)}; sleep 0.2; done' >/dev/null 2>&1 &`,
        );
        const told = async (): Promise<{
          readonly finding: boolean;
          readonly inMs: number | null;
          readonly free: number;
        }> => {
          const view = await known.core.client.postgres.replication({ clusterId: known.clusterId });
          const member = view.members.find((one): one is Known => one.kind === 'known' && one.member === leader);
          const slot = member?.slots.find(({ name }) => name === 'forgotten');
          const forecast = member === undefined || slot === undefined ? null : forecastSlot(slot, member);
          const finding = findPostgresTrouble(view).some(
            ({ code, sentence }) => code === 'postgres.slot_fills_disk' && sentence.includes('forgotten'),
          );
          const inMs = forecast?.kind === 'fills_disk' ? forecast.inMs : null;
          return { finding, inMs, free: member?.disk?.free ?? 0 };
        };
        await waitFor('the finding', 2 * MINUTE, async () => ((await told()).finding ? true : undefined));
        const lsn = async (): Promise<number> =>
          Number(await psql(leader, `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0');`));
        const [first, start] = [await lsn(), Date.now()];
        // The rate is that of the last half minute: by then all of it was written at the same pace.
        await waitFor('a forecast that fits what psql measures', 2 * MINUTE, async () => {
          const { inMs, free } = await told();
          const rate = (((await lsn()) - first) / (Date.now() - start)) * 1000;
          const share = inMs === null ? 0 : inMs / ((free / rate) * 1000);
          return Date.now() - start > 10_000 && share > 0.5 && share < 2 ? true : undefined;
        });
        await psql(leader, `SELECT pg_drop_replication_slot('forgotten');`);
      },
      4 * MINUTE,
    );

    it('shows a table whose name ends quotes, lines and literals, in a database that looks like a connection string', async () => {
      const name = quoted(ODD_TABLE);
      await known.on(
        leader,
        asPostgres(
          `CREATE TABLE ${name} AS SELECT 1 AS "x\ny", NULL::text AS n, '\\x00ff'::bytea AS b, repeat('z', 100000) AS big;`,
          ODD_DATABASE,
        ),
      );
      const place = { clusterId: known.clusterId, member: leader, database: ODD_DATABASE };
      const { tables } = await known.core.client.postgres.tables(place);
      expect(tables.map((table) => table.name)).toContain(ODD_TABLE);
      const result = await run(`SELECT * FROM ${name}`, { database: ODD_DATABASE });
      expect(result.columns).toEqual(['x\ny', 'n', 'b', 'big']);
      expect(result.rows[0]?.map(({ text }) => text?.slice(0, 8) ?? null)).toEqual(['1', null, '\\x00ff', 'zzzzzzzz']);
      expect(result.rows[0]?.[3]).toMatchObject({ length: 100_000 });
      expect(await known.on(leader, 'ls /tmp/pwned 2>/dev/null || echo none')).toMatch(/none/);
    });

    it(
      'gives the first of ten million rows at once, and cancels what takes too long',
      async () => {
        const heap = process.memoryUsage().heapUsed;
        const start = Date.now();
        const result = await run('SELECT i, repeat(md5(i::text), 20) FROM generate_series(1, 10000000) i');
        expect(result).toMatchObject({ more: true });
        expect(result.rows).toHaveLength(100);
        console.log(`${suite}: the first 100 of 10 million rows after ${Date.now() - start} ms`);
        expect(process.memoryUsage().heapUsed - heap).toBeLessThan(100 * 1024 * 1024);
        const runId = randomUUID();
        const endless = run('SELECT count(*) FROM generate_series(1, 100000000000)', { runId });
        endless.catch(() => undefined);
        const seen = `SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%${runId}'`;
        await waitFor('the statement', MINUTE, async () =>
          (await psql(leader, `${seen};`)) === '1' ? true : undefined,
        );
        await known.core.client.postgres.cancelRun({ clusterId: known.clusterId, member: leader, runId });
        await expect(endless).rejects.toMatchObject({ data: { code: 'postgres.statement_failed' } });
        await waitFor('its end', MINUTE, async () => ((await psql(leader, `${seen};`)) === '0' ? true : undefined));
      },
      3 * MINUTE,
    );

    it('writes what was typed for, once, and keeps it in the history', async () => {
      const write = (typed: string) =>
        known.core.client.postgres.write({
          ...{ clusterId: known.clusterId, member: leader, database: 'postgres', timeoutMs: MINUTE, typed },
          ...{ statement: 'update stock set reserved = 7;', requestId: randomUUID() },
        });
      await expect(write('yes')).rejects.toMatchObject({ data: { code: 'operation.not_confirmed' } });
      expect(await psql(leader, 'SELECT reserved FROM stock;')).toBe('41');
      const row = await rowOf((await write('read and write')).id);
      expect(row, row.error?.message).toMatchObject({ kind: 'run_statement', status: 'done' });
      expect(row.command).toBe('update stock set reserved = 7;');
      expect(await psql(leader, 'SELECT reserved FROM stock;')).toBe('7');
    });

    describe('by a role through the tunnel', () => {
      beforeAll(async () => {
        const { username, password } = known.cluster.users.superuser;
        const wrong = known.core.client.postgres.setLogin({
          clusterId: known.clusterId,
          username,
          password: 'not-the-password',
        });
        await expect(wrong).rejects.toMatchObject({ data: { code: 'postgres.login_refused' } });
        expect(await known.core.client.postgres.login({ clusterId: known.clusterId })).toMatchObject({
          username: null,
        });
        await known.core.client.postgres.setLogin({ clusterId: known.clusterId, username, password });
        way = 'pg';
      }, MINUTE);

      describePostgresPages('by a connection of the app', target);

      it('tells the same as psql on the server', async () => {
        const sender = await knownOf(leader);
        expect(sender.slots.map(({ name }) => name).join('\n')).toBe(
          await psql(leader, 'SELECT slot_name FROM pg_replication_slots ORDER BY 1;'),
        );
        const { sessions } = await known.core.client.postgres.activity({ clusterId: known.clusterId, member: leader });
        const pids = (await psql(leader, `SELECT pid FROM pg_stat_activity WHERE backend_type = 'walsender';`)).split(
          '\n',
        );
        expect(sessions.map(({ pid }) => String(pid))).toEqual(expect.arrayContaining(pids));
        const result = await run(`SELECT * FROM ${quoted(ODD_TABLE)}`, { database: ODD_DATABASE });
        expect(result.columns).toEqual(['x\ny', 'n', 'b', 'big']);
      });

      it('is shown on the page as what it is, and left by one click', async () => {
        const { page } = known.opened;
        await page.goto(`${known.opened.app.origin}/#/cluster/${known.clusterId}/overview`);
        await page.goto(`${known.opened.app.origin}/#/cluster/${known.clusterId}/postgres`);
        await page.getByTestId('sql-way').getByText('through the SSH tunnel').waitFor();
        await page.getByRole('button', { name: 'Ask by psql' }).click();
        await page.getByTestId('sql-way').getByText('by psql as the system user postgres').waitFor();
        expect(await known.core.client.postgres.login({ clusterId: known.clusterId })).toMatchObject({
          username: null,
        });
      });
    });
  },
);
