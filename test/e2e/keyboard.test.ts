import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Page } from 'playwright-core';
import { shortcuts } from '../../renderer/app/keyboard/shortcuts';
import { startApp } from '../support/app/app';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { memberRow, openDemoCluster, openDemoPage } from '../support/browser/demo-page';

let started: AppInBrowser;
let page: Page;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
  ({ page } = await openDemoPage(started));
  page.setDefaultTimeout(20_000);
  await openDemoCluster(page, 'orders');
});
afterAll(async () => {
  await started?.close();
});

/** As long as a finger stays on a key: the page has closed what the key closes before it is let go. */
const KEY_HELD_MS = 150;

/** What has the focus, by its accessible name. */
const focused = () =>
  page.evaluate(() =>
    (document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '').trim(),
  );
const focusIs = (name: RegExp) => expect.poll(focused, { timeout: 10_000 }).toMatch(name);
const press = async (name: string, key = 'Enter'): Promise<void> => {
  await page.getByRole('button', { name, exact: true }).first().focus();
  await page.keyboard.press(key, { delay: KEY_HELD_MS });
};

describe('the focus', () => {
  it.each([
    ['Switchover', /Switchover: orders/],
    ['Keyboard shortcuts', /Keyboard shortcuts/],
  ])('the focus returns to the button %s when Escape closes its dialog', async (button, title) => {
    await press(button);
    await page.getByRole('dialog').filter({ hasText: title }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.closest('.bp6-portal') !== null)).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await focusIs(new RegExp(`^${button}$`));
  });

  it('the focus returns to its button when the jobs drawer or the palette closes', async () => {
    await press('Jobs');
    await focusIs(/^Jobs$/);
    await page.getByRole('complementary', { name: 'Jobs' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('complementary', { name: 'Jobs' }).waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('BUTTON');
    await page.getByRole('button', { name: 'Switchover', exact: true }).focus();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('combobox').waitFor({ state: 'detached' });
    await focusIs(/^Switchover$/);
  });

  it('the shell itself never scrolls, neither by the wheel nor by the focus', async () => {
    await page.setViewportSize({ width: 1000, height: 700 });
    const scrolled = await page.evaluate(() => {
      const shell = [document.documentElement, document.body, document.getElementById('page')].filter(
        (one) => one !== null,
      );
      window.scrollTo(0, 50);
      for (const element of shell) element.scrollTop = 50;
      return [window.scrollY, ...shell.map((element) => element.scrollTop)];
    });
    expect(scrolled).toEqual([0, 0, 0, 0]);
    for (let tabs = 0; tabs < 60; tabs += 1) await page.keyboard.press('Tab');
    expect(await page.evaluate(() => window.scrollY + document.body.scrollTop)).toBe(0);
  });

  it('the focus is in the content of a page that was opened with the palette', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('history');
    await page.keyboard.press('Enter', { delay: KEY_HELD_MS });
    await page.getByRole('heading', { level: 1, name: 'History' }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.goBack();
    await page.getByTestId('health-sentence').waitFor();
  });

  it('Enter in the palette gives the focus back to a button without clicking it', async () => {
    await page.getByRole('button', { name: 'Switchover', exact: true }).focus();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('light theme');
    await page.keyboard.press('Enter', { delay: KEY_HELD_MS });
    await page.getByRole('combobox').waitFor({ state: 'detached' });
    await focusIs(/^Switchover$/);
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('the focus is visible on everything that Tab reaches', async () => {
    await page.getByRole('link', { name: 'Skip to the content' }).focus();
    const unseen: string[] = [];
    for (let tabs = 0; tabs < 45; tabs += 1) {
      await page.keyboard.press('Tab');
      const bad = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body) return null;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return outlineStyle !== 'none' && outlineWidth !== '0px' ? null : element.outerHTML.slice(0, 120);
      });
      if (bad !== null) unseen.push(bad);
    }
    expect(unseen).toEqual([]);
  });
});

