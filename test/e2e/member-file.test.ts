import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoCluster, openDemoPage, waitForText } from '../support/browser/demo-page';

let started: AppInBrowser;
let page: Page;

const FOLLOW_MS = 60_000;
const view = (on: Page, name: string) =>
  on.getByRole('group', { name: 'Views of the configuration' }).getByRole('button', { name, exact: true }).click();
const openFile = async (on: Page, member: string) => {
  await openDemoCluster(on, 'reports');
  await on.getByRole('link', { name: 'Configuration', exact: true }).click();
  await view(on, 'patroni.yml');
  await on.getByRole('group', { name: 'Members' }).getByRole('button', { name: member }).click();
  await on.getByRole('checkbox', { name: /noloadbalance/ }).waitFor();
};
const editor = () => page.getByRole('textbox', { name: /patroni\.yml of/ });
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const confirm = async (end: RegExp) => {
  await page.getByTestId('confirm').click();
  await waitForText(page.getByTestId('job-status'), end, FOLLOW_MS);
  await press('Close the jobs');
};

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
  ({ page } = await openDemoPage(started));
  await openFile(page, 'reports-3');
});
afterAll(() => started?.close());

describe("a member's own patroni.yml", () => {
  it('is on the page with its secrets masked, and with what Patroni makes of it', async () => {
    await waitForText(editor(), /scope: reports/);
    const text = (await page.getByRole('main').textContent()) ?? '';
    expect(text).toMatch(/password: ••••••[0-9a-f]{8}/);
    expect(text).not.toContain('only-simulated');
  });

  it('a tag is a switch by the keyboard too; what follows is foretold, and it is seen in the answers of the member', async () => {
    await page.getByRole('checkbox', { name: /nofailover/ }).focus();
    await page.keyboard.press('Space');
    await waitForText(editor(), /tags:.*nofailover: true/);
    await press('Review and apply');
    await waitForText(page.getByRole('dialog'), /reports-3 may not take over any more/);
    await waitForText(page.getByRole('dialog'), /\+ {2}nofailover: true|\+ tags:/);
    expect(await axeViolations(page)).toEqual([]);
    await confirm(/Done/);
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await waitForText(page.getByTestId('member-reports-3'), /nofailover/);
  });

  it('what Patroni refuses is said, and the file stays as it was', async () => {
    await openFile(page, 'reports-3');
    await editor().click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(
      'scope: reports\nname: reports-3\nnamespace: /service/\ntags:\n  nofailover: true\n',
    );
    await press('Review and apply');
    await confirm(/Refused/);
    await press('Discard');
    await waitForText(editor(), /data_dir/);
  });

  it('a text that is wrong by itself cannot be applied, and says why', async () => {
    await editor().click();
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText('scope: other\n');
    await waitForText(page.getByRole('list', { name: 'Remarks on the YAML' }), /scope stands here for a second time/);
    const apply = page.getByRole('button', { name: 'Review and apply' });
    expect(await apply.getAttribute('aria-disabled')).toBe('true');
    await press('Discard');
  });

  it('the former text is put back', async () => {
    await press('Put back the former text');
    await confirm(/Done/);
    await expect.poll(async () => page.getByRole('checkbox', { name: /nofailover/ }).isChecked()).toBe(false);
  });

  it.each(['light', 'dark'] as const)('axe finds nothing wrong with it in the %s theme', async (theme) => {
    const other = await openDemoPage(started, theme);
    await openFile(other.page, 'reports-2');
    await other.page.getByText('As it reads by').click();
    await other.page.waitForTimeout(300);
    expect(await axeViolations(other.page)).toEqual([]);
    expect(other.problems).toEqual([]);
    await other.close();
  });
});
