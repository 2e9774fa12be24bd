import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoCluster, openDemoPage, waitForText } from '../support/browser/demo-page';

let started: AppInBrowser;
let page: Page;

const FOLLOW_MS = 60_000;
const view = (on: Page, name: string) =>
  on.getByRole('group', { name: 'Views of the configuration' }).getByRole('button', { name, exact: true }).click();
const openConfiguration = async (on: Page) => {
  await openDemoCluster(on, 'orders');
  await on.getByRole('link', { name: 'Configuration', exact: true }).click();
};
const apply = async () => {
  await view(page, 'Review');
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await page.getByTestId('confirm').click();
  await waitForText(page.getByTestId('job-status'), /Done/, FOLLOW_MS);
  await page.getByRole('button', { name: 'Close the jobs' }).click();
};

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
  ({ page } = await openDemoPage(started));
  await openConfiguration(page);
});
afterAll(() => started?.close());

describe('synchronous mode', () => {
  it('says what each choice costs with the members that there are, and is applied by the one draft', async () => {
    await view(page, 'Synchronous mode');
    await waitForText(page.getByTestId('sync-costs'), /What it had not received yet is lost/);
    await page.getByRole('radio', { name: /^On/ }).check();
    await waitForText(page.getByTestId('sync-costs'), /one member, which Patroni chooses/);
    await page.getByRole('checkbox', { name: /Strict/ }).check();
    await waitForText(page.getByTestId('sync-costs'), /All \d gone: writes stop until one is back/);
    await view(page, 'YAML');
    await waitForText(page.getByTestId('yaml-editor'), /synchronous_mode: true.*synchronous_mode_strict: true/);
    await apply();
    await view(page, 'Synchronous mode');
    await waitForText(page.getByRole('main'), /Synchronous now: orders-\d/);
  });

  it('a choice that nobody can keep is said in the review', async () => {
    await page.getByRole('textbox', { name: 'Members a commit waits for' }).fill('9');
    await view(page, 'Review');
    await waitForText(page.getByRole('main'), /9 synchronous standbys are asked for, but only/);
    await page.getByRole('button', { name: 'Discard the draft' }).click();
  });
});

describe('permanent slots', () => {
  it('one is added by the keyboard, with what it needs, and shows what it retains where', async () => {
    await view(page, 'Slots');
    await page.getByRole('textbox', { name: 'Name' }).fill('cdc');
    await page.getByRole('combobox', { name: 'Type' }).selectOption('logical');
    await page.getByRole('textbox', { name: 'Database' }).fill('shop');
    await page.getByRole('textbox', { name: 'Database' }).press('Enter');
    await waitForText(
      page.getByTestId('slot-cdc'),
      /logical, shop, pgoutput.*on no member yet.*copied to the replicas/,
    );
    await waitForText(page.getByRole('list', { name: 'Checks of the slots' }), /wal_level is not logical/);
    await apply();
    await view(page, 'Slots');
    await waitForText(page.getByTestId('slot-cdc'), /orders-1: 64\.?\d* kB/);
  });

  it('one is removed again', async () => {
    await page.getByRole('button', { name: 'Remove cdc' }).click();
    await apply();
    await view(page, 'Slots');
    await waitForText(page.getByRole('main'), /No permanent slot/);
  });
});

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  it.each(['Synchronous mode', 'Slots'])('axe finds nothing wrong with %s', async (name) => {
    const other = await openDemoPage(started, theme);
    await openConfiguration(other.page);
    await view(other.page, name);
    await other.page.waitForTimeout(400);
    expect(await axeViolations(other.page)).toEqual([]);
    expect(other.problems).toEqual([]);
    await other.close();
  });
});
