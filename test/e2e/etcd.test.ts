import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoCluster, openDemoPage, waitForText } from '../support/browser/demo-page';

let started: AppInBrowser;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
});
afterAll(() => started?.close());

const FOLLOW_MS = 60_000;

async function openEtcd(page: Page): Promise<void> {
  await openDemoCluster(page, 'reports');
  await page.getByRole('navigation', { name: 'Parts of this cluster' }).getByRole('link', { name: 'etcd' }).click();
  await waitForText(page.getByTestId('etcd-quorum'), /voting members work together/);
  await waitForText(page.getByTestId('etcd-tab'), /leader.*system identifier/s);
}

async function confirmAndFollow(page: Page): Promise<void> {
  await expect.poll(() => page.getByTestId('confirm').isEnabled(), { timeout: 15_000 }).toBe(true);
  await page.getByTestId('confirm').click();
  await waitForText(page.getByTestId('job-status'), /Done/, FOLLOW_MS);
  await page.getByRole('button', { name: 'Close the jobs' }).click();
}

describe('the etcd of a cluster', () => {
  it.each(['light', 'dark'] as const)('has no accessibility violations in the %s theme', async (theme) => {
    const { page, problems, close } = await openDemoPage(started, theme);
    await openEtcd(page);
    await page.waitForTimeout(500);
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });

  it('is led by the member that was chosen, by the keyboard alone', async () => {
    const { page, close } = await openDemoPage(started);
    await openEtcd(page);
    const follower = page.getByRole('row').filter({ hasText: 'follower' }).first();
    const id = (await follower.getAttribute('data-testid')) ?? '';
    await follower.getByRole('button', { name: /^Actions on reports/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Move the leader here' }).waitFor();
    await page.keyboard.press('Enter');
    await confirmAndFollow(page);
    await page.getByRole('button', { name: 'Ask again' }).click();
    await waitForText(page.getByTestId(id), /leader/);
    await close();
  });

  it.each([
    ['Defragment every member', /All members are defragmented|each answers nothing/],
    ['Save a snapshot', /SHA-256/],
  ])('"%s" says what will happen and runs to its end', async (name, words) => {
    const { page, close } = await openDemoPage(started);
    await openEtcd(page);
    await page.getByRole('button', { name: 'Actions on all of etcd' }).click();
    await page.getByRole('menuitem', { name, exact: true }).click();
    await waitForText(page.getByRole('dialog'), words);
    await confirmAndFollow(page);
    await close();
  });
});
