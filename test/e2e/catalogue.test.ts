import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeViolations } from '../support/browser/axe';
import { launchChromium } from '../support/browser/browser';
import { openDouble, type DoublePage } from '../support/browser/double-page';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pictures = `${root}test/results/catalogue`;

/** The components of renderer/ui, by the names under which they are exported. */
const shared = readdirSync(`${root}renderer/ui`)
  .filter((name) => name.endsWith('.tsx'))
  .flatMap((name) => [...readFileSync(`${root}renderer/ui/${name}`, 'utf8').matchAll(/^export function ([A-Z]\w*)/gm)])
  .map(([, name]) => name);

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
  mkdirSync(pictures, { recursive: true });
});
afterAll(() => browser?.close());

describe.each(['light', 'dark'] as const)('the catalogue of components in the %s theme', (theme) => {
  let opened: DoublePage;
  const said: string[] = [];

  beforeAll(async () => {
    opened = await openDouble(browser, {
      file: 'catalogue.html',
      hash: '',
      dark: theme === 'dark',
      onConsole: (text) => said.push(text),
    });
    await opened.page.getByRole('heading', { name: 'Components', exact: true }).waitFor();
    await opened.page.screenshot({ path: `${pictures}/${theme}.png`, fullPage: true });
  });
  afterAll(() => opened?.close());

  it('shows every component of renderer/ui', async () => {
    const shown = await opened.page.locator('[data-component]').evaluateAll((all) => all.map((one) => one.ariaLabel));
    expect(shared.length).toBeGreaterThan(10);
    expect(shared.filter((name) => name !== undefined && !shown.includes(name))).toEqual([]);
  });

  it('keeps everything inside its box', async () => {
    const outside = await opened.page.locator('.catalogue-state').evaluateAll((states) =>
      states.flatMap((state) => {
        const box = state.getBoundingClientRect();
        return [...state.querySelectorAll(':not(.m-hidden)')]
          .filter((one) => one.getBoundingClientRect().right > box.right + 1)
          .map((one) => `${state.querySelector('p')?.textContent ?? ''}: ${one.tagName} ${one.textContent}`);
      }),
    );
    expect(outside).toEqual([]);
  });

  it('has nothing that axe complains about', async () => {
    expect(await axeViolations(opened.page)).toEqual([]);
  });

  it('says nothing on the console', () => {
    expect([...opened.problems, ...said]).toEqual([]);
  });
});