describe('a menu', () => {
  it('the arrow keys move through a menu, Enter opens the item, and the focus returns afterwards', async () => {
    await press('Actions for orders-2');
    await focusIs(/^Switch over to this member/);
    await page.keyboard.press('ArrowDown');
    await focusIs(/^Restart PostgreSQL/);
    await page.keyboard.press('End');
    await focusIs(/^Terminal with patronictl/);
    await page.keyboard.press('ArrowDown');
    await focusIs(/^Switch over to this member/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter', { delay: KEY_HELD_MS });
    await page.getByRole('dialog').filter({ hasText: 'Restart PostgreSQL on orders-2: orders' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await focusIs(/^Actions for orders-2$/);
  });

  it('the menu of the leader starts with its switchover, and Escape closes it', async () => {
    await memberRow(page, 'orders-1').getByRole('button', { name: 'Actions for orders-1' }).focus();
    await page.keyboard.press('Enter', { delay: KEY_HELD_MS });
    await focusIs(/^Switch over to another member/);
    await page.keyboard.press('Escape');
    await focusIs(/^Actions for orders-1$/);
  });
});

describe('each key of the help', () => {
  const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
  const address = (part: RegExp) => expect.poll(() => page.url(), { timeout: 10_000 }).toMatch(part);
  const terminal = (name: RegExp) =>
    page.getByRole('list', { name: 'Open terminals' }).getByRole('button', { name }).waitFor();
  /** What is seen after the keys of a shortcut were pressed on the page of a cluster. */
  const effects: Readonly<Record<string, () => Promise<unknown>>> = {
    'Command palette': () => page.getByRole('combobox', { name: /Type a cluster/ }).waitFor(),
    Terminals: () => page.getByRole('complementary', { name: 'Terminals' }).waitFor(),
    'Keyboard shortcuts': () => page.getByRole('dialog').filter({ hasText: 'Keyboard shortcuts' }).waitFor(),
    Jobs: () => page.getByRole('complementary', { name: 'Jobs' }).waitFor(),
    'Search the list on this page': () =>
      expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search'),
    Fleet: () => heading('Fleet'),
    Servers: () => heading('Servers'),
    Alerts: () => heading('Alerts'),
    History: () => heading('History'),
    'Connect to a cluster': () => heading('Connect to a cluster'),
    'Set up a new cluster': () => heading('Set up a cluster'),
    Settings: () => heading('Settings'),
    'Logs of the open cluster': () => address(/demo-cluster-orders\/logs$/),
    'Why did the open cluster fail over?': () => address(/demo-cluster-orders\/logs\/last-change$/),
    "Terminal on the open cluster's leader": () => terminal(/^orders-1$/),
    "psql on the open cluster's leader": () => terminal(/^psql on orders-1$/),
    "patronictl on the open cluster's leader": () => terminal(/^patronictl on orders-1$/),
    'Switch over the open cluster': () =>
      page
        .getByRole('dialog')
        .filter({ hasText: /Switchover: orders/ })
        .waitFor(),
    'Refresh the open cluster': () => Promise.resolve(),
  };

  it('has an effect that is tested here', () => {
    expect(Object.keys(effects).toSorted()).toEqual(shortcuts.map(({ text }) => text).toSorted());
  });

  it.each(shortcuts)('has its effect on the page of a cluster: $text', async ({ keys, text }) => {
    const { hub } = started.app.app.core.services;
    const refresh = vi.spyOn(hub, 'refresh');
    // A list with a search is on the page of the logs; all else is pressed where a user begins.
    const hash = text.startsWith('Search') ? '#/cluster/demo-cluster-orders/logs' : '#/cluster/demo-cluster-orders';
    await page.goto(`${started.app.origin}/${hash}`);
    await page.reload();
    await page.getByTestId('health-sentence').waitFor();
    if (text.startsWith('Search')) await page.getByRole('searchbox').waitFor();
    if (keys.length === 2 && keys.some((key) => ['Mod', 'Ctrl'].includes(key)))
      await page.keyboard.press(`Control+${keys[1] === '`' ? 'Backquote' : 'k'}`);
    // Keys of a chord go out together: a busy machine must not make a pause of the way between the two.
    else await Promise.all(keys.map((key) => page.keyboard.press(key)));
    await effects[text]?.();
    if (text === 'Refresh the open cluster')
      await expect.poll(() => refresh.mock.calls).toContainEqual(['demo-cluster-orders']);
    refresh.mockRestore();
  });

  it('stands in the help, as the code has it', async () => {
    await page.goto(`${started.app.origin}/#/cluster/demo-cluster-orders`);
    await page.reload();
    await page.getByTestId('health-sentence').waitFor();
    await page.keyboard.press('?');
    const help = page.getByRole('dialog').filter({ hasText: 'Keyboard shortcuts' });
    await help.waitFor();
    const shown = await help.locator('dd').allInnerTexts();
    expect(shown).toEqual([...shortcuts.map(({ text }) => text), 'Close dialog or panel']);
    await page.keyboard.press('Escape');
  });
});

describe('from the first screen on', () => {
  it('the connection form can be reached and submitted with the keyboard alone', async () => {
    const other = await startApp();
    const first = await openDemoPage({ app: other, browser: started.browser });
    try {
      const link = first.page.getByRole('main').getByRole('link', { name: /Connect to a cluster/ });
      await link.waitFor();
      for (let tabs = 0; tabs < 30 && !(await link.evaluate((one) => one === document.activeElement)); tabs += 1)
        await first.page.keyboard.press('Tab');
      await first.page.keyboard.press('Enter', { delay: KEY_HELD_MS });
      await expect.poll(() => first.page.evaluate(() => document.activeElement?.id)).toBe('server-host');
      await first.page.keyboard.type('db1.example.net');
      await first.page.keyboard.press('Enter', { delay: KEY_HELD_MS });
      await first.page.getByText('Enter a user name.').waitFor();
      expect(await first.page.getByLabel('Host', { exact: true }).inputValue()).toBe('db1.example.net');
    } finally {
      await first.close();
      await other.close();
    }
  });
});
