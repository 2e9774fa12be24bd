import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoCluster, openDemoPage, waitForText } from '../support/browser/demo-page';

let started: AppInBrowser;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
});
afterAll(() => started?.close());

/** What HAProxy on a server of the demo says of a member in a section, and what its Patroni answers. */
async function wordsOf(page: Page, section: string, member: string): Promise<string> {
  const table = page.getByRole('table', { name: `${section} of HAProxy on orders-1` });
  return (await table.getByRole('row').filter({ hasText: member }).textContent({ timeout: 10_000 })) ?? '';
}

describe('the load balancers of a cluster', () => {
  it.each(['light', 'dark'] as const)(
    'are shown with their own view beside what Patroni answers, without barriers (%s)',
    async (theme) => {
      const { page, problems, close } = await openDemoPage(started, theme);
      await openDemoCluster(page, 'orders');
      await page.getByRole('link', { name: 'Load balancers' }).click();
      await page.getByTestId('balancers').waitFor();
      const leader = await page.getByTestId('leader').textContent();
      const other = leader === 'orders-1' ? 'orders-2' : 'orders-1';
      expect(await wordsOf(page, 'primary, port 5000', leader ?? '')).toMatch(/Up.*L7OK\/200.*200/);
      expect(await wordsOf(page, 'primary, port 5000', other)).toMatch(/Down.*L7STS\/503.*503/);
      expect(await wordsOf(page, 'replicas, port 5001', other)).toMatch(/Up.*200/);
      await page.getByRole('table', { name: 'Pools of PgBouncer on orders-1' }).getByText('app').first().waitFor();
      const virtual = page.getByRole('table', { name: /^Virtual address \d/ });
      const rowOf = (server: string) => virtual.getByRole('row').filter({ hasText: `${server}instance` });
      expect(await rowOf('orders-1').innerText()).toMatch(/Yes[^]*Master[^]*100/);
      expect(await rowOf('orders-2').innerText()).toMatch(/No[^]*Backup[^]*99/);
      await page.getByRole('table', { name: 'Health endpoints' }).getByText('/read-only', { exact: true }).waitFor();
      expect(await axeViolations(page)).toEqual([]);
      expect(problems).toEqual([]);
      await close();
    },
    60_000,
  );

  it('are read again by themselves: a switchover is seen without a click', async () => {
    const { page, close } = await openDemoPage(started);
    await openDemoCluster(page, 'orders');
    const before = await page.getByTestId('leader').textContent();
    await page
      .getByRole('button', { name: /^Switch over to this member/ })
      .first()
      .click();
    await page.getByTestId('confirm').click();
    await page.getByTestId('job-result').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Close the jobs' }).click();
    const after = await page.getByTestId('leader').textContent();
    expect(after).not.toBe(before);
    await page.getByRole('link', { name: 'Load balancers' }).click();
    await expect
      .poll(() => wordsOf(page, 'primary, port 5000', after ?? ''), { timeout: 30_000 })
      .toMatch(/Up.*L7OK\/200.*200/);
    await close();
  }, 120_000);

  it('on a server of their own are found there, shown once the server is named, and left out again', async () => {
    const { page, problems, close } = await openDemoPage(started);
    await openDemoCluster(page, 'billing');
    await page.getByRole('link', { name: 'Load balancers' }).click();
    await page.getByRole('button', { name: 'Add a server with a load balancer' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Server of the inventory').selectOption({ label: 'orders-1' });
    await waitForText(dialog, /lead to no member of this cluster/);
    await dialog.getByLabel('Server of the inventory').selectOption({ label: 'billing-lb' });
    await waitForText(dialog, /HAProxy and PgBouncer on billing-lb lead to billing-1, billing-2 and billing-3/);
    expect(await axeViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('table', { name: 'primary, port 5000 of HAProxy on billing-lb' }).waitFor();
    await page.getByRole('button', { name: 'Stop watching billing-lb' }).click();
    await page.getByRole('region', { name: 'HAProxy on billing-lb' }).waitFor({ state: 'detached' });
    expect(problems).toEqual([]);
    await close();
  }, 60_000);
});
