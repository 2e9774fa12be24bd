import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BackupsPage } from './support/backups-page';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';
import { openStoreDouble, STORE_HOST, type StoreDouble } from './support/store-double';

const MINUTE = 60_000;
const MEMBERS: readonly NodeName[] = ['n1', 'n2', 'n3'];
const STANZA = 'demo';

const RELEASES = [
  { suite: 'trixie', net: 238 },
  { suite: 'bookworm', net: 239 },
] as const;

describe.each(releasesToTest('74-backups-store', RELEASES, 'trixie'))(
  'backups in a store that speaks S3 ($suite)',
  ({ suite, net }) => {
    let known: KnownClusterLab;
    let view: BackupsPage;
    let store: StoreDouble;

    const on = (name: NodeName, command: string): Promise<string> =>
      known.opened.lab.node(name).console(command, { timeoutMs: 3 * MINUTE });
    const psql = async (name: NodeName, query: string): Promise<string> =>
      (await on(name, `su postgres -c "psql -XAtq -p ${known.cluster.port} -c \\"${query}\\""`)).trim();
    const leader = (): Promise<NodeName> =>
      waitFor('one of them leads', 3 * MINUTE, async () => {
        for (const name of MEMBERS)
          if ((await psql(name, 'select pg_is_in_recovery()').catch(() => '')) === 'f') return name;
        return undefined;
      });
    const fill = async (keys: {
      readonly key: string;
      readonly secret: string;
      readonly ca: string;
    }): Promise<void> => {
      const dialog = await view.open('Set up backups');
      await dialog.getByLabel('Keep the backups').selectOption('s3');
      await dialog.getByLabel('Endpoint').fill(store.endpoint);
      await dialog.getByLabel('Bucket', { exact: true }).fill(store.bucket);
      await dialog.getByLabel('The bucket is addressed').selectOption('path');
      await dialog.getByLabel('Access key').fill(keys.key);
      await dialog.getByLabel('Secret key').fill(keys.secret);
      await dialog.getByLabel('Certificate authority').fill(keys.ca);
      await dialog.getByLabel('Directory', { exact: true }).fill('/cluster');
      await dialog.getByLabel('Stanza', { exact: true }).fill(STANZA);
    };

    beforeAll(async () => {
      known = await openKnownCluster({ name: `bkstore-${suite}`, net, nodes: MEMBERS, suite }, MINUTE);
      const { app, page } = known.opened;
      store = await openStoreDouble(`10.77.${net}.1`);
      for (const name of MEMBERS) await on(name, `echo '10.77.${net}.1 ${STORE_HOST}' >> /etc/hosts`);
      await page.setViewportSize({ width: 1280, height: 1000 });
      view = new BackupsPage(page, app.origin, known.clusterId);
    }, 20 * MINUTE);
    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(async () => {
      await store?.close();
      await known?.close();
    }, 3 * MINUTE);

    it.each([
      ['certificate is not signed by one that is known', { ca: '' }, /certificate/i],
      ['access key is not known there', { key: 'NOBODY' }, /403|InvalidAccessKeyId/],
    ])(
      'are not set up where its %s, and nothing is left',
      async (_, wrong, words) => {
        const before = await on('n1', `patronictl -c ${known.cluster.config} show-config`);
        await view.look();
        await fill({ ...store, ...wrong });
        const panel = await view.confirm(/Failed/);
        expect(panel).toMatch(words);
        expect(panel).toMatch(/Everything that was written is taken back/);
        expect(await on('n1', `patronictl -c ${known.cluster.config} show-config`)).toBe(before);
        for (const name of MEMBERS)
          expect(
            await on(name, 'ls -d /etc/pgbackrest/conf.d/matriarch-* /etc/pgbackrest/matriarch 2>/dev/null || true'),
          ).toBe('');
      },
      10 * MINUTE,
    );

    it(
      'are set up, with the keys in files that only root and postgres read, and nowhere else',
      async () => {
        await view.look();
        await fill(store);
        await view.checked(/How much room the bucket/);
        await view.picture('set-up-store');
        await view.confirm(/Done/);
        const info = await on(await leader(), `su postgres -c 'pgbackrest --stanza=${STANZA} info'`);
        expect(info).toMatch(/status: ok[\s\S]*full backup: /);
        for (const name of MEMBERS) {
          expect(await on(name, `stat -c '%a %U:%G' /etc/pgbackrest/conf.d/matriarch-${STANZA}.conf`)).toMatch(
            /^640 root:postgres/,
          );
          expect(await on(name, `grep -rls ${store.secret} /etc/systemd /etc/patroni /var/log || true`)).toBe('');
          expect(await on(name, `systemctl is-active matriarch-backup-${STANZA}-full.timer`)).toMatch(/^active/);
        }
        const { jobs } = await (async () => {
          for await (const update of await known.core.client.jobs.watch())
            if (update.kind === 'snapshot') return update;
          throw new Error('no jobs');
        })();
        expect(JSON.stringify(jobs)).not.toContain(store.secret);
        await view.look();
        expect(await view.text('backups')).toMatch(/Repository 1: bucket backups at store\.lab/);
        expect(await view.text('backups')).not.toContain(store.secret);
      },
      20 * MINUTE,
    );

    it(
      'are proved from there, and bring the cluster back to a moment with exactly its rows',
      async () => {
        const first = await leader();
        await psql(first, 'create table orders (n int)');
        await psql(first, 'insert into orders select generate_series(1, 500)');
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        const at = await psql(
          first,
          `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')`,
        );
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        await psql(first, 'drop table orders');
        await view.look();
        const prove = await view.open('Prove the newest');
        await prove.getByLabel('On the server of').selectOption(MEMBERS.find((name) => name !== first) ?? 'n2');
        await view.confirm(/Done/);
        await view.look();
        const restore = await view.open('Restore the cluster');
        await restore.getByLabel('To this time').fill(at);
        await view.checked(/It begins with the backup/);
        await view.confirm(/Warning|Done/, 'Orders');
        for (const name of MEMBERS) expect(await psql(name, 'select count(*) from orders'), name).toBe('500');
      },
      25 * MINUTE,
    );

    it(
      'are made on the leader alone, by its timer and on request',
      async () => {
        const first = await leader();
        const count = async (): Promise<number> =>
          Number(await on(first, `su postgres -c 'pgbackrest --stanza=${STANZA} info' | grep -c ' backup: '`));
        const before = await count();
        const other = MEMBERS.find((name) => name !== first) ?? 'n2';
        await on(other, `systemctl start matriarch-backup-${STANZA}-diff.service || true`);
        expect(await count()).toBe(before);
        const request = { clusterId: known.clusterId, kind: 'full', requestId: randomUUID() } as const;
        await known.core.client.backups.backUp(request);
        await waitFor('the backup is made', 5 * MINUTE, async () => (await count()) > before);
      },
      10 * MINUTE,
    );
  },
);
