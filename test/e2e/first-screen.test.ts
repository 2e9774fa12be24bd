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
  it('the first screen offers to connect, to set up a cluster and to try the demo', async () => {
    const main = opened.page.getByRole('main');
    await main.getByRole('link', { name: /Connect to a cluster/ }).waitFor();
    expect(await main.getByRole('link', { name: /Set up a cluster/ }).count()).toBe(1);
    expect(await main.getByRole('button', { name: /Try the demo/ }).count()).toBe(1);
  });

  it('the connection form says what is missing before anything is sent', async () => {
    const { page } = opened;
    await page
      .getByRole('main')
      .getByRole('link', { name: /Connect to a cluster/ })
      .click();
    await page.getByRole('button', { name: 'Test the connection' }).click();
    await waitForText(page.getByRole('main'), /Enter a host name or an address/);
    expect(
      await started.app.connect().then(async ({ client, close }) => {
        const servers = await client.servers.list();
        close();
        return servers.length;
      }),
    ).toBe(0);
    await page.goBack();
  });

  it('the demo starts with one click and one confirmation, and the fleet shows it live', async () => {
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

  it('the palette opens every page with the keyboard alone', async () => {
    const { page } = opened;
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /Type a cluster/ }).waitFor();
    await page.keyboard.type('history');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'History' }).waitFor();
  });

  it('a server name with HTML is shown as text', async () => {
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
    expect(await page.title()).toBe('Servers · Matriarch');
  });

  it('the page raises no error and breaks no rule of the content security policy', () => {
    expect(opened.problems.filter((problem) => !problem.includes('ERR_NETWORK_CHANGED'))).toEqual([]);
  });
});
