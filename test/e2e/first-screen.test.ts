import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { openDemoPage, waitForText, type DemoPage } from '../support/browser/demo-page';

let started: AppInBrowser;
let opened: DemoPage;

beforeAll(async () => {
  started = await startAppInBrowser();
  opened = await openDemoPage(started);
});
afterAll(() => started?.close());

describe('the first screen of an empty app', () => {
  it('offers three doors', async () => {
    const main = opened.page.getByRole('main');
    await main.getByRole('link', { name: /Connect to a cluster/ }).waitFor();
    expect(await main.getByRole('link', { name: /Set up a cluster/ }).count()).toBe(1);
    expect(await main.getByRole('button', { name: /Try the demo/ }).count()).toBe(1);
  });

  it('leads to a form that says what is missing before anything is sent', async () => {
    const { page } = opened;
    await page
      .getByRole('main')
      .getByRole('link', { name: /Connect to a cluster/ })
      .click();
    await page.getByRole('button', { name: 'Test the connection' }).click();
    await waitForText(page.getByRole('main'), /Fill in a host name or an address/);
    expect(
      await started.app.connect().then(async ({ client, close }) => {
        const servers = await client.servers.list();
        close();
        return servers.length;
      }),
    ).toBe(0);
    await page.goBack();
  });

  it('opens the demo in a click and one confirmation, and the fleet shows it live', async () => {
    const { page } = opened;
    await page
      .getByRole('main')
      .getByRole('button', { name: /Try the demo/ })
      .click();
    await page
      .getByRole('dialog')
      .getByRole('radio', { name: /A small fleet/ })
      .check();
    await page.getByRole('button', { name: 'Start the demo' }).click();
    const fleet = page.getByRole('table', { name: 'Clusters' });
    await fleet.waitFor({ timeout: 30_000 });
    await waitForText(fleet.getByRole('row').filter({ hasText: 'orders' }), /Healthy.*orders-1/);
    expect(await fleet.getByRole('row').count()).toBe(4);
  });

  it('finds every page by the palette with the keyboard alone', async () => {
    const { page } = opened;
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /Type a cluster/ }).waitFor();
    await page.keyboard.type('history');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'History' }).waitFor();
  });

  it('shows a name from elsewhere as text, never as part of the page', async () => {
    const { client, close } = await started.app.connect();
    await client.servers.add({
      name: '<img src=x onerror="document.title=\'owned\'"><script>document.title=1</script>',
      host: 'no.invalid',
      user: 'a',
      auth: { kind: 'agent' },
      sudo: { kind: 'none' },
    });
    close();
    const { page } = opened;
    await page.goto(`${started.app.origin}/#/servers`);
    await waitForText(page.getByRole('table'), /<img src=x onerror=/);
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.title()).toBe('Matriarch');
  });

  it('raised no error and broke no rule of the content security policy', () => {
    expect(opened.problems.filter((problem) => !problem.includes('ERR_NETWORK_CHANGED'))).toEqual([]);
  });
});
