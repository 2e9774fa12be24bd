import { expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';

const MINUTE = 60_000;
const ENDED = /Done|Warning|Failed|Refused|Result not known|Cancelled|Interrupted/;

/** The Backups view of a cluster as a user works with it: by the labels of buttons and fields. */
export class BackupsPage {
  constructor(
    readonly page: Page,
    readonly origin: string,
    readonly clusterId: string,
  ) {}

  /** Opens the view, or looks again where it is open. */
  async look(): Promise<void> {
    await this.page.goto(`${this.origin}/#/cluster/${this.clusterId}/maintenance/backups`);
    const view = this.page.getByTestId('backups');
    await view.waitFor({ timeout: 3 * MINUTE });
    const again = view.getByRole('button', { name: 'Look again' });
    await again.click();
    await expect.poll(() => again.getAttribute('class'), { timeout: 3 * MINUTE }).not.toMatch(/loading/);
  }

  /** Presses a button of the view; answers the dialog that it opens. */
  async open(button: string): Promise<Locator> {
    await this.page.getByTestId('backups').getByRole('button', { name: button, exact: true }).click();
    const dialog = this.page.getByRole('dialog').last();
    await dialog.waitFor();
    return dialog;
  }

  /** What a part of the view says. */
  text(testId: string): Promise<string> {
    return this.page.getByTestId(testId).innerText();
  }

  /** Waits until the checks of the dialog say so. */
  async checked(says: RegExp): Promise<void> {
    const checks = this.page.getByRole('dialog').last().getByRole('list', { name: 'Checks' });
    await expect
      .poll(() => checks.innerText({ timeout: MINUTE }).catch(() => ''), { timeout: 3 * MINUTE })
      .toMatch(says);
  }

  /** Whether the dialog can be confirmed; where not, its button says why. */
  async refused(): Promise<boolean> {
    const button = this.page.getByRole('dialog').last().getByTestId('confirm');
    return (await button.getAttribute('aria-disabled')) === 'true';
  }

  async cancel(): Promise<void> {
    await this.page.getByRole('dialog').last().getByRole('button', { name: 'Cancel', exact: true }).click();
  }

  /** Confirms, with the name that is asked for; the job is followed to its end, and all that it says is answered. */
  async confirm(status: RegExp, typed: string | null = null, limitMs = 20 * MINUTE): Promise<string> {
    const dialog = this.page.getByRole('dialog').last();
    if (typed !== null) await dialog.getByLabel(`Type ${typed} to confirm`).fill(typed);
    const button = dialog.getByTestId('confirm');
    await expect.poll(() => button.getAttribute('aria-disabled'), { timeout: 3 * MINUTE }).not.toBe('true');
    await button.click();
    return this.followed(status, limitMs);
  }

  /** Follows the job that is open to its end. */
  async followed(status: RegExp, limitMs = 20 * MINUTE): Promise<string> {
    const shown = this.page.getByTestId('job-status');
    await expect.poll(() => shown.innerText({ timeout: MINUTE }), { timeout: limitMs }).toMatch(ENDED);
    const panel = await this.page.locator('.m-job').innerText();
    expect(await shown.innerText(), panel).toMatch(status);
    await this.page.getByRole('button', { name: 'Close the jobs' }).click();
    return panel;
  }

  /** Pictures for people, in both themes. */
  async picture(name: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme });
      await this.page.screenshot({ path: `test/results/backups-${name}-${colorScheme}.png` });
    }
    await this.page.emulateMedia({ colorScheme: 'light' });
  }
}
