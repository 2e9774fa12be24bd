import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoCluster, openDemoPage, waitForText } from '../support/browser/demo-page';

let started: AppInBrowser;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
});
afterAll(() => started?.close());

const ASSESS_MS = 120_000;

describe('the assessment of a new major version', () => {
  it(
    'is made from the page: what is needed, one confirmation, and a report of what pg_upgrade says and what it would take',
    async () => {
      const { page, problems, close } = await openDemoPage(started);
      await openDemoCluster(page, 'reports');
      await page
        .getByRole('navigation', { name: 'Parts of this cluster' })
        .getByRole('link', { name: 'Maintenance' })
        .click();
      await page.getByRole('button', { name: 'Upgrades', exact: true }).click();
      const part = page.getByTestId('assessments');
      const begin = part.getByRole('button', { name: 'Check and assess' });
      await begin.waitFor({ timeout: 30_000 });
      await part.getByLabel('Copy below').fill('no path');
      await waitForText(part, /An absolute path of letters/);
      expect(await begin.getAttribute('aria-disabled')).toBe('true');
      await part.getByLabel('Copy below').fill('');
      await begin.click();
      const dialog = page.getByTestId('assessment-dialog');
      await waitForText(
        dialog.getByRole('list', { name: 'Checks' }),
        /would install postgresql-\d+, and change nothing/,
      );
      expect(await axeViolations(page)).toEqual([]);
      await page.getByTestId('confirm').click();
      await waitForText(page.getByTestId('job-status'), /with a warning/, ASSESS_MS);
      await page.getByRole('button', { name: 'Close the jobs' }).click();
      await waitForText(
        page.getByTestId('assessment-sentence'),
        /it stopped at "Checking for presence of required libraries"/,
      );
      const report = page.getByTestId('assessment-report');
      await waitForText(report, /pg_cron \(in app\) is not there/);
      await waitForText(report, /could not load library/);
      expect(await axeViolations(page)).toEqual([]);
      expect(problems).toEqual([]);
      await close();
    },
    ASSESS_MS + 120_000,
  );
});
