import { expect } from 'vitest';
import type { KnownClusterLab } from './known-cluster';

const MINUTE = 60_000;

/** The guided repairs of a cluster on the page of the app, as a user works with them. */
export class RepairPage {
  readonly #known: Pick<KnownClusterLab, 'opened' | 'clusterId'>;

  constructor(known: Pick<KnownClusterLab, 'opened' | 'clusterId'>) {
    this.#known = known;
  }

  get #page() {
    return this.#known.opened.page;
  }

  #goTo(rest: string): Promise<unknown> {
    return this.#page.goto(`${this.#known.opened.app.origin}/#/cluster/${this.#known.clusterId}${rest}`);
  }

  /** Opens a repair by its name from the list of all, for a member where it is about one. */
  async open(name: string, member?: string): Promise<void> {
    await this.#goTo('/maintenance/repair');
    if (member !== undefined) await this.#page.getByLabel(`Member for: ${name}`).selectOption(member);
    await this.#page.getByRole('button', { name: `Look for it: ${name}` }).click();
    await this.#looked();
  }

  /** Opens a repair by the button on the finding that calls for it. */
  async openFinding(name: string, timeout = MINUTE): Promise<void> {
    await this.#goTo('');
    await this.#page
      .getByRole('button', { name: new RegExp(`^${name}`) })
      .first()
      .click({ timeout });
    await this.#looked();
  }

  async #looked(): Promise<void> {
    await this.#page.getByRole('list', { name: 'Checks' }).waitFor();
  }

  /** The checks as they are shown. */
  checks(): Promise<string> {
    return this.#page.getByRole('list', { name: 'Checks' }).innerText();
  }

  /** What was found, as it is shown. */
  evidence(): Promise<string> {
    return this.#page.getByRole('list', { name: 'Evidence' }).innerText();
  }

  /** Waits until the evidence says so. */
  async shown(says: RegExp): Promise<void> {
    await expect.poll(() => this.evidence(), { timeout: MINUTE }).toMatch(says);
  }

  /** Waits until the repair is shown as refused for this reason. */
  async refusedWith(reason: RegExp): Promise<void> {
    await expect.poll(() => this.checks(), { timeout: MINUTE }).toMatch(reason);
    expect(await this.#page.getByTestId('confirm').getAttribute('aria-disabled')).toBe('true');
  }

  /** Types the name of a member to say that it never comes back. */
  async sayGone(member: string): Promise<void> {
    await this.#page.getByLabel(`Type ${member} to say that it never comes back`).fill(member);
    await expect.poll(() => this.checks(), { timeout: MINUTE }).toMatch(new RegExp(`You say that ${member} is gone`));
  }

  /** Chooses one of what the repair offers, and waits until it is judged. */
  async choose(label: string): Promise<void> {
    await this.#page.getByRole('radio', { name: new RegExp(`^${label}`) }).check();
    await expect
      .poll(() => this.#page.getByRole('button', { name: 'Look again' }).isEnabled(), { timeout: MINUTE })
      .toBe(true);
  }

  async cancel(): Promise<void> {
    await this.#page.getByRole('button', { name: 'Cancel', exact: true }).click();
  }

  /** Confirms, with the name that is asked for; waits for the end of the job, and answers its result. */
  async confirm(typed: string | null, end = /Done(?!,)/, limitMs = 10 * MINUTE): Promise<string> {
    if (typed !== null) await this.#page.getByLabel(`Type ${typed} to confirm`).fill(typed);
    await expect
      .poll(() => this.#page.getByTestId('confirm').getAttribute('aria-disabled'), { timeout: MINUTE })
      .not.toBe('true');
    await this.#page.getByTestId('confirm').click();
    const ended = /Done|Warning|Failed|Refused|Result not known|Cancelled|Interrupted/;
    await expect.poll(() => this.#page.getByTestId('job-status').innerText(), { timeout: limitMs }).toMatch(ended);
    const status = await this.#page.getByTestId('job-status').innerText();
    const panel = await this.#page.locator('.m-job').innerText();
    expect(status, panel).toMatch(end);
    const result = await this.#page.getByTestId('job-result').innerText();
    await this.#page.getByRole('button', { name: 'Close the jobs' }).click();
    return result;
  }
}
