import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoCluster, openDemoPage, waitForText } from '../support/browser/demo-page';

let started: AppInBrowser;
let page: Page;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
  ({ page } = await openDemoPage(started));
});
afterAll(() => started?.close());

const FOLLOW_MS = 60_000;
const view = (on: Page, name: string) =>
  on.getByRole('group', { name: 'Views of the configuration' }).getByRole('button', { name, exact: true }).click();
const search = (on: Page, words: string) => on.getByRole('searchbox', { name: 'Search the settings' }).fill(words);
const openConfiguration = async (on: Page, title: string) => {
  await openDemoCluster(on, title);
  await on.getByRole('link', { name: 'Configuration', exact: true }).click();
  await on.getByRole('region', { name: 'List of settings' }).waitFor();
};
const apply = async (on: Page) => {
  await view(on, 'Review');
  await on.getByRole('button', { name: 'Apply', exact: true }).click();
  await on.getByTestId('confirm').click();
  await waitForText(on.getByTestId('job-status'), /Done/, FOLLOW_MS);
  await on.getByRole('button', { name: 'Close the jobs' }).click();
};

describe('the configuration', () => {
  it('all parameters are on the page, and can be searched', async () => {
    await openDemoCluster(page, 'orders');
    await page.getByRole('link', { name: 'Configuration', exact: true }).click();
    await page.getByTestId('setting-ttl').waitFor();
    await waitForText(page.getByRole('region', { name: 'List of settings' }), /ttl/);
    await search(page, 'work_mem');
    await waitForText(page.getByTestId('setting-work_mem'), /needs a reload/);
  });

  it('a value that is wrong is said with what to do, and cannot be applied', async () => {
    await search(page, 'work_mem');
    await page.getByRole('textbox', { name: 'work_mem', exact: true }).fill('64mb');
    await page.keyboard.press('Enter');
    await waitForText(page.getByTestId('setting-work_mem'), /case counts.*Write MB/);
    await view(page, 'Review');
    expect(await page.getByRole('button', { name: 'Apply', exact: true }).getAttribute('aria-disabled')).toBe('true');
  });

  it('the form and the YAML are one draft; it is applied with one confirmation and undone from the history', async () => {
    await view(page, 'Form');
    await search(page, 'work_mem');
    await page.getByRole('textbox', { name: 'work_mem', exact: true }).fill('64MB');
    await page.keyboard.press('Enter');
    await view(page, 'YAML');
    await waitForText(page.getByTestId('yaml-editor'), /work_mem: 64MB/);
    await apply(page);
    await view(page, 'History');
    await waitForText(page.getByTestId('config-revision'), /tester.*work_mem: not set → 64MB/);
    await page.getByTestId('config-revision').first().getByRole('button', { name: 'Undo' }).click();
    await waitForText(page.getByRole('main'), /work_mem\s*64MB\s*not set/);
    await apply(page);
    await view(page, 'History');
    await waitForText(page.getByTestId('config-revision'), /work_mem: 64MB → not set/);
  });

  it('of two people who change one value, the second is told and nothing is lost', async () => {
    const other = await openDemoPage(started);
    await openConfiguration(page, 'billing');
    await openConfiguration(other.page, 'billing');
    for (const [on, value] of [
      [page, '16MB'],
      [other.page, '32MB'],
    ] as const) {
      await search(on, 'work_mem');
      await on.getByRole('textbox', { name: 'work_mem', exact: true }).fill(value);
      await on.keyboard.press('Enter');
    }
    await apply(page);
    await waitForText(other.page.getByRole('alert'), /work_mem: yours is 32MB, theirs is 16MB/);
    await view(other.page, 'Review');
    expect(await other.page.getByRole('button', { name: 'Apply', exact: true }).getAttribute('aria-disabled')).toBe(
      'true',
    );
    await other.page.getByRole('button', { name: 'Merge, keep mine' }).click();
    await waitForText(other.page.getByRole('main'), /16MB\s*32MB/);
    await apply(other.page);
    await other.close();
  });

  it('says where a value comes from on each member, and why that wins', async () => {
    await view(page, 'Form');
    await search(page, 'log_min_duration_statement');
    await page.getByRole('button', { name: 'log_min_duration_statement' }).click();
    await waitForText(page.getByRole('main'), /ALTER SYSTEM.*postgresql\.auto\.conf is read last/);
    await waitForText(page.getByTestId('origin-billing-2'), /ALTER SYSTEM: 250 \(wins\)\s*built into PostgreSQL: -1/);
  });

  it('says whether a client gets in, and by which rule', async () => {
    await view(page, 'pg_hba');
    await page.getByRole('textbox', { name: 'User', exact: true }).fill('app');
    await page.getByRole('textbox', { name: 'Database', exact: true }).fill('shop');
    await page.getByRole('textbox', { name: 'Address', exact: true }).fill('192.0.2.1');
    await waitForText(page.getByRole('main'), /Is refused\.\s*No rule matches/);
  });

  it('puts the rules of pg_hba in another order by dragging, by Alt with the arrow keys and by buttons', async () => {
    await openConfiguration(page, 'orders');
    await view(page, 'pg_hba');
    const boxes = page.getByRole('textbox', { name: /^Rule \d+$/ });
    const rules = async () => Promise.all((await boxes.all()).map((one) => one.inputValue()));
    const before = await rules();
    await page.getByRole('button', { name: 'Add a rule' }).click();
    const added = page.getByRole('textbox', { name: `Rule ${before.length + 1}`, exact: true });
    await added.fill('host all app 10.0.8.0/24 reject');
    await added.press('Alt+ArrowUp');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toBe(`Rule ${before.length}`);
    const rows = page.getByTestId('hba-rule');
    await rows
      .nth(before.length - 1)
      .locator('[draggable=true]')
      .dragTo(rows.nth(1));
    await expect.poll(rules).toEqual([before[0], 'host all app 10.0.8.0/24 reject', ...before.slice(1)]);
    await page.getByRole('button', { name: 'Up: rule 2' }).click();
    await expect.poll(async () => (await rules())[0]).toBe('host all app 10.0.8.0/24 reject');
  });

  it('foretells who would not get in any more with the rules, and by which rule', async () => {
    await view(page, 'Review');
    await waitForText(
      page.getByTestId('lockouts'),
      /would not get in any more.*app from 10\.0\.8\.21.*orders-api.*Rule 1: host all app/,
    );
    await view(page, 'pg_hba');
    await page.getByRole('button', { name: 'Disable: rule 1' }).click();
    await view(page, 'Review');
    await waitForText(page.getByTestId('lockouts'), /Everybody who is connected now would get in again/);
    await page.getByRole('button', { name: 'Discard the draft' }).click();
  });

  it.each(['Form', 'YAML', 'pg_hba', 'History', 'Review'])('axe finds nothing wrong with %s', async (name) => {
    await view(page, name);
    await page.waitForTimeout(300);
    expect(await axeViolations(page)).toEqual([]);
  });
});
