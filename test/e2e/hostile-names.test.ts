import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { openDemoPage, waitForText } from '../support/browser/demo-page';
import { hostileNames, startHostileCluster, type HostileCluster } from '../support/cluster/hostile-cluster';

let cluster: HostileCluster;
let started: AppInBrowser;

beforeAll(async () => {
  cluster = await startHostileCluster();
  started = await startAppInBrowser();
});
afterAll(async () => {
  await started?.close();
  await cluster?.close();
});

describe('members named with quotes, newlines, markup and 300 characters', () => {
  it('hostile member names are shown as text, can be chosen in a dialog, and run no script', async () => {
    const { id } = await started.app.app.core.services.discovery.addDirect({
      title: 'Hostile',
      restUrls: cluster.restUrls,
      etcd: [cluster.etcd],
      namespace: 'service',
      production: false,
    });
    const { page, problems } = await openDemoPage(started);
    await page.goto(`${started.app.origin}/#/cluster/${id}`);
    await waitForText(page.getByTestId('health-sentence'), /db1 leads; 4 of 4 replicas healthy/);
    const table = page.getByRole('table', { name: 'Members of' });
    await waitForText(table, /<img src=x onerror=/);
    for (const name of hostileNames)
      expect((await table.textContent())?.replaceAll(/\s|\ufffd/g, '')).toContain(
        name.replaceAll(/\s/g, '').slice(0, 60),
      );
    expect(await page.locator('main img[src="x"]').count()).toBe(0);
    expect(await page.title()).not.toBe('owned');
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    await page.getByRole('main').focus();
    await page.keyboard.press('s');
    await waitForText(page.getByRole('dialog'), /<img src=x onerror=/);
    expect(problems.filter((problem) => !problem.includes('ERR_NETWORK_CHANGED'))).toEqual([]);
  });
});
