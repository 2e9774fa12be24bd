import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { memberRow, openDemoCluster, openDemoPage, shownLeader, waitForText } from '../support/browser/demo-page';

let started: AppInBrowser;
let page: Page;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
  ({ page } = await openDemoPage(started));
});
afterAll(() => started?.close());

const FOLLOW_MS = 60_000;
const group = (number: number) => page.getByTestId(`group-${number}`);
const switchTo = async (name: RegExp) => {
  await page.getByRole('navigation', { name: 'Groups of this Citus cluster' }).getByRole('link', { name }).click();
};

describe('a Citus cluster', () => {
  it('is one row of the fleet, healthy when all its groups are', async () => {
    const rows = page.getByRole('table', { name: 'Clusters' }).getByRole('row').filter({ hasText: 'shop' });
    await waitForText(rows, /Citus/);
    await rows.locator('[title^="3 groups"]').waitFor();
    await waitForText(rows, /All groups are healthy: coordinator and 2 workers\./);
    await waitForText(rows, /7 of 7/);
    expect(await rows.count()).toBe(1);
  });

  it('opens at its coordinator and shows every group with its leader, its writes and who can take over', async () => {
    await openDemoCluster(page, 'shop');
    await waitForText(page.getByRole('main'), /Citus: group 0, coordinator/);
    for (const [number, role, others] of [
      [0, 'coordinator', 'shop-0-2 and shop-0-3'],
      [1, 'worker', 'shop-1-2'],
      [2, 'worker', 'shop-2-2'],
    ] as const)
      await waitForText(
        group(number),
        new RegExp(
          `Group ${number}.*${role}.*Healthy.*shop-${number}-1.*Yes: shop-${number}-1 runs as the primary` +
            `.*${others} can take over if shop-${number}-1 fails`,
        ),
      );
  });

  it('a switchover in a worker group names the group and leaves the others alone', async () => {
    await switchTo(/Group 1, worker/);
    await waitForText(page.getByRole('main'), /Citus: group 1, worker/);
    await memberRow(page, 'shop-1-2')
      .getByRole('button', { name: /^Switch over to this member/ })
      .click();
    const dialog = page.getByRole('dialog');
    await waitForText(dialog, /shop group 1/);
    await waitForText(dialog, /patronictl .* switchover --group 1 --leader shop-1-1 --candidate shop-1-2 shop/);
    await page.getByTestId('confirm').click();
    await waitForText(page.getByTestId('job-status'), /Done/, FOLLOW_MS);
    await waitForText(page.getByRole('complementary', { name: 'Jobs' }), /Switch over shop group 1 from shop-1-1/);
    await page.getByRole('button', { name: 'Close the jobs' }).click();
    expect(await shownLeader(page)).toBe('shop-1-2');
    await waitForText(group(1), /shop-1-2.*Yes: shop-1-2 runs as the primary/);
    await waitForText(group(0), /Yes: shop-0-1 runs as the primary/);
    await waitForText(group(2), /Yes: shop-2-1 runs as the primary/);
  });

  it('the history and the command palette name the group', async () => {
    await page.getByRole('link', { name: 'History' }).click();
    await waitForText(page.getByRole('main'), /shop group 1/);
    await page.keyboard.press('Control+K');
    await page.getByRole('combobox', { name: /^Type a cluster/ }).fill('shop group 2');
    await waitForText(page.getByRole('listbox', { name: 'Commands' }), /shop group 2Cluster/);
    await page.keyboard.press('Enter');
    await waitForText(page.getByRole('main'), /Citus: group 2, worker/);
  });

  it('is found as one cluster by searching a server of one of its groups', async () => {
    await page.goto(`${started.app.origin}/#/connect/demo-server-shop-1-1`);
    await page.getByRole('button', { name: 'Find Patroni' }).click();
    const found = page.getByRole('region', { name: 'shop' });
    await waitForText(found, /Citus: coordinator and 2 workers.*7 members/);
    await waitForText(found, /Group 0, coordinator.*shop-0-1.*Group 1, worker.*shop-1-1.*Group 2, worker.*shop-2-2/);
    await waitForText(found, /Already in Matriarch\./);
  });

  it('what is wrong in one group is said of the whole cluster with the number of the group', async () => {
    await started.app.connect().then(async ({ client, close }) => {
      await client.demo.inject({ clusterId: 'demo-cluster-shop-2', faultId: 'crash', member: 'shop-2-2' });
      close();
    });
    await page.getByRole('link', { name: 'Fleet' }).first().click();
    const row = page.getByRole('table', { name: 'Clusters' }).getByRole('row').filter({ hasText: 'shop' });
    await waitForText(row, /Group 2: /);
  });

  it('is marked as production with all its groups at once', async () => {
    await openGroup(0);
    await page.getByRole('link', { name: 'Cluster settings' }).click();
    await page.getByRole('checkbox', { name: /^Production/ }).check({ force: true });
    await page.getByRole('button', { name: 'Save' }).click();
    await switchTo(/Group 2, worker/);
    await expect.poll(() => page.getByRole('checkbox', { name: /^Production/ }).isChecked()).toBe(true);
    await waitForText(page.getByRole('main'), /for all groups of this Citus cluster/);
  });

  it('says that etcd has a group which is not in Matriarch, and adds it with one click', async () => {
    await started.app.app.core.services.inventory.removeCluster('demo-cluster-shop-2');
    await openGroup(0);
    const notice = page.getByText('Group 2 of this Citus cluster is in etcd but not in Matriarch.');
    await notice.waitFor();
    expect(await group(2).count()).toBe(0);
    await page.getByRole('button', { name: 'Add it' }).click();
    await waitForText(group(2), /worker.*Yes: shop-2-1 runs as the primary/);
    await expect.poll(() => notice.count()).toBe(0);
  });
});

async function openGroup(number: number): Promise<void> {
  await page.goto(`${started.app.origin}/#/cluster/demo-cluster-shop-${number}`);
  await waitForText(page.getByTestId('health-sentence'), /leads/);
}
