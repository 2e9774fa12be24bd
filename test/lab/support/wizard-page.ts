import type { Locator, Page } from 'playwright-core';

/** What a lab server's line of the wizard needs. */
export interface WizardServers {
  /** `user@host` or `user@host:port`, one each. */
  readonly lines: readonly string[];
  readonly keyPath: string;
}

/** The deployment wizard as a user works with it. */
export class WizardUser {
  readonly #origin: string;

  constructor(
    readonly page: Page,
    origin: string,
  ) {
    this.#origin = origin;
  }

  /** Starts a new deployment; the first step is on the screen. */
  async start(): Promise<void> {
    await this.page.goto(`${this.#origin}/#/deploy`);
    await this.button('Start a new set-up').click();
    await this.title('Servers').waitFor();
  }

  /** Adds the servers, trusts their host keys, and waits until all were inspected without errors. */
  async addServers({ lines, keyPath }: WizardServers): Promise<void> {
    await this.page.getByLabel('New servers, one per line').fill(lines.join('\n'));
    await this.page.getByLabel('Log in with').selectOption({ label: 'Key file' });
    await this.page.getByLabel('Private key').fill(keyPath);
    await this.button(/^Add .*inspect$/).click();
    const seen = this.page.getByText('Ready', { exact: true });
    for (let trusted = 0; trusted <= lines.length; trusted += 1) {
      await seen
        .nth(lines.length - 1)
        .or(this.#trust())
        .first()
        .waitFor({ timeout: 60_000 });
      if (!(await this.#trust().isVisible())) return;
      const shown = await this.page.getByTestId('fingerprint').first().innerText();
      await this.#trust().click();
      await this.page.getByTestId('fingerprint').filter({ hasText: shown }).waitFor({ state: 'detached' });
    }
    await seen.nth(lines.length - 1).waitFor({ timeout: 60_000 });
  }

  /** From one step to the next, whose title is waited for. */
  async goOn(title: string): Promise<void> {
    await this.button(/^Continue to/).click();
    await this.title(title).waitFor();
  }

  /** Presses "Install", chooses a passphrase for the vault when it is asked for, and waits for the steps of the run. */
  async install(passphrase: string): Promise<void> {
    const install = this.page.getByRole('button', { name: /^Install on/, disabled: false });
    await install.waitFor({ timeout: 120_000 });
    await install.click();
    const vault = this.page.getByRole('dialog', { name: 'Choose a passphrase for the vault' });
    await vault.or(this.page.getByTestId('run-status')).first().waitFor({ timeout: 60_000 });
    if (await vault.isVisible()) {
      await vault.getByLabel('Passphrase', { exact: true }).fill(passphrase);
      await vault.getByLabel('Repeat the passphrase').fill(passphrase);
      await vault.getByRole('button', { name: 'Create the vault' }).click();
    }
    await this.page.getByTestId('run-status').waitFor({ timeout: 60_000 });
  }

  /** Waits until the run has ended and returns its status text, e.g. "Done". */
  async end(timeoutMs: number): Promise<string> {
    const status = this.page.getByTestId('run-status');
    await status.getByText(/^(Done|Failed|Stopped|Interrupted)$/).waitFor({ timeout: timeoutMs });
    return status.innerText();
  }

  title(text: string): Locator {
    return this.page.getByRole('heading', { name: text, level: 2, exact: true });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name }).first();
  }

  #trust(): Locator {
    return this.page.getByRole('button', { name: /^(It matches|They all match), trust/ });
  }
}
