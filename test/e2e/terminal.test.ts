import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoCluster, openDemoPage, type DemoPage } from '../support/browser/demo-page';

let started: AppInBrowser;
let shown: DemoPage;
let page: Page;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
  shown = await openDemoPage(started);
  ({ page } = shown);
  page.setDefaultTimeout(20_000);
  await started.app.app.core.services.inventory.saveSettings({
    ...started.app.app.core.services.inventory.settings(),
    terminalScreenReader: true,
  });
  await openDemoCluster(page, 'orders');
});
afterAll(async () => {
  await started?.close();
});

const dock = () => page.getByRole('complementary', { name: 'Terminals' });
/** What the terminal in front shows, as a screen reader reads it. */
const screen = async (): Promise<string> =>
  (
    await dock()
      .locator('section:not([hidden]) .xterm-accessibility-tree')
      .innerText()
      .catch(() => '')
  ).replace(/\u00a0/g, ' ');
const shows = (text: RegExp) => expect.poll(screen, { timeout: 15_000 }).toMatch(text);
const openOn = async (member: string, item: string): Promise<void> => {
  await page.getByRole('button', { name: `Actions for ${member}` }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
};
const tabs = () => dock().getByRole('list', { name: 'Open terminals' }).getByRole('listitem');
const hasFocus = () => page.evaluate(() => document.activeElement?.closest('.m-terminal-screen') !== null);

describe('the terminals', () => {
  it("open from a member's menu, take what is typed, and survive going to another page", async () => {
    await openOn('orders-1', 'Terminal');
    await shows(/demo@orders-1:~\$/);
    await expect.poll(hasFocus).toBe(true);
    await page.keyboard.type('cat /etc/hostname');
    await page.keyboard.press('Enter');
    await shows(/cat \/etc\/hostname\s+orders-1\s/);
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Servers' }).click();
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
    await shows(/demo@orders-1:~\$/);
  });

  it('stand beside each other as tabs, also those ready-made for psql and patronictl', async () => {
    await page.getByRole('button', { name: 'Terminal on orders-2' }).click();
    await shows(/demo@orders-2:~\$/);
    await openDemoCluster(page, 'orders');
    await openOn('orders-1', 'Terminal with psql');
    await shows(/orders-1 \(primary\) postgres=#/);
    await openOn('orders-3', 'Terminal with patronictl');
    await shows(/Cluster: orders .*\| orders-1 +\| \S+ +\| Leader/s);
    expect(await tabs().count()).toBe(4);
    await page.keyboard.press('Control+PageUp');
    await shows(/orders-1 \(primary\) postgres=#/);
    await page.keyboard.press('Control+PageDown');
    await shows(/Cluster: orders/);
  });

  it('are hidden and shown by Ctrl and the backtick; the focus goes back and forth', async () => {
    await page.keyboard.press('Control+Backquote');
    await dock().waitFor({ state: 'hidden' });
    expect(await hasFocus()).toBe(false);
    await page.keyboard.press('Control+Backquote');
    await dock().waitFor();
    await expect.poll(hasFocus).toBe(true);
    await shows(/Cluster: orders/);
  });

  it('leave every other key to the program, and let the keyboard out by Ctrl+Shift+F6', async () => {
    await page.keyboard.type('echo jk');
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Enter');
    await shows(/echo jk\s+jk/);
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.keyboard.press('Control+Shift+F6');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('patronictl on orders-3');
  });

  it('are searched, and the search gives the focus back', async () => {
    await dock().getByRole('button', { name: 'Search in the terminal' }).click();
    await page.getByRole('textbox', { name: 'Search in the terminal' }).fill('orders-2');
    await dock().getByRole('search').getByText('1 of 1').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(hasFocus).toBe(true);
  });

  it('ask before several lines are pasted into a program that runs each', async () => {
    const paste = (text: string) =>
      page.evaluate((pasted) => {
        const data = new DataTransfer();
        data.setData('text/plain', pasted);
        document.activeElement?.dispatchEvent(
          new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
        );
      }, text);
    await paste('echo pas');
    await paste('ted\necho lines\n');
    const dialog = page.getByRole('dialog').filter({ hasText: 'Paste 2 lines?' });
    await dialog.waitFor();
    expect(await screen()).not.toMatch(/pasted/);
    await dialog.getByRole('button', { name: 'Paste', exact: true }).click();
    await shows(/echo pasted\s+pasted\s.*echo lines\s+lines/s);
  });

  it('take neither the clipboard, nor the title, nor a link for a click', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(() => navigator.clipboard.writeText('mine'));
    const title = await page.title();
    await page.locator('section:not([hidden]) .xterm-helper-textarea').focus();
    const hostile = String.raw`\e]52;c;c3RvbGVu\a\e]0;taken\a\e[21tsent \e]8;;https://etcd.io/docs/\awords\e]8;;\a`;
    await page.keyboard.type(`echo -e '${hostile}'`);
    await page.keyboard.press('Enter');
    await shows(/\nsent words\s/);
    expect(await page.title()).toBe(title);
    expect(await page.evaluate(() => navigator.clipboard.readText().catch(() => 'mine'))).toBe('mine');
    const link = page.locator('section:not([hidden]) .xterm-rows').getByText('words', { exact: true });
    await link.hover({ force: true });
    const hint = () => page.locator('section:not([hidden]) .m-terminal-screen').getAttribute('title');
    await expect.poll(hint).toContain('https://etcd.io/docs/');
    await link.click({ force: true });
    expect(await page.getByRole('dialog').count()).toBe(0);
    await link.click({ force: true, modifiers: ['Control'] });
    const dialog = page.getByRole('dialog').filter({ hasText: 'Open this address?' });
    await dialog.getByText('https://etcd.io/docs/').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });

  it('ask before a tab is closed in which something runs, and close others at once', async () => {
    await page.locator('section:not([hidden]) .xterm-helper-textarea').focus();
    await page.keyboard.type('sleep 600');
    await page.keyboard.press('Enter');
    const close = dock().getByRole('button', { name: 'Close patronictl on orders-3' });
    await close.click();
    const dialog = page.getByRole('dialog').filter({ hasText: 'sleep runs in this terminal' });
    await dialog.getByRole('button', { name: 'Keep it open' }).click();
    expect(await tabs().count()).toBe(4);
    await close.click();
    await dialog.getByRole('button', { name: 'Close the terminal' }).click();
    await expect.poll(() => tabs().count()).toBe(3);
    await dock().getByRole('button', { name: 'Close orders-2' }).click();
    await expect.poll(() => tabs().count()).toBe(2);
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('mark a production cluster in their frame, and open on a read-only one only when told to', async () => {
    const { inventory } = started.app.app.core.services;
    const entry = inventory.clusters().find(({ title }) => title === 'orders');
    if (entry === undefined) throw new Error('the demo has no such cluster');
    await inventory.saveCluster({ ...entry, production: true, readOnly: true });
    await openOn('orders-2', 'Terminal');
    await dock().getByText('is set to read-only in this app').waitFor();
    await dock().getByRole('button', { name: 'Open it anyway' }).click();
    await shows(/demo@orders-2:~\$/);
    await dock().getByText('orders: production, read-only, not checked here').waitFor();
    expect(await dock().evaluate((frame) => getComputedStyle(frame).borderTopWidth)).toBe('2px');
    await page.keyboard.type('exit');
    await page.keyboard.press('Enter');
    await expect.poll(() => tabs().count()).toBe(2);
    await inventory.saveCluster(entry);
  });

  it('say that the connection was lost, and reconnect', async () => {
    await dock().getByRole('button', { name: 'orders-1', exact: true }).click();
    await shows(/demo@orders-1:~\$/);
    const server = started.app.app.core.services.inventory.servers().find(({ name }) => name === 'orders-1');
    await started.app.app.core.services.connections.drop(server?.id ?? '');
    await dock().locator('section:not([hidden])').getByText('was lost while a terminal was open').waitFor();
    await dock().locator('section:not([hidden])').getByRole('button', { name: 'Reconnect' }).click();
    await expect.poll(async () => (await screen()).match(/This is orders-1/g)?.length).toBeGreaterThanOrEqual(2);
  });
});

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  it('an open terminal has no accessibility violations, and a `yes` in it leaves the page quick', async () => {
    const theirs = await openDemoPage(started, colorScheme);
    await openDemoCluster(theirs.page, 'reports');
    await theirs.page.getByRole('button', { name: 'Actions for reports-1' }).click();
    await theirs.page.getByRole('menuitem', { name: 'Terminal', exact: true }).click();
    await theirs.page.locator('.xterm-accessibility-tree').getByText('demo@reports-1').first().waitFor();
    await theirs.page.waitForTimeout(400);
    expect(await axeViolations(theirs.page)).toEqual([]);
    await theirs.page.keyboard.type('yes');
    await theirs.page.keyboard.press('Enter');
    await theirs.page.waitForTimeout(1_000);
    const longest = await theirs.page.evaluate(async () => {
      let worst = 0;
      for (let frames = 0, last = performance.now(); frames < 60; frames += 1) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        worst = Math.max(worst, performance.now() - last);
        last = performance.now();
      }
      return worst;
    });
    expect(longest).toBeLessThan(1_000);
    await theirs.page.keyboard.press('Control+c');
    await theirs.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'History' }).click();
    await theirs.page.getByRole('heading', { level: 1, name: 'History' }).waitFor();
    expect(theirs.problems).toEqual([]);
    await theirs.close();
  });
});
