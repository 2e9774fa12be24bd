import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TestConnection } from '../support/app/app';
import type { ReferenceCluster } from './support/cluster-file';
import { ClusterPageUser } from './support/cluster-page';
import { addCluster, trustHostKeys } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { openPageLab, type PageLab } from './support/page-lab';
import { releasesToTest } from './support/releases';
import { RepairPage } from './support/repair-page';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NORTH: readonly NodeName[] = ['n1', 'n2'];
const SOUTH: readonly NodeName[] = ['n3', 'n4'];
const NODES: readonly NodeName[] = [...NORTH, ...SOUTH];
const ETCDCTL = 'ETCDCTL_API=3 etcdctl --endpoints http://127.0.0.1:2379';

const RELEASES = [
  { suite: 'trixie', net: 222 },
  { suite: 'bookworm', net: 223 },
] as const;

describe.each(releasesToTest('75-standby-cluster', RELEASES, 'trixie'))(
  'a standby cluster at another site, with an etcd of its own ($suite)',
  ({ suite, net }) => {
    let opened: PageLab;
    let core: TestConnection;
    let ui: ClusterPageUser;
    let north: ReferenceCluster;
    let south: ReferenceCluster;
    let ids: { readonly north: string; readonly south: string };

    const psql = async (name: NodeName, query: string): Promise<string> =>
      (await opened.lab.node(name).console(`su postgres -c 'psql -XAtq'`.concat(` <<'SQL'\n${query}\nSQL`))).trim();
    const standbyView = (id: string): Promise<unknown> =>
      opened.page.goto(`${opened.app.origin}/#/cluster/${id}/maintenance/standby`);
    const endOfJob = async (): Promise<string> => {
      const words = await ui.jobEnd(6 * MINUTE);
      await ui.closeJobs();
      return words;
    };

    beforeAll(async () => {
      opened = await openPageLab(
        { name: `standby-${suite}`, net, nodes: NODES, suite, image: 'stack' },
        { viewport: { width: 1440, height: 1000 }, patienceMs: MINUTE },
      );
      const { lab } = opened;
      north = await lab.cluster({ layout: 'plain', nodes: NORTH, etcd: ['n1'], scope: 'north', proxy: true });
      south = await lab.cluster({ layout: 'plain', nodes: SOUTH, etcd: ['n3'], scope: 'south', proxy: true });
      await becomeStandby();
      await trustHostKeys(opened, NODES);
      core = await opened.app.connect();
      await core.client.vault.useSession();
      ids = {
        north: await addCluster(lab, core.client, NORTH, 'North'),
        south: await addCluster(lab, core.client, SOUTH, 'South'),
      };
      ui = new ClusterPageUser(opened.page);
    }, 15 * MINUTE);
    afterEach(({ task }) => opened.pictureOf(task));
    afterAll(async () => {
      core?.close();
      await opened?.close();
    }, 3 * MINUTE);

    /** Makes South the standby cluster of North as Patroni's documentation says: the section, no data, no `initialize` key. */
    async function becomeStandby(): Promise<void> {
      const { lab } = opened;
      const hosts = NORTH.map((name) => lab.node(name).ip).join(',');
      const section = { standby_cluster: { host: hosts, port: 5432, primary_slot_name: 'south' } };
      const edit = (cluster: ReferenceCluster, patch: unknown): string =>
        `printf %s '${JSON.stringify(patch)}' | patronictl -c ${cluster.config} edit-config --force --apply - ${cluster.scope}`;
      await lab.node('n1').console(edit(north, { slots: { south: { type: 'physical' } } }));
      await lab.node('n3').console(edit(south, section));
      for (const name of SOUTH) await lab.node(name).console(`systemctl stop ${south.unit}; rm -rf '${south.dataDir}'`);
      const keys = ['initialize', 'leader', 'status', 'history', 'sync', 'failover'];
      await lab.node('n3').console(keys.map((key) => `${ETCDCTL} del ${south.namespace}south/${key}`).join('\n'));
      await lab.node('n3').console(`systemctl start ${south.unit}`);
      const copied = async (name: NodeName): Promise<true | undefined> =>
        (await psql(name, 'select status from pg_stat_wal_receiver').catch(() => '')) === 'streaming'
          ? true
          : undefined;
      await waitFor('n3 has a copy and streams', 3 * MINUTE, () => copied('n3'));
      await lab.node('n4').console(`systemctl start ${south.unit}`);
      await waitFor('n4 has a copy and streams', 3 * MINUTE, () => copied('n4'));
    }

    it(
      'is shown with the cluster that it follows as one pair, with its lag',
      async () => {
        const rows = opened.page.locator('.m-fleet-row');
        await rows.filter({ hasText: 'follows North' }).waitFor();
        await rows.filter({ hasText: 'followed by South' }).waitFor();
        expect(await rows.locator('.m-fleet-link').allInnerTexts()).toEqual(['North', 'South']);
        await standbyView(ids.south);
        const view = opened.page.getByTestId('standby-view');
        await view.filter({ hasText: 'WAL is streamed' }).waitFor();
        await view.filter({ hasText: /no lag|behind/ }).waitFor();
        await view.filter({ hasText: 'Yes: n' }).waitFor();
        expect(await view.innerText()).toContain('the same');
      },
      3 * MINUTE,
    );

    it(
      'is not promoted while the other one takes writes and applications may reach it',
      async () => {
        await opened.page.getByTestId('standby-view').getByRole('button', { name: 'Promote', exact: true }).click();
        const dialog = opened.page.getByRole('dialog').last();
        const checks = dialog.getByRole('list', { name: 'Checks' });
        await checks.getByText('With two primaries the data of the two would part').waitFor();
        await dialog.getByRole('button', { name: 'Cancel' }).click();
        expect(await psql('n3', 'select pg_is_in_recovery()')).toBe('t');
      },
      2 * MINUTE,
    );

    it(
      'takes over from the page once its primary site lost power, with every row that had arrived',
      async () => {
        const { lab } = opened;
        await lab.node('n1').console('true');
        const primary = (await psql('n1', 'select pg_is_in_recovery()')) === 'f' ? 'n1' : 'n2';
        await psql(primary, 'create table kept(i int); insert into kept select generate_series(1, 500)');
        await waitFor('the rows arrive', MINUTE, async () =>
          (await psql('n3', 'select count(*) from kept').catch(() => '')) === '500' ? true : undefined,
        );
        await lab.kill(...NORTH);
        await standbyView(ids.south);
        await opened.page
          .getByTestId('standby-view')
          .filter({ hasText: /Not known: primary/ })
          .waitFor();
        await opened.page.getByTestId('standby-view').getByRole('button', { name: 'Promote', exact: true }).click();
        const dialog = opened.page.getByRole('dialog').last();
        await dialog
          .getByRole('list', { name: 'Checks' })
          .getByText('Whether North takes writes is not known')
          .waitFor();
        await ui.confirm('South');
        expect(await endOfJob()).toMatch(/South takes writes: n[34] is the primary on timeline 2/);
        const leader = (await psql('n3', 'select pg_is_in_recovery()')) === 'f' ? 'n3' : 'n4';
        expect(await psql(leader, 'select count(*) from kept')).toBe('500');
        await waitFor('applications write by the load balancer', MINUTE, async () => {
          const password = south.users.superuser.password;
          const at = `host=${lab.node('n4').ip} port=${south.proxy?.primary ?? 0} user=postgres dbname=postgres`;
          await lab
            .node('n4')
            .console(`PGPASSWORD='${password}' psql -XAtq '${at}' -c 'insert into kept values (501)'`);
          return true;
        });
        const config = await lab.node('n3').console(`${ETCDCTL} get --print-value-only ${south.namespace}south/config`);
        expect(config).not.toContain('standby_cluster');
      },
      8 * MINUTE,
    );

    it(
      'is not followed by the old site, once that is back with data of its own that Patroni would not rewind',
      async () => {
        const { lab } = opened;
        await lab.up(NORTH);
        await waitFor('North has a primary of its own again', 3 * MINUTE, async () => {
          const answers = await Promise.all(
            NORTH.map((name) => psql(name, 'select pg_is_in_recovery()').catch(() => '')),
          );
          return answers.includes('f') ? true : undefined;
        });
        await standbyView(ids.north);
        const view = opened.page.getByTestId('standby-view');
        await view.filter({ hasText: 'Same origin as South' }).waitFor();
        await view.getByRole('button', { name: 'Make slot north there' }).click();
        await ui.confirm();
        await endOfJob();
        await standbyView(ids.north);
        await view.getByRole('button', { name: 'Make this its standby' }).click();
        const dialog = opened.page.getByRole('dialog').last();
        await dialog.getByText('What this cluster wrote since the two parted may be lost').click();
        const checks = dialog.getByRole('list', { name: 'Checks' });
        await checks.getByText(/North has .* of WAL that South lacks/).waitFor();
        await checks.getByText(/Patroni compares timelines by their numbers alone/).waitFor();
        await dialog.getByRole('button', { name: 'Cancel' }).click();
        const config = await lab.node('n1').console(`${ETCDCTL} get --print-value-only ${north.namespace}north/config`);
        expect(config).not.toContain('standby_cluster');
      },
      8 * MINUTE,
    );

    it(
      'is copied anew with guidance: what it alone wrote is told and kept, and it follows the new site with every member',
      async () => {
        const { lab } = opened;
        const led: NodeName = (await psql('n1', 'select pg_is_in_recovery()')) === 'f' ? 'n1' : 'n2';
        await psql(led, 'insert into kept select generate_series(9001, 9007); checkpoint');
        await standbyView(ids.north);
        const view = opened.page.getByTestId('standby-view');
        await view.getByRole('button', { name: 'Copy this anew as its standby' }).click();
        const evidence = opened.page.getByRole('list', { name: 'Evidence' });
        await evidence
          .getByText(/transactions? are only there|goes on, on timeline|of which the histories tell nothing/)
          .first()
          .waitFor();
        const repair = new RepairPage({ opened, clusterId: ids.north });
        expect(await repair.confirm('North', /Done(?!,)/, 12 * MINUTE)).toMatch(/has a new copy and follows South/);
        const primary: NodeName = (await psql('n3', 'select pg_is_in_recovery()')) === 'f' ? 'n3' : 'n4';
        await psql(primary, 'insert into kept values (777)');
        const system = await psql(primary, 'select system_identifier from pg_control_system()');
        for (const name of NORTH) {
          await waitFor(`${name} has what the new site writes`, MINUTE, async () =>
            (await psql(name, 'select count(*) from kept where i = 777').catch(() => '')) === '1' ? true : undefined,
          );
          expect(await psql(name, 'select pg_is_in_recovery()')).toBe('t');
          expect(await psql(name, 'select system_identifier from pg_control_system()')).toBe(system);
          expect(await psql(name, 'select count(*) from kept where i > 9000')).toBe('0');
          const aside = await lab.node(name).console(`ls -d ${north.dataDir}.matriarch-kept-*/global/pg_control`);
          expect(aside.trim().split('\n')).toHaveLength(1);
        }
        const config = await lab.node('n1').console(`${ETCDCTL} get --print-value-only ${north.namespace}north/config`);
        expect(JSON.parse(config)).toMatchObject({ standby_cluster: { primary_slot_name: 'north' } });
        await standbyView(ids.north);
        await view.filter({ hasText: 'WAL is streamed' }).waitFor();
      },
      15 * MINUTE,
    );
  },
);
