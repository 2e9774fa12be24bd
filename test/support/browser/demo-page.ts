import { expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import type { AppInBrowser } from '../app/app-in-browser';

/** A page of the running demo with what the tests look at. */
export interface DemoPage {
  readonly page: Page;
  readonly problems: readonly string[];
  close(): Promise<void>;
}

const LOAD_TRIES = 4;

/** Opens the demo's page; loads it again where the machine's network changed while it loaded. */
export async function openDemoPage(
  { app, browser }: Pick<AppInBrowser, 'app' | 'browser'>,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<DemoPage> {
  const { page, context, problems } = await app.openPage(browser, { colorScheme });
  for (let tries = 1; tries < LOAD_TRIES && !(await isShown(page)); tries += 1) await page.goto(app.origin);
  return { page, problems, close: () => context.close() };
}

async function isShown(page: Page): Promise<boolean> {
  return page
    .getByRole('navigation', { name: 'Pages' })
    .waitFor({ timeout: 10_000 })
    .then(
      () => true,
      () => false,
    );
}

/** Opens a cluster of the fleet by its title and waits until it is healthy. */
export async function openDemoCluster(page: Page, title: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: title }).click();
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
  await page.getByTestId('health-sentence').filter({ hasText: 'leads' }).waitFor();
}

/** A member's row in the table. */
export function memberRow(page: Page, name: string): Locator {
  return page.getByTestId(`member-${name}`);
}

/** The leader's name as the header shows it. */
export async function shownLeader(page: Page): Promise<string> {
  return (await page.getByTestId('leader').textContent()) ?? '';
}

/** Waits until an element's text matches; at most as long as given. */
export async function waitForText(locator: Locator, text: RegExp, timeout = 30_000): Promise<void> {
  await expect
    .poll(
      async () =>
        (await locator
          .first()
          .textContent({ timeout: 1_000 })
          .catch(() => '')) ?? '',
      { timeout, interval: 150 },
    )
    .toMatch(text);
}
