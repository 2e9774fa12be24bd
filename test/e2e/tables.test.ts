import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { unreadableTexts } from '../support/browser/cut-text';
import { openDemoPage, waitForText, type DemoPage } from '../support/browser/demo-page';
import { startFixedCluster, type HostileCluster } from '../support/cluster/hostile-cluster';

const tags = { nofailover: true, noloadbalance: true, clonefrom: true, datacentre: 'north-2' };
const replicas = [
  { name: 'db2', reports: { tags } },
  { name: 'db3', reports: { pending_restart: true, pending_restart_reason: {} } },
  { name: 'db4', reports: { tags: { nosync: true }, pending_restart: true } },
  { name: 'db5' },
];

let cluster: HostileCluster;
let started: AppInBrowser;
let id: string;
let demo: DemoPage;

beforeAll(async () => {
  cluster = await startFixedCluster(replicas);
  started = await startAppInBrowser();
  ({ id } = await started.app.app.core.services.discovery.addDirect({
    title: 'Tagged',
    restUrls: cluster.restUrls,
    etcd: [cluster.etcd],
    namespace: 'service',
    production: false,
  }));
  demo = await openDemoPage(started);
});
afterAll(async () => {
  await demo?.close();
  await started?.close();
  await cluster?.close();
});

async function openMembers(page: Page): Promise<void> {
  await page.goto(`${started.app.origin}/#/cluster/${id}`);
  await waitForText(page.getByTestId('health-sentence'), /db1 leads; 4 of 4 replicas healthy/);
  await waitForText(page.getByTestId('member-db2'), /nofailover/);
}

const heads = (page: Page, role: 'table' | 'fleet'): Promise<readonly string[]> =>
  page
    .locator(role === 'table' ? '.m-members th.m-sortable' : '.m-fleet-head [role=columnheader]')
    .evaluateAll((found) => found.map((head) => (head.textContent ?? '').trim()));

describe('the table of the members', () => {
  beforeEach(() => openMembers(demo.page));

  it.each([1100, 1280, 1600, 1920])(
    'has rows of two lines and of one height at %i pixels, whatever tags and pending restarts there are',
    async (width) => {
      const { page } = demo;
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(300);
      const rows = page.locator('.m-members tbody tr');
      const heights = await rows.evaluateAll((found) => found.map((row) => row.getBoundingClientRect().height));
      expect(heights).toHaveLength(5);
      expect(Math.max(...heights) - Math.min(...heights)).toBeLessThanOrEqual(1);
      expect(Math.max(...heights)).toBeLessThanOrEqual(64);
      expect(await unreadableTexts(page)).toEqual([]);
    },
  );

  it('tells all tags of a member where the pointer rests on them', async () => {
    const shown = demo.page.getByTestId('member-db2').locator('.m-member-tags');
    expect(await shown.getAttribute('title')).toBe('nofailover, noloadbalance, clonefrom, datacentre: north-2');
    expect((await shown.boundingBox())?.width ?? 0).toBeGreaterThan(20);
  });

  it('hides and shows columns by the keyboard, also after the page is loaded again', async () => {
    const { page } = demo;
    await page.setViewportSize({ width: 1280, height: 900 });
    expect(await heads(page, 'table')).toContain('Timeline');
    const button = page.getByRole('button', { name: 'Columns of the members' });
    await button.focus();
    await page.keyboard.press('Enter');
    const timeline = page.getByRole('menuitemcheckbox', { name: 'Timeline' });
    await timeline.waitFor();
    expect(await timeline.getAttribute('aria-checked')).toBe('true');
    await page.waitForTimeout(300);
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await expect.poll(() => heads(page, 'table')).not.toContain('Timeline');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => heads(page, 'table')).not.toContain('Receive lag');
    await page.keyboard.press('Escape');
    await page.reload();
    await waitForText(page.getByTestId('member-db2'), /nofailover/);
    expect(await heads(page, 'table')).toEqual([
      'Member',
      'State',
      'Replay lag',
      'Streams from',
      'Versions',
      'DCS contact',
    ]);
    await button.click();
    await page.getByRole('menuitemcheckbox', { name: 'Timeline' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Receive lag' }).click();
    await expect.poll(() => heads(page, 'table')).toHaveLength(8);
    await page.keyboard.press('Escape');
  });
});

describe('the fleet', () => {
  it('hides columns, and each head stays above its cells', async () => {
    const { page } = demo;
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(`${started.app.origin}/#/`);
    await page.getByRole('link', { name: 'Tagged' }).first().waitFor();
    await page.getByRole('button', { name: 'Columns of the fleet' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Leader' }).click();
    await expect
      .poll(() => heads(page, 'fleet'))
      .toEqual(['Cluster', 'Health', 'Timeline', 'Members', 'Worst lag', 'As of']);
    const lefts = (selector: string) =>
      page.locator(selector).evaluateAll((found) => found.map((cell) => Math.round(cell.getBoundingClientRect().left)));
    expect(await lefts('.m-fleet-head > *')).toEqual(await lefts('.m-fleet-row > *'));
    await page.getByRole('menuitemcheckbox', { name: 'Leader' }).click();
    await expect.poll(() => heads(page, 'fleet')).toContain('Leader');
    expect(await lefts('.m-fleet-head > *')).toEqual(await lefts('.m-fleet-row > *'));
    await page.keyboard.press('Escape');
  });
});
