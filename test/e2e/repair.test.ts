import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoPage, waitForText } from '../support/browser/demo-page';

const clusterId = 'demo-cluster-reports';
const REMOVE = /^Remove a stale member key/;

describe('guided repair', () => {
  let started: AppInBrowser;

  const checks = (page: Page) => page.getByRole('list', { name: 'Checks' });
  const openRepairs = async (page: Page): Promise<void> => {
    await page.goto(`${started.app.origin}/#/cluster/${clusterId}/maintenance/repair`);
    await page.getByTestId('repair-view').waitFor();
  };

  beforeAll(async () => {
    started = await startAppInBrowser({ demo: true });
    const { client, close } = await started.app.connect();
    await client.demo.inject({ clusterId, faultId: 'stale_key', member: null });
    close();
  });
  afterAll(() => started?.close());

  it.each(['light', 'dark'] as const)('has no accessibility violations in the %s theme', async (theme) => {
    const { page, problems, close } = await openDemoPage(started, theme);
    await openRepairs(page);
    await page.waitForTimeout(500);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: REMOVE }).first().click();
    await waitForText(checks(page), /is not known/);
    await page.waitForTimeout(500);
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });

  it('refuses what cannot be known, and repairs from the finding once it is said by name', async () => {
    const { page, close } = await openDemoPage(started);
    await page.goto(`${started.app.origin}/#/cluster/${clusterId}`);
    await page.getByRole('button', { name: REMOVE }).click();
    await waitForText(checks(page), /Whether Patroni of reports-retired runs is not known/);
    expect(await page.getByTestId('confirm').getAttribute('aria-disabled')).toBe('true');
    await page.getByLabel('Type reports-retired to say that it never comes back').fill('reports-retired');
    await waitForText(checks(page), /You say that reports-retired is gone for good/);
    await expect.poll(() => page.getByTestId('confirm').getAttribute('aria-disabled'), { timeout: 15_000 }).toBeNull();
    await page.getByTestId('confirm').click();
    await waitForText(page.getByTestId('job-status'), /Done/, 60_000);
    await waitForText(page.getByTestId('job-result'), /is gone from etcd/);
    await page.getByRole('button', { name: 'Close the jobs' }).click();
    await expect.poll(() => page.getByRole('button', { name: REMOVE }).count(), { timeout: 15_000 }).toBe(0);
    await close();
  });
});
