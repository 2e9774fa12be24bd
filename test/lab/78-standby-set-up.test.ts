import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TestConnection } from '../support/app/app';
import type { ReferenceCluster } from './support/cluster-file';
import { ClusterPageUser } from './support/cluster-page';
import { addCluster, trustHostKeys } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { openPageLab, type PageLab } from './support/page-lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';
import { WizardUser } from './support/wizard-page';

const MINUTE = 60_000;
const NORTH: readonly NodeName[] = ['n1', 'n2'];
const SOUTH: readonly NodeName[] = ['n3', 'n4'];

const RELEASES = [
  { suite: 'trixie', net: 241 },
  { suite: 'bookworm', net: 242 },
] as const;

describe.each(releasesToTest('78-standby-set-up', RELEASES, 'trixie'))(
  'a standby cluster that the wizard sets up at another site ($suite)',
  ({ suite, net }) => {
    let opened: PageLab;
    let core: TestConnection;
    let wizard: WizardUser;
    let ui: ClusterPageUser;
    let north: ReferenceCluster;
    let northId = '';

    const sql = async (name: NodeName, query: string): Promise<string> =>
      (await opened.lab.node(name).console(`su postgres -c 'psql -XAtq'`.concat(` <<'SQL'\n${query}\nSQL`))).trim();
    const northPrimary = async (): Promise<NodeName> =>
      (await sql('n1', 'select pg_is_in_recovery()')) === 'f' ? 'n1' : 'n2';
    const northConfig = async (): Promise<string> =>
      opened.lab.node('n1').console(`patronictl -c ${north.config} show-config ${north.scope}`);

    beforeAll(async () => {
      opened = await openPageLab(
        { name: `standby-made-${suite}`, net, nodes: SOUTH, suite },
        { viewport: { width: 1440, height: 1000 }, patienceMs: MINUTE },
      );
      await opened.lab.up(NORTH, { suite, image: 'stack' });
      north = await opened.lab.cluster({ layout: 'plain', nodes: NORTH, etcd: ['n1'], scope: 'north' });
      await keepRulesInTheConfiguration();
      await trustHostKeys(opened, [...NORTH, ...SOUTH]);
      core = await opened.app.connect();
      await core.client.vault.useSession();
      northId = await addCluster(opened.lab, core.client, NORTH, 'North');
      wizard = new WizardUser(opened.page, opened.app.origin);
      ui = new ClusterPageUser(opened.page);
    }, 20 * MINUTE);
    afterEach(({ task }) => opened.pictureOf(task));
    afterAll(async () => {
      core?.close();
      await opened?.close();
    }, 3 * MINUTE);

    /** North's rules let its own site in and nobody else; they are kept in the dynamic configuration. */
    async function keepRulesInTheConfiguration(): Promise<void> {
      const { replication } = north.users;
      const own = NORTH.map((name) => opened.lab.node(name).ip);
      const rules = [
        'local all all peer',
        'host all all 127.0.0.1/32 scram-sha-256',
        ...own.flatMap((ip) => [
          `host replication ${replication.username} ${ip}/32 scram-sha-256`,
          `host all all ${ip}/32 scram-sha-256`,
        ]),
        'host all all all reject',
      ];
      const patch = JSON.stringify({ postgresql: { pg_hba: rules } });
      await opened.lab
        .node('n1')
        .console(`printf %s '${patch}' | patronictl -c ${north.config} edit-config --force --apply - ${north.scope}`);
      await waitFor('North goes by these rules', MINUTE, async () =>
        (await sql('n1', `select count(*) from pg_hba_file_rules where auth_method = 'reject'`)) === '1'
          ? true
          : undefined,
      );
    }

    it(
      'begins at the cluster that it follows, with its addresses and roles, and says what that one still needs',
      async () => {
        await opened.page.goto(`${opened.app.origin}/#/cluster/${northId}/maintenance/standby`);
        await opened.page.getByRole('button', { name: 'Set up a standby cluster' }).click();
        await wizard.title('Servers').waitFor();
        await wizard.addServers({
          lines: SOUTH.map((name) => `root@${opened.lab.node(name).ip}`),
          keyPath: opened.lab.keyPath,
        });
        await wizard.goOn('Roles');
        await wizard.goOn('Sources and versions');
        await wizard.goOn('Settings');
        await opened.page.getByLabel('Cluster name (scope)').fill('south');
        await opened.page.getByLabel('Title (optional)').fill('South');
        await opened.page.getByLabel('Slot there').fill('south');
        const hosts = await opened.page.getByLabel('Addresses to follow').inputValue();
        expect(hosts.split('\n').sort()).toEqual(NORTH.map((name) => opened.lab.node(name).ip).sort());
        await opened.page.getByText('Slot south: missing').waitFor();
        await opened.page.getByText('Its rules do not let these servers in yet').waitFor();
        await opened.page.getByRole('radio', { name: /^Off/ }).check();
      },
      6 * MINUTE,
    );

    it(
      'is blocked by the review as long as the followed cluster refuses, and changes nothing there',
      async () => {
        const before = await northConfig();
        await wizard.goOn('Review');
        await opened.page
          .getByText('The followed cluster lets it in')
          .first()
          .waitFor({ timeout: 3 * MINUTE });
        await opened.page
          .getByText(/no pg_hba.conf entry for replication connection/)
          .first()
          .waitFor();
        expect(await northConfig()).toBe(before);
      },
      5 * MINUTE,
    );

    it(
      'has the slot and the rules made there by one previewed change of that cluster',
      async () => {
        await opened.page.goBack();
        await wizard.title('Settings').waitFor();
        await opened.page.getByRole('button', { name: 'Prepare North' }).click();
        const dialog = opened.page.getByRole('dialog').last();
        await dialog.getByText(/south/).first().waitFor();
        await ui.confirm();
        await ui.jobEnd(3 * MINUTE);
        await ui.closeJobs();
        await opened.page.getByText('Slot south: there').waitFor();
        await opened.page.getByText('Its rules let these servers in').waitFor();
        await waitFor('the primary has the slot', MINUTE, async () =>
          (await sql(await northPrimary(), `select count(*) from pg_replication_slots where slot_name = 'south'`)) ===
          '1'
            ? true
            : undefined,
        );
      },
      5 * MINUTE,
    );

    it(
      'is installed, follows, and stands in the fleet as a pair with its lag',
      async () => {
        const primary = await northPrimary();
        await sql(primary, 'create table kept(i int); insert into kept select generate_series(1, 300)');
        await wizard.goOn('Review');
        await wizard.install('a passphrase for the lab');
        expect(await wizard.end(20 * MINUTE)).toBe('Done');
        for (const name of SOUTH) {
          await waitFor(`${name} has the rows`, MINUTE, async () =>
            (await sql(name, 'select count(*) from kept').catch(() => '')) === '300' ? true : undefined,
          );
          expect(await sql(name, 'select pg_is_in_recovery()')).toBe('t');
          expect(await sql(name, 'select system_identifier from pg_control_system()')).toBe(
            await sql(primary, 'select system_identifier from pg_control_system()'),
          );
        }
        expect(await sql('n3', 'select slot_name from pg_stat_wal_receiver')).toBe('south');
        expect(await sql(primary, `select active from pg_replication_slots where slot_name = 'south'`)).toBe('t');
        await opened.page.goto(`${opened.app.origin}/#/`);
        await opened.page.locator('.m-fleet-row').filter({ hasText: 'follows North' }).waitFor();
        await opened.page.locator('.m-fleet-row').filter({ hasText: 'followed by South' }).waitFor();
      },
      25 * MINUTE,
    );

    it(
      'differs in nothing from its cluster file',
      async () => {
        await opened.page.goto(`${opened.app.origin}/#/deploy`);
        await opened.page.getByRole('button', { name: 'Compare south with its cluster file' }).click();
        await opened.page.getByText('Everything matches the cluster file.').waitFor({ timeout: 2 * MINUTE });
      },
      4 * MINUTE,
    );

    it(
      'takes over when its primary site loses power, with every row that was acknowledged and had arrived',
      async () => {
        const primary = await northPrimary();
        await sql(primary, 'insert into kept select generate_series(301, 900)');
        const acknowledged = await sql(primary, 'select count(*) from kept');
        await waitFor('the rows arrive', MINUTE, async () =>
          (await sql('n3', 'select count(*) from kept').catch(() => '')) === acknowledged ? true : undefined,
        );
        await opened.lab.kill(...NORTH);
        await opened.page.goto(`${opened.app.origin}/#/`);
        await opened.page
          .locator('.m-fleet-row')
          .filter({ hasText: 'follows North' })
          .getByRole('link')
          .first()
          .click();
        await opened.page.getByRole('link', { name: 'Maintenance', exact: true }).click();
        await opened.page.goto(`${opened.page.url().replace(/\/maintenance.*$/, '')}/maintenance/standby`);
        await opened.page
          .getByTestId('standby-view')
          .filter({ hasText: /Not known: primary/ })
          .waitFor({ timeout: 2 * MINUTE });
        await opened.page.getByTestId('standby-view').getByRole('button', { name: 'Promote', exact: true }).click();
        await ui.confirm('South');
        expect(await ui.jobEnd(5 * MINUTE)).toMatch(/South takes writes: \S+ is the primary on timeline 2/);
        await ui.closeJobs();
        const leader: NodeName = (await sql('n3', 'select pg_is_in_recovery()')) === 'f' ? 'n3' : 'n4';
        expect(await sql(leader, 'select count(*) from kept')).toBe(acknowledged);
        await sql(leader, 'insert into kept values (901)');
      },
      10 * MINUTE,
    );

    it(
      'is not made a standby again by its cluster file, which differs in nothing still',
      async () => {
        await opened.page.goto(`${opened.app.origin}/#/deploy`);
        await opened.page.getByRole('button', { name: 'Compare south with its cluster file' }).click();
        await opened.page.getByText('Everything matches the cluster file.').waitFor({ timeout: 2 * MINUTE });
        expect(
          await opened.lab.node('n3').console('patronictl -c /etc/patroni/config.yml show-config south'),
        ).not.toContain('standby_cluster');
      },
      4 * MINUTE,
    );
  },
);
