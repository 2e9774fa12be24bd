import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const script = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const RULES = "{ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }";
/** Even an empty page passes some rules; with fewer, the page was not there to be looked at. */
const LEAST_PASSED = 10;

interface AxeResult {
  readonly passes: readonly unknown[];
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/**
 * What axe complains about on a page, one line each. The page's own policy forbids scripts from elsewhere, so the test
 * hands axe in past it.
 */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(script, 'utf8'));
  const result = await page.evaluate<AxeResult, undefined>(`axe.run(${RULES})`, undefined);
  if (result.passes.length <= LEAST_PASSED)
    throw new Error(`Only ${result.passes.length} rules found anything to look at on ${page.url()}.`);
  return result.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
  );
}
