import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClusterPageUser } from './support/cluster-page';
import type { Lab, NodeName } from './support/lab';
import { openPageLab, type PageLab } from './support/page-lab';
import { waitFor } from './support/run';
import { WizardUser } from './support/wizard-page';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;
/** Set to a folder (assets/screenshots), the run leaves the wizard's five screenshots for the README there. */
const KEPT_PICTURES = process.env['WIZARD_PICTURES'];

describe('the deployment wizard on three bare servers', () => {
  let opened: PageLab;
  let lab: Lab;
  let wizard: WizardUser;
  let password = '';

  beforeAll(async () => {
    opened = await openPageLab({ name: 'wizard', net: 71, suite: 'trixie' }, { patienceMs: MINUTE });
    lab = opened.lab;
    wizard = new WizardUser(opened.page, opened.app.origin);
  }, 15 * MINUTE);

  afterEach(({ task }) => opened.pictureOf(task));
  afterAll(() => opened?.close(), 3 * MINUTE);

  const picture = async (name: string): Promise<void> => {
    if (KEPT_PICTURES !== undefined) await wizard.page.screenshot({ path: join(KEPT_PICTURES, `wizard-${name}.png`) });
  };
  /** Runs SQL through a port of a server as an application would, with psql on that server; the password goes in by stdin. */
  const psql = async (node: NodeName, port: number, sql: string): Promise<string> =>
    (
      await lab
        .node(node)
        .console(
          `export PGPASSWORD='${password}'\npsql -h ${lab.node(node).ip} -p ${port} -U app -d app -Atqc "${sql}"\n`,
        )
    ).trim();
  /** The same, repeated until a proxy has noticed the state of the cluster. */
  const answers = (node: NodeName, port: number, sql: string, wanted: string): Promise<unknown> =>
    waitFor(
      `${node}:${port} answers ${wanted}`,
      MINUTE,
      async () => (await psql(node, port, sql).catch(() => '')) === wanted,
    );

  it(
    'adds all servers at once and inspects each',
    async () => {
      await wizard.start();
      await wizard.addServers({ lines: NODES.map((name) => `root@${lab.node(name).ip}`), keyPath: lab.keyPath });
      for (const name of NODES)
        expect(await wizard.page.getByLabel(`Address of ${name}`).inputValue()).toBe(lab.node(name).ip);
      await picture('1-servers');
    },
    4 * MINUTE,
  );

  it(
    "shows what the servers' package sources offer, and what will be done, before anything is changed",
    async () => {
      await wizard.goOn('Roles');
      await picture('2-roles');
      await wizard.goOn('Sources and versions');
      await wizard.page.getByRole('row', { name: /^n1 17/ }).waitFor();
      await wizard.goOn('Settings');
      await wizard.page.getByLabel('Cluster name (scope)').fill('orders');
      await wizard.goOn('Review');
      await wizard.page.getByRole('button', { name: /^Install on/, disabled: false }).waitFor({ timeout: 3 * MINUTE });
      await wizard.page.getByText('/etc/patroni/config.yml', { exact: true }).click();
      expect(await wizard.page.getByLabel('Difference of /etc/patroni/config.yml').innerText()).toContain(
        'scope: orders',
      );
      await picture('3-review');
      for (const name of NODES)
        expect((await lab.node(name).tryExec('dpkg -s patroni')).code, `${name} is still bare`).not.toBe(0);
    },
    6 * MINUTE,
  );

  it(
    'installs, and ends at the live view of a healthy cluster',
    async () => {
      await wizard.install('a passphrase for the lab');
      const log = wizard.page.getByRole('list', { name: 'Log' });
      await log.waitFor({ timeout: 2 * MINUTE });
      await log
        .getByText(/Setting up haproxy/)
        .first()
        .waitFor({ timeout: 10 * MINUTE });
      await picture('4-install');
      expect(await wizard.end(15 * MINUTE)).toBe('Done');
      await picture('5-done');
      await wizard.page.getByRole('button', { name: 'Show the password: Role app' }).click();
      const shown = wizard.page.getByRole('row', { name: /Role app/ }).locator('code');
      password = await shown.innerText();
      await wizard.page.getByRole('button', { name: 'Open the cluster' }).click();
      const ui = new ClusterPageUser(wizard.page);
      await waitFor('three members are healthy on the page', 3 * MINUTE, async () =>
        (await Promise.all(NODES.map((name) => ui.member(name).innerText()))).every((row) => /healthy/i.test(row)),
      );
      expect(opened.problems).toEqual([]);
    },
    20 * MINUTE,
  );

  it(
    'lets applications write through 5000 and 6432 of every server, and read through 5001',
    async () => {
      await psql('n1', 5000, 'create table wizard (place text)');
      for (const name of NODES) {
        await answers(name, 5000, 'select pg_is_in_recovery()', 'f');
        await psql(name, 5000, `insert into wizard values ('${name} 5000')`);
        await answers(name, 6432, 'select pg_is_in_recovery()', 'f');
        await psql(name, 6432, `insert into wizard values ('${name} 6432')`);
      }
      for (const name of NODES) {
        await answers(name, 5001, 'select pg_is_in_recovery()', 't');
        await answers(name, 5001, 'select count(*) from wizard', '6');
      }
    },
    6 * MINUTE,
  );

  it(
    'leaves configurations that Patroni itself finds valid, and nothing in /tmp',
    async () => {
      for (const name of NODES) {
        const output = await lab
          .node(name)
          .console('runuser -u postgres -- patroni --validate-config /etc/patroni/config.yml 2>&1 || true');
        // Patroni is running: the ports that it holds itself are all that this check may report.
        expect(
          output.split('\n').filter((line) => line.trim() !== '' && !/already in use|already running/.test(line)),
          name,
        ).toEqual([]);
        expect(
          await lab.node(name).exec('find /tmp /var/tmp -mindepth 1 -newer /etc/matriarch -iname "*matriarch*"'),
          name,
        ).toBe('');
      }
    },
    4 * MINUTE,
  );

  it(
    'reports no difference from the spec',
    async () => {
      await wizard.page.goto(`${opened.app.origin}/#/deploy`);
      await wizard.page.getByRole('button', { name: 'Compare orders with its cluster file' }).click();
      await wizard.page.getByText('Everything matches the cluster file.').waitFor({ timeout: 2 * MINUTE });
    },
    4 * MINUTE,
  );

  it(
    'removes everything once the name is typed',
    async () => {
      await wizard.page.goto(`${opened.app.origin}/#/deploy`);
      await wizard.page.getByRole('button', { name: 'Undo the set-up of orders' }).click();
      await wizard.page.getByLabel('Type orders to confirm').fill('orders');
      await wizard.page.getByText('Also remove the data').click();
      await wizard.page.getByTestId('confirm').click();
      await wizard.page.getByTestId('run-status').waitFor();
      expect(await wizard.end(10 * MINUTE)).toBe('Done');
      for (const name of NODES)
        expect(
          (await lab.node(name).tryExec('test -e /etc/patroni/config.yml || command -v patroni')).code,
          name,
        ).not.toBe(0);
    },
    12 * MINUTE,
  );
});
