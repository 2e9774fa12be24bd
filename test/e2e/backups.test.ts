import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoCluster, openDemoPage } from '../support/browser/demo-page';

let started: AppInBrowser;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
});
afterAll(() => started?.close());

describe('the backups of a cluster', () => {
  it.each(['light', 'dark'] as const)(
    'are shown as pgBackRest tells them, with the archive of each member and no secret, without barriers (%s)',
    async (theme) => {
      const { page, problems, close } = await openDemoPage(started, theme);
      await openDemoCluster(page, 'orders');
      await page.getByRole('link', { name: 'Maintenance' }).click();
      await page
        .getByRole('group', { name: 'Views of the maintenance' })
        .getByRole('button', { name: 'Backups', exact: true })
        .click();
      await page.getByTestId('backups').waitFor();
      expect(await page.getByTestId('backup-standing').innerText()).toMatch(/Backed up/);
      expect(await page.getByTestId('backup-row').count()).toBe(10);
      expect(await page.getByTestId('backup-server-orders-2').innerText()).toMatch(/archive_mode on/);
      await page.getByText('/etc/pgbackrest.conf on orders-1').click();
      const file = page.getByRole('region', { name: '/etc/pgbackrest.conf on orders-1' });
      expect(await file.innerText()).toMatch(/repo1-cipher-pass=•+/);
      expect(await axeViolations(page)).toEqual([]);
      expect(problems).toEqual([]);
      await close();
    },
    60_000,
  );
});
