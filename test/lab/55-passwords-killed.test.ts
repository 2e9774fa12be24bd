import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HistoryRow, Job } from '../../shared/model/operate/job';
import type { TestClient } from '../support/app/app';
import { startAppProcess, type AppProcess } from './support/app-process';
import { addCluster, openKnownCluster, trustHostKeys, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { expectNothingLost, letsIn, startLoginLoop } from './support/login-loop';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';
import { filesWith } from './support/traces';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const PASSPHRASE = 'a long passphrase';
const LIST = '/etc/pgbouncer/userlist.txt';

/** Every account that is changed, and what is typed for it. */
const TYPED = {
  'role:postgres': `Super: 'quoted' "twice" $HOME #1`,
  'role:replicator': 'Replica\\on: {of} [things], %s & more!',
  'role:rewind': 'rewind=this #and that',
  rest: 'for: the "REST" API',
  'role:shop': 'a new one, of shop',
} as const;

const RELEASES = [
  { suite: 'trixie', net: 192 },
  { suite: 'bookworm', net: 193 },
] as const;

function rowOf(client: TestClient, clusterId: string, job: Job): Promise<HistoryRow> {
  return waitFor(`the end of ${job.title}`, 4 * MINUTE, async () =>
    (await client.history.list({ clusterId, limit: 50 })).find((row) => row.id === job.id && row.endedAt !== null),
  );
}

describe.each(releasesToTest('55-passwords-killed', RELEASES, 'trixie'))(
  'passwords of a cluster that others set up ($suite)',
  ({ suite, net }) => {
    let known: KnownClusterLab;
    let directory: string;
    let app: AppProcess;
    let clusterId: string;

    const psql = (name: NodeName, sql: string): Promise<string> =>
      known.opened.lab.node(name).psql(sql, { timeoutMs: 20_000 });
    const leader = (): Promise<NodeName> =>
      waitFor('exactly one PostgreSQL is writable', 2 * MINUTE, async () => {
        const writable = await known.opened.lab.primaries(known.cluster);
        return writable.length === 1 ? writable[0] : undefined;
      });
    const client = (): TestClient => app.core.client;
    const change = (): Promise<Job> =>
      client().passwords.change({
        clusterId,
        accounts: Object.entries(TYPED).map(([id, password]) => ({ id, password })),
        typed: null,
        requestId: randomUUID(),
      });
    const finish = async (way: 'forward' | 'back'): Promise<Job> => {
      const { change: shown } = await client().passwords.accounts({ clusterId });
      const startedAt = shown?.startedAt ?? 0;
      return client().passwords.finish({ clusterId, way, startedAt, typed: null, requestId: randomUUID() });
    };
    /** Ends the app as a power cut would, and starts it again. */
    const killed = async (): Promise<void> => {
      await app.kill();
      app = await startAppProcess(directory);
      await client().vault.unlock({ passphrase: PASSPHRASE });
      await waitFor('the app sees the cluster again', MINUTE, async () =>
        (await client().passwords.accounts({ clusterId })).change === null ? undefined : true,
      );
    };
    const sums = (): Promise<readonly string[]> =>
      Promise.all(NODES.map((name) => known.on(name, `sha256sum < ${known.cluster.config}`)));
    const verifiers = async (): Promise<string> =>
      psql(await leader(), 'select string_agg(rolname || rolpassword, $$ $$ order by rolname) from pg_authid');
    /** Which passwords the files of each server have, PgBouncer's list among them, told by their content. */
    const filesSay = async (): Promise<Readonly<Record<string, string>>> => {
      const old = known.cluster.users.superuser.password;
      const texts = await Promise.all(
        NODES.map(async (name) => [name, await known.on(name, `cat ${known.cluster.config} ${LIST}`)] as const),
      );
      return Object.fromEntries(
        texts.map(([name, text]) => {
          const isNew = text.includes('Super: ');
          if (isNew && text.includes(old)) return [name, 'mixed'];
          return [name, isNew ? 'new' : 'former'];
        }),
      );
    };
    const said = async () => {
      const { change: shown } = await client().passwords.accounts({ clusterId });
      return {
        ended: shown?.ended,
        postgres: shown?.postgres,
        files: Object.fromEntries(Object.entries(shown?.members ?? {}).map(([name, { files }]) => [name, files])),
      };
    };

    beforeAll(async () => {
      known = await openKnownCluster(
        { name: `words-${suite}`, net, nodes: NODES, suite, restAuth: true, proxy: true },
        MINUTE,
      );
      directory = await mkdtemp(join(tmpdir(), 'matriarch-lab-killed-'));
      await mkdir(join(directory, '.ssh'));
      await trustHostKeys({ lab: known.opened.lab, directory }, NODES);
      app = await startAppProcess(directory);
      await client().vault.create({ passphrase: PASSPHRASE });
      clusterId = await addCluster(known.opened.lab, client(), NODES);
      await psql(
        await leader(),
        `create role shop login password 'former-password-of-shop'; create table written (way text, n int);
         grant insert on written to shop; alter system set log_statement = 'all'; select pg_reload_conf();`,
      );
      await waitFor('the app finds every member well', 2 * MINUTE, async () => {
        const view = await client().passwords.accounts({ clusterId });
        return view.refused === null && view.accounts.length >= Object.keys(TYPED).length;
      });
    }, 12 * MINUTE);

    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(async () => {
      await app?.kill();
      await known?.close();
      if (directory !== undefined) await rm(directory, { recursive: true, force: true });
    }, 3 * MINUTE);

    it(
      'survive an app that is killed in the middle: it says what stands where, and goes on from there, without a failed login',
      async () => {
        const at = await leader();
        const [files, roles] = [await sums(), await verifiers()];
        await change();
        await waitFor('a file is written', MINUTE, async () => (await sums()).some((sum) => !files.includes(sum)));
        await killed();
        const shop = ['former-password-of-shop', TYPED['role:shop']];
        const loops = [5432, known.cluster.proxy?.primary ?? 5000].map((port) =>
          startLoginLoop({
            ...{
              name: `shop ${String(port)}`,
              host: known.opened.lab.node(at).ip,
              port,
              database: 'postgres',
              user: 'shop',
            },
            passwords: shop,
          }),
        );
        const first = await said();
        expect(first).toEqual({
          ended: false,
          postgres: (await verifiers()) === roles ? 'former' : 'new',
          files: await filesSay(),
        });
        await finish('forward');
        await waitFor('PostgreSQL has the new ones', MINUTE, async () => (await verifiers()) !== roles);
        await killed();
        expect(await said()).toMatchObject({ postgres: 'new', files: { n1: 'new', n2: 'new', n3: 'new' } });
        const row = await rowOf(client(), clusterId, await finish('forward'));
        expect(row, row.error?.message ?? row.sentence).toMatchObject({ status: 'done', kind: 'passwords' });
        await expectNothingLost(loops, async (way) => psql(at, `select n from written where way = '${way.name}'`));
        expect(await said()).toMatchObject({ ended: true, postgres: 'new' });
      },
      10 * MINUTE,
    );

    it('are the new ones everywhere, in the list of PgBouncer too, and the former ones nowhere', async () => {
      const node = known.opened.lab.node(await leader());
      const postgres = { host: node.ip, port: 5432, database: 'postgres', user: 'postgres' };
      const password = TYPED['role:postgres'];
      for (const port of [5432, 6432])
        expect(
          [
            await letsIn({ ...postgres, port }, password),
            await letsIn({ ...postgres, port }, known.cluster.users.superuser.password),
          ],
          String(port),
        ).toEqual([true, false]);
      const rewind = { ...postgres, user: known.cluster.users.rewind.username };
      expect([
        await letsIn(rewind, TYPED['role:rewind']),
        await letsIn(rewind, known.cluster.users.rewind.password),
      ]).toEqual([true, false]);
      const rest = await Promise.all(
        [TYPED.rest, known.cluster.rest.auth?.password ?? ''].flatMap((one) =>
          NODES.map(async (name) => {
            const { status } = await fetch(
              `http://${known.opened.lab.node(name).ip}:${known.cluster.rest.port}/reload`,
              {
                method: 'POST',
                headers: { authorization: `Basic ${Buffer.from(`patroni:${one}`).toString('base64')}` },
              },
            );
            return status < 300;
          }),
        ),
      );
      expect(rest).toEqual([true, true, true, false, false, false]);
      expect(await filesWith(directory, Object.values(TYPED))).toEqual([]);
    });

    it(
      'are the former ones again when they are put back, and every replica streams with them after a restart',
      async () => {
        const row = await rowOf(client(), clusterId, await finish('back'));
        expect(row, row.error?.message ?? row.sentence).toMatchObject({ status: 'done' });
        const now = await leader();
        const postgres = { host: known.opened.lab.node(now).ip, port: 5432, database: 'postgres', user: 'postgres' };
        expect(await letsIn(postgres, known.cluster.users.superuser.password)).toBe(true);
        expect(await letsIn({ ...postgres, user: 'shop' }, 'former-password-of-shop')).toBe(true);
        expect(
          [
            await letsIn({ ...postgres, port: 6432 }, known.cluster.users.superuser.password),
            await letsIn({ ...postgres, port: 6432 }, TYPED['role:postgres']),
          ],
          'by the list of PgBouncer',
        ).toEqual([true, false]);
        for (const name of NODES.filter((one) => one !== now)) {
          await known.on(name, `systemctl restart ${known.cluster.unit}`);
          await waitFor(`${name} streams`, 2 * MINUTE, async () =>
            (await psql(now, "select application_name from pg_stat_replication where state = 'streaming'")).includes(
              name,
            ),
          );
        }
      },
      6 * MINUTE,
    );
  },
);
