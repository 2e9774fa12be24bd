import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoCluster, openDemoPage, shownLeader, waitForText } from '../support/browser/demo-page';

const pictures = fileURLToPath(new URL('../results/logs', import.meta.url));

let started: AppInBrowser;

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  started = await startAppInBrowser({ demo: true });
});
afterAll(() => started?.close());

const lines = (page: Page) => page.getByRole('region', { name: 'Lines of all logs, oldest first' });

async function openLogs(colorScheme: 'light' | 'dark' = 'light') {
  const opened = await openDemoPage(started, colorScheme);
  await openDemoCluster(opened.page, 'orders');
  await opened.page.getByRole('link', { name: 'Logs', exact: true }).click();
  await lines(opened.page).waitFor();
  return opened;
}

describe('the logs of a cluster', () => {
  it.each(['light', 'dark'] as const)('have no accessibility violations in the %s theme', async (theme) => {
    const { page, problems, close } = await openLogs(theme);
    await waitForText(lines(page), /no action\. I am/);
    await page.getByLabel('Search the logs').fill('no action');
    await waitForText(page.locator('mark'), /no action/i);
    await lines(page)
      .getByRole('button', { name: /^Details/ })
      .last()
      .click();
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${pictures}/${theme}.png` });
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });

  it('are filtered by member, level, text and regular expression, and a wrong expression is named', async () => {
    const { page, close } = await openLogs();
    const search = page.getByLabel('Search the logs');
    await page.getByRole('group', { name: 'Members' }).getByRole('button', { name: 'orders-2' }).click();
    await waitForText(lines(page), /orders-2/);
    await expect.poll(() => page.locator('.m-log-member').allTextContents()).not.toContain('orders-1');
    await page.getByRole('group', { name: 'Members' }).getByRole('button', { name: 'orders-2' }).click();
    await search.fill('/I am \\(orders-[23]\\), a sec/');
    await waitForText(page.locator('mark'), /I am \(orders-[23]\), a sec/);
    await search.fill('/I am (/');
    await waitForText(page.getByRole('alert'), /no regular expression/);
    await search.fill('/(a+)+$|((\\w+\\s?)+)+!!/');
    await search.fill('nothing says this');
    await waitForText(page.getByText('No lines match'), /No lines match/);
    await search.fill('');
    await page.getByLabel('Least level').selectOption('fatal');
    await page.getByLabel('Least level').selectOption('debug');
    await waitForText(lines(page), /no action/);
    await close();
  });

  it('of one member are opened from the palette, and the last change of the leader by a key', async () => {
    const { page, close } = await openLogs();
    await page.keyboard.press('Control+k');
    await page.locator('input[role=combobox]').fill('logs of orders-2');
    await page.keyboard.press('Enter');
    await expect
      .poll(() =>
        page
          .locator('.m-log-member')
          .allTextContents()
          .then((names) => [...new Set(names)].join()),
      )
      .toBe('orders-2');
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    await page.locator('a[aria-current="page"]', { hasText: 'Events' }).waitFor();
    await page.keyboard.press('w');
    await page.getByRole('region', { name: 'Lines of all logs, oldest first' }).waitFor();
    expect(page.url()).toMatch(/logs\/last-change$/);
    await waitForText(
      page.getByRole('region', { name: 'Why did it fail over?' }).or(page.getByText(/^No change of the leader is/)),
      /fail over|No change/,
    );
    await page.keyboard.press('l');
    await expect.poll(() => page.url()).toMatch(/logs$/);
    await close();
  });

  it('tell why it failed over, with the lines of it, from the event of the recorder', async () => {
    const { page, problems, close } = await openLogs();
    const leader = await shownLeader(page);
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    const { services } = started.app.app.core;
    const cluster = services.hub.state('demo-cluster-orders');
    await services.demo.inject('demo-cluster-orders', 'crash', cluster?.leader.holder ?? leader);
    const event = page.getByRole('link', { name: /^Logs around this: .* took the leader lock/ });
    await event.first().waitFor({ timeout: 90_000 });
    await page.waitForTimeout(3_000);
    await event.first().click();
    const account = page.getByRole('region', { name: 'Why did it fail over?' });
    await waitForText(account, /was killed/);
    await account.getByRole('button', { name: /line/ }).nth(1).click();
    await waitForText(account, /Main process exited, code=killed/);
    await page.waitForTimeout(500);
    await page.screenshot({ path: `${pictures}/account.png` });
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await services.demo.heal('demo-cluster-orders');
    await close();
  }, 150_000);
});
