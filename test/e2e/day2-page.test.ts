import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { startApp, type TestApp } from '../support/app/app';
import { axeViolations } from '../support/browser/axe';
import { launchChromium } from '../support/browser/browser';
import { openDemoPage } from '../support/browser/demo-page';
import { openDouble, type DoublePage } from '../support/browser/double-page';

const PICTURES = process.env['PICTURES'];

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

const SERVERS = '/cluster/orders/servers';

async function using(
  options: Parameters<typeof openDouble>[1],
  work: (double: DoublePage) => Promise<void>,
): Promise<void> {
  const double = await openDouble(browser, options);
  try {
    await work(double);
    expect(double.problems).toEqual([]);
  } finally {
    await double.close();
  }
}

const picture = async (page: Page, name: string): Promise<void> => {
  if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
};
const change = async (page: Page, server: string, what: string): Promise<void> => {
  await page.getByRole('button', { name: `Change ${server}` }).click();
  await page.getByRole('menuitem', { name: what }).click();
};
const ended = (page: Page, word: string) =>
  page.getByTestId('run-status').filter({ hasText: word }).waitFor({ timeout: 60_000 });

describe('the servers and services of a cluster', () => {
  it('the servers of a cluster are listed with their roles and the changes that each allows', () =>
    using({ hash: SERVERS }, async ({ page }) => {
      await page.getByTestId('server-db2').getByText('HAProxy').waitFor();
      await page.getByRole('button', { name: 'Change db2' }).click();
      for (const item of ['Replace in etcd with another server', 'Remove from etcd', 'Remove from the cluster'])
        await page.getByRole('menuitem', { name: item }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByText('3 etcd members: the cluster keeps running if one of them fails.').waitFor();
      await page.getByRole('button', { name: 'Compare with the servers' }).click();
      await page.getByText('Everything matches the cluster file.').waitFor();
    }));

  it('a server can be added, and a failed step names its cause and can be retried', () =>
    using({ hash: SERVERS }, async ({ page }) => {
      await page.getByRole('button', { name: 'Add a server' }).click();
      await page.getByLabel('Server', { exact: true }).selectOption({ label: 'db4 (admin@10.0.0.14)' });
      await page.getByLabel('Member name').waitFor();
      expect(await page.getByLabel('Member name').inputValue()).toBe('db4');
      expect(await page.getByLabel('Address for other servers').inputValue()).toBe('10.0.0.14');
      await page.getByRole('button', { name: 'Review the changes' }).click();
      await page.getByRole('tab', { name: /^db4/ }).click();
      await page.getByText('/etc/patroni/config.yml', { exact: true }).click();
      expect(await page.getByLabel('Difference of /etc/patroni/config.yml').innerText()).toContain('name: db4');
      await page.getByText(/^They are installed from the server's own package repositories/).waitFor();
      await page.getByText(/copies all data from a member/).waitFor();
      await picture(page, 'day2-add');
      await page.getByTestId('confirm').click();
      await ended(page, 'Failed');
      await page.getByText('Port 5432 is taken by postgres').first().waitFor();
      await picture(page, 'run-failed');
      await page.getByRole('button', { name: 'Try again from here' }).click();
      await ended(page, 'Done');
      await page.getByRole('button', { name: 'Open the cluster' }).click();
      await page.getByTestId('server-db4').waitFor();
    }));

  it('a member is removed only after its name was typed, with a warning about its data', () =>
    using({ hash: SERVERS }, async ({ page }) => {
      await change(page, 'db3', 'Remove from the cluster');
      await page.getByText('Remove everything that was set up there').click();
      await page.getByRole('button', { name: 'Review the changes' }).click();
      const confirm = page.getByTestId('confirm');
      await confirm.filter({ hasText: 'Remove db3 and its data' }).waitFor();
      await page
        .getByText('Everything set up on db3 is deleted, including its copy of the data. This cannot be undone.')
        .waitFor();
      expect(await confirm.isDisabled()).toBe(true);
      await page.getByLabel('Type db3 to confirm').fill('db2');
      expect(await confirm.isDisabled()).toBe(true);
      await page.getByLabel('Type db3 to confirm').fill('db3');
      await picture(page, 'day2-remove');
      await confirm.click();
      await ended(page, 'Done');
    }));

  it('the leader cannot be removed, and a switchover is offered instead', () =>
    using({ hash: SERVERS }, async ({ page }) => {
      await change(page, 'db1', 'Remove from the cluster');
      await page.getByRole('button', { name: 'Review the changes' }).click();
      await page.getByRole('alert').getByText('db1 leads the cluster. Switch over to another member first.').waitFor();
      expect(await page.getByTestId('confirm').isDisabled()).toBe(true);
      await page.getByRole('button', { name: 'Switch over to db2' }).click();
      await page.getByRole('dialog').getByText('Switchover: Orders').waitFor();
    }));

  it('an etcd member can be replaced or removed, with what that means for the quorum', () =>
    using({ hash: SERVERS }, async ({ page }) => {
      await change(page, 'db3', 'Replace in etcd with another server');
      await page.getByLabel('Replacement server').selectOption({ label: 'db4 (admin@10.0.0.14)' });
      await page.getByRole('button', { name: 'Review the changes' }).click();
      await page.getByText('db4 replaces db3 in etcd.').waitFor();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await change(page, 'db3', 'Remove from etcd');
      await page.getByRole('button', { name: 'Review the changes' }).click();
      await page
        .getByText(
          'etcd then has 2 members and cannot lose any of them. An even number of members is only an intermediate step.',
        )
        .waitFor();
    }));

  it('all keys can be rotated after a confirmation that says what is interrupted', () =>
    using({ hash: SERVERS }, async ({ page }) => {
      await page.getByRole('button', { name: 'Rotate all keys' }).click();
      await page
        .getByRole('dialog')
        .getByText(/keep running/)
        .waitFor();
      await page.getByTestId('confirm').click();
      await ended(page, 'Done');
    }));

  it('a cluster set up by others is scanned first, and saved only on request', () =>
    using({ scene: 'foreign', hash: SERVERS }, async ({ page }) => {
      await page.getByRole('button', { name: 'Scan this cluster' }).click();
      await page.getByText('A replica cannot be added by this app.').waitFor();
      await page.getByText('not found on the members').waitFor();
      await picture(page, 'day2-adopt');
      await page.getByRole('button', { name: 'Save and manage' }).click();
      await page.getByTestId('server-db1').getByText('set up by others').waitFor();
      await page.getByRole('button', { name: 'Add a server' }).click();
      await page.getByText('A replica cannot be added by this app.').waitFor();
    }));

  it('a member can be removed with the keyboard alone', () =>
    using({ hash: SERVERS }, async ({ page }) => {
      await page.getByRole('button', { name: 'Change db3' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('menuitem', { name: 'Remove from the cluster' }).waitFor();
      await page.getByRole('menuitem', { name: 'Remove from the cluster' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Review the changes' }).focus();
      await page.keyboard.press('Enter');
      await page.getByLabel('Type db3 to confirm').focus();
      await page.keyboard.type('db3');
      await page.keyboard.press('Enter');
      await ended(page, 'Done');
    }));
});

describe('runs of a set-up', () => {
  it('a run of an earlier session shows its lanes and can be resumed and stopped', () =>
    using({ hash: '/deploy/run/earlier' }, async ({ page }) => {
      await ended(page, 'Interrupted');
      const lane = page.getByRole('region', { name: 'Server db1' });
      await lane.getByText('It was under way when the app ended.').waitFor();
      await picture(page, 'run-interrupted');
      await page.getByRole('button', { name: 'Resume' }).click();
      await page
        .getByTestId('run-time')
        .filter({ hasText: /of about|longer than/ })
        .waitFor();
      await page.getByRole('button', { name: 'Stop' }).click();
      await ended(page, 'Stopped');
      await page.getByText('Stopped by you').waitFor();
      await page.getByRole('button', { name: 'Resume' }).click();
      await ended(page, 'Done');
    }));

  it('a set-up is undone only after the name of the cluster was typed', () =>
    using({ hash: '/deploy/run/earlier' }, async ({ page }) => {
      await ended(page, 'Interrupted');
      await page.getByRole('button', { name: 'Undo' }).click();
      expect(await page.getByTestId('confirm').isDisabled()).toBe(true);
      await page.getByLabel('Type orders-prod to confirm').fill('orders-prod');
      await page.getByTestId('confirm').click();
      await page.getByRole('heading', { name: 'Undo the set-up of Orders' }).waitFor();
      await ended(page, 'Done');
    }));
});

describe('the demo', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(async () => {
    await app.close();
  });

  it('the demo says how fast it runs, and reviews changes without making them', async () => {
    const { page, problems, close } = await openDemoPage({ app, browser });
    page.setDefaultTimeout(30_000);
    await page.getByRole('button', { name: 'Try the demo' }).first().click();
    await page.getByText('It runs 3 times faster than real time: what takes 30 s on servers takes 10 s.').waitFor();
    await page.getByText('One cluster', { exact: true }).click();
    await page.getByRole('button', { name: 'Start the demo' }).click();
    await page.getByText('time × 3').waitFor();
    await page.getByTestId('health-sentence').filter({ hasText: 'leads' }).waitFor();
    const leader = (await page.getByTestId('leader').textContent()) ?? '';
    const replica = ['orders-1', 'orders-2', 'orders-3'].find((name) => name !== leader) ?? '';
    await page
      .getByTestId(`member-${replica}`)
      .getByText(/^(since|seen) /)
      .waitFor();
    await picture(page, 'demo-overview');
    await page.getByRole('link', { name: 'Servers and services' }).click();
    await page.getByRole('button', { name: 'Scan this cluster' }).click();
    await page.getByRole('button', { name: 'Save and manage' }).click();
    await change(page, replica, 'Remove from the cluster');
    await page.getByRole('button', { name: 'Review the changes' }).click();
    await page.getByRole('tab', { name: new RegExp(`^${replica}`) }).click();
    await page.getByText(/The servers of the demo are simulated/).waitFor();
    expect(await page.getByTestId('confirm').isDisabled()).toBe(true);
    await picture(page, 'demo-change');
    expect(problems).toEqual([]);
    await close();
  });
});

describe('starting a set-up', () => {
  it('a standalone PostgreSQL is found, and its conversion is reviewed and confirmed by name', () =>
    using({ hash: '/deploy' }, async ({ page, go }) => {
      await page.getByRole('button', { name: 'Convert a PostgreSQL' }).click();
      await page.getByLabel('Server it runs on').selectOption({ label: 'db4 (admin@10.0.0.14)' });
      await page.getByRole('button', { name: 'Find PostgreSQL' }).click();
      await page.getByText('48 GB in').waitFor();
      await picture(page, 'convert-found');
      await page.getByRole('button', { name: 'Use as leader of a new cluster' }).click();
      await page.getByRole('heading', { name: 'Servers', level: 2, exact: true }).first().waitFor();
      await page.getByText(/PostgreSQL on db4 becomes the leader/).waitFor();
      await page.getByText(/saved\. You can close the app/).waitFor();
      const draft = /draft\/([^/]+)/.exec(page.url())?.[1] ?? '';
      await go(`/deploy/draft/${draft}/review`);
      await page.getByText(/stops once, for a few seconds: applications are disconnected/).waitFor();
      await picture(page, 'convert-review');
      await page.getByLabel('Type db4 to confirm').fill('db4');
      await page.getByTestId('confirm').click();
      await ended(page, 'Done');
    }));

  it('a bundle can be made, checked and used as the package source of a set-up', () =>
    using({ hash: '/deploy' }, async ({ page, go }) => {
      await page.getByRole('button', { name: 'Start a new set-up' }).click();
      await page.getByText('db4 (admin@10.0.0.14)').click();
      await page.getByRole('button', { name: 'Add 1 server' }).click();
      await page.getByText('Ready', { exact: true }).waitFor();
      const draft = /draft\/([^/]+)/.exec(page.url())?.[1] ?? '';
      await go(`/deploy/draft/${draft}/sources`);
      await page.getByText('From a bundle').click();
      await page.getByText(/^For debian trixie, amd64: the newest PostgreSQL, Patroni, etcd/).waitFor();
      await page.getByLabel('Collect on').selectOption({ label: 'bastion' });
      await page.getByRole('button', { name: 'Collect the packages' }).click();
      await page.getByText('The bundle is ready.').waitFor();
      await picture(page, 'bundle-made');
      await page.getByRole('button', { name: 'Use this bundle' }).click();
      await page.getByTestId('bundle-contents').getByText('7 packages, 96 MB').waitFor();
      await page
        .getByTestId('bundle-contents')
        .getByText(/It lacks .*pgbouncer/)
        .waitFor();
      await go(`/deploy/draft/${draft}/review`);
      await page
        .getByText(/They are installed from the bundle .*main-trixie-packages\.tar, uploaded over the SSH connection/)
        .waitFor();
    }));

  it('a failed preflight check says why, and is fixed with one button', () =>
    using({ hash: '/deploy' }, async ({ page, go }) => {
      await page.getByRole('button', { name: 'Start a new set-up' }).click();
      await page.getByText('db4 (admin@10.0.0.14)').click();
      await page.getByRole('button', { name: 'Add 1 server' }).click();
      await page.getByText('Ready', { exact: true }).waitFor();
      const draft = /draft\/([^/]+)/.exec(page.url())?.[1] ?? '';
      await go(`/deploy/draft/${draft}/review`);
      await page.getByText('Fix 1 failed check before installing.').waitFor();
      await page.getByRole('button', { name: 'Bring it to its end on db4' }).click();
      await page.getByText('All checks passed').waitFor();
      await page.getByRole('button', { name: 'Install on 1 server', disabled: false }).waitFor();
    }));
});

describe.each([false, true])('accessibility (dark: %s)', (dark) => {
  it('the pages of deployment and changes have no accessibility violations', () =>
    using({ hash: SERVERS, dark }, async ({ page, go }) => {
      await page.getByTestId('server-db2').waitFor();
      await picture(page, `day2-${dark ? 'dark' : 'light'}`);
      expect(await axeViolations(page), 'servers').toEqual([]);
      await change(page, 'db3', 'Remove from the cluster');
      await page.getByRole('button', { name: 'Review the changes' }).click();
      await page.getByLabel('Type db3 to confirm').waitFor();
      expect(await axeViolations(page), 'change').toEqual([]);
      await picture(page, `day2-change-${dark ? 'dark' : 'light'}`);
      await go('/deploy/run/earlier');
      await ended(page, 'Interrupted');
      expect(await axeViolations(page), 'run').toEqual([]);
      await go('/deploy');
      await page.getByRole('button', { name: 'Convert a PostgreSQL' }).click();
      await page.getByLabel('Server it runs on').waitFor();
      expect(await axeViolations(page), 'start').toEqual([]);
      await go('/settings');
      await page.getByLabel('Rows').selectOption('comfortable');
      await expect.poll(() => page.evaluate(() => document.body.dataset['density'])).toBe('comfortable');
      await picture(page, `settings-${dark ? 'dark' : 'light'}`);
      expect(await axeViolations(page), 'settings').toEqual([]);
    }));
});

describe('a Prometheus for a cluster that runs', () => {
  it.each(['light', 'dark'] as const)(
    'is reviewed with its files and who reaches it, and set up from Health (%s)',
    (theme) =>
      using({ hash: '/cluster/orders/health/prometheus', dark: theme === 'dark' }, async ({ page }) => {
        await page.getByText('Set up a Prometheus for this cluster').waitFor();
        await page.getByLabel('Server', { exact: true }).selectOption({ label: 'db2 (this cluster)' });
        await page.getByRole('button', { name: 'Review the changes' }).click();
        const means = page.getByRole('list', { name: 'What this means' });
        await means.getByText(/db2 gets Prometheus and Alertmanager, and every member/).waitFor();
        await means.getByText(/listen on loopback alone/).waitFor();
        await page.getByRole('tab', { name: /^db2/ }).click();
        await page.getByRole('tabpanel').getByText('/etc/prometheus/prometheus.yml', { exact: true }).click();
        await page
          .getByLabel('Difference of /etc/prometheus/prometheus.yml')
          .getByText(/job_name: \S+ patroni/)
          .waitFor();
        await picture(page, `prometheus-set-up-${theme}`);
        expect(await axeViolations(page)).toEqual([]);
        await page.getByTestId('confirm').click();
        await ended(page, 'Done');
      }),
    90_000,
  );
});
