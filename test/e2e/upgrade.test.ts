import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoCluster, openDemoPage, shownLeader, waitForText } from '../support/browser/demo-page';

let started: AppInBrowser;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
});
afterAll(() => started?.close());

const UPGRADE_MS = 240_000;

describe('the upgrade of a cluster', () => {
  it(
    'is done from the page: what is in the way, one confirmation, a phase for each step, and the writes that failed',
    async () => {
      const { page, problems, close } = await openDemoPage(started);
      await openDemoCluster(page, 'reports');
      const leader = await shownLeader(page);
      await page
        .getByRole('navigation', { name: 'Parts of this cluster' })
        .getByRole('link', { name: 'Maintenance' })
        .click();
      await page.getByRole('button', { name: 'Upgrades', exact: true }).click();
      await waitForText(page.getByTestId('upgrade-steps'), /hands over to a replica/);
      expect(await axeViolations(page)).toEqual([]);
      await page.getByLabel('Age of a transaction, s').fill('86400');
      await page.getByRole('button', { name: 'Check and confirm' }).click();
      const dialog = page.getByTestId('upgrade-dialog');
      await waitForText(dialog.getByRole('list', { name: 'Checks' }), /nothing else in place/);
      await expect
        .poll(async () => [await page.getByTestId('confirm').isEnabled(), await dialog.innerText()], {
          timeout: 30_000,
        })
        .toEqual([true, expect.any(String)]);
      expect(await axeViolations(page)).toEqual([]);
      await page.getByTestId('confirm').click();
      await waitForText(page.getByTestId('job-status'), /Done/, UPGRADE_MS);
      await waitForText(
        page.getByRole('complementary', { name: 'Jobs' }),
        /Writes that failed: \d+;.*every acknowledged one is there/s,
      );
      await page.getByRole('button', { name: 'Close the jobs' }).click();
      await waitForText(page.getByTestId('upgrades'), /Nothing to upgrade/);
      expect(await shownLeader(page)).not.toBe(leader);
      expect(problems).toEqual([]);
      await close();
    },
    UPGRADE_MS + 120_000,
  );
});
