import { expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';

/** The app's page as a user sees it: found by the labels of buttons and fields, never by its internals. */
export class ClusterPageUser {
  constructor(readonly page: Page) {}

  /** Adds a server under Servers. */
  async addServer(server: ServerWords): Promise<void> {
    await this.page.getByRole('link', { name: 'Servers', exact: true }).click();
    await this.page.getByRole('button', { name: 'Add a server' }).click();
    await this.fillServer(server);
    await this.page.getByRole('button', { name: 'Add', exact: true }).click();
    await this.page.getByRole('dialog', { name: 'Add a server' }).waitFor({ state: 'detached' });
  }

  /** Fills the fields of a server wherever they stand. */
  async fillServer(server: ServerWords): Promise<void> {
    await this.page.getByLabel('Host', { exact: true }).fill(server.host);
    await this.page.getByLabel('User', { exact: true }).fill(server.user);
    if (server.name !== undefined) await this.page.getByLabel('Name (optional)').fill(server.name);
    await this.page
      .getByLabel('Log in with')
      .selectOption({ label: server.password === undefined ? 'Key file' : 'Password' });
    if (server.keyPath !== undefined) await this.page.getByLabel('Private key').fill(server.keyPath);
    await this.page.getByLabel('Run as root using').selectOption({ label: server.sudo });
    for (const jump of server.jump ?? [])
      await this.page.getByLabel('Through jump hosts').selectOption({ label: jump });
  }

  /**
   * Accepts host keys and answers secrets as they are asked, until what is waited for is on the page. Gives the
   * fingerprints it was shown.
   */
  async answerUntil(wanted: Locator, secret: string, timeoutMs = 60_000): Promise<readonly string[]> {
    const fingerprints: string[] = [];
    const trust = this.page.getByRole('button', { name: /^(It matches|They all match), trust/ });
    const field = this.page.locator('#prompt-secret');
    const until = Date.now() + timeoutMs;
    while (Date.now() < until) {
      await trust
        .or(field)
        .or(wanted)
        .first()
        .waitFor({ timeout: Math.max(1, until - Date.now()) });
      if (await trust.isVisible()) {
        const shown = await this.page.getByTestId('fingerprint').allInnerTexts();
        fingerprints.push(...shown.map((text) => text.trim()));
        await trust.click();
        await trust.waitFor({ state: 'hidden', timeout: 5000 }).catch(() => undefined);
      } else if (await field.isVisible()) {
        await field.fill(secret);
        await this.page.getByRole('button', { name: 'Continue' }).click();
        await field.waitFor({ state: 'hidden', timeout: 5000 }).catch(() => undefined);
      } else if (await wanted.isVisible()) return fingerprints;
    }
    throw new Error(`${wanted} did not come within ${timeoutMs} ms.`);
  }

  /** The row of a member in the member table. */
  member(name: string) {
    return this.page.getByTestId(`member-${name}`);
  }

  /** Presses the button in a replica's row that makes it the leader. */
  async switchOverTo(name: string): Promise<void> {
    await this.page.getByRole('button', { name: `Switch over to this member: ${name}` }).click();
    await this.confirm();
  }

  /** Chooses an action from a member's menu. */
  async memberAction(name: string, action: string): Promise<void> {
    await this.page
      .getByTestId(`member-${name}`)
      .getByRole('button', { name: `Actions for ${name}` })
      .click();
    await this.page.getByRole('menuitem', { name: action }).click();
  }

  /** Chooses an action from the cluster's menu. */
  async clusterAction(action: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Actions', exact: true }).click();
    await this.page.getByRole('menuitem', { name: action }).click();
  }

  /** Types what is asked for, where anything is, and presses the confirming button once it can be pressed. */
  async confirm(typed?: string): Promise<void> {
    const dialog = this.page.getByRole('dialog').last();
    if (typed !== undefined) await dialog.getByLabel(/to confirm/).fill(typed);
    const button = dialog.getByTestId('confirm');
    await expect
      .poll(() => button.isEnabled(), {
        timeout: 20_000,
        message: `the confirmation can be pressed: ${await dialog.innerText()}`,
      })
      .toBe(true);
    await button.click();
    await button.waitFor({ state: 'detached', timeout: 15_000 });
  }

  /** Waits until the job in the drawer has ended and returns its status, result and error from the page. */
  async jobEnd(timeoutMs: number): Promise<string> {
    const drawer = this.page.getByRole('complementary', { name: 'Jobs' });
    await expect
      .poll(async () => (await drawer.getByTestId('job-status').innerText()).trim(), {
        timeout: timeoutMs,
        interval: 250,
        message: 'the job ends',
      })
      .toMatch(/took/);
    return drawer.innerText();
  }

  /** Closes the drawer of jobs. */
  async closeJobs(): Promise<void> {
    await this.page.getByRole('button', { name: 'Close the jobs' }).click();
  }

  /** Takes a screenshot for people. */
  async picture(path: string): Promise<void> {
    await this.page.screenshot({ path });
  }
}

/** A server as the user names it. */
export interface ServerWords {
  readonly host: string;
  readonly user: string;
  readonly name?: string;
  readonly keyPath?: string;
  readonly password?: string;
  readonly sudo: string;
  /** Labels of jump hosts in the list, outermost first. */
  readonly jump?: readonly string[];
}
