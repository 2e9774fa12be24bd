import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { shownLeader, memberRow, openDemoCluster, openDemoPage, waitForText } from '../support/browser/demo-page';

let started: AppInBrowser;
let page: Page;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
  ({ page } = await openDemoPage(started));
});
afterAll(() => started?.close());

const ELECTION_MS = 75_000;

async function breakIt(fault: string, member: string | null): Promise<void> {
  await page.getByRole('button', { name: 'Break something' }).click();
  await page.getByRole('menuitem', { name: fault }).click();
  if (member === null) return;
  await page
    .getByRole('menu', { name: `${fault}: which member` })
    .getByRole('menuitem', { name: member })
    .click();
}

async function repair(): Promise<void> {
  await page.getByRole('button', { name: 'Break something' }).click();
  await page.getByRole('menuitem', { name: 'Repair everything' }).click();
}

describe('problems of a cluster', () => {
  it('the crash of a leader is shown with the time without a primary, and then the new leader', async () => {
    await openDemoCluster(page, 'orders');
    const before = await shownLeader(page);
    await breakIt('Crash a member', before);
    await waitForText(page.getByRole('main').getByRole('timer'), /no primary is seen|No primary/, 30_000);
    await expect
      .poll(
        () =>
          page
            .getByTestId('leader')
            .textContent({ timeout: 500 })
            .catch(() => before),
        { timeout: ELECTION_MS },
      )
      .not.toBe(before);
    await waitForText(page.getByRole('region', { name: 'Recent events' }), /without a primary/, ELECTION_MS);
  });

  it('a replica that only seems healthy is named in the findings', async () => {
    await openDemoCluster(page, 'reports');
    await breakIt('A replica that only looks healthy', 'reports-4');
    await waitForText(memberRow(page, 'reports-4'), /Not streaming|Old timeline/, 60_000);
  });

  it('a Patroni that is down has its log on the finding, and is started from the menu of its row', async () => {
    await repair();
    await openDemoCluster(page, 'reports');
    await breakIt('Crash a member', 'reports-5');
    await waitForText(memberRow(page, 'reports-5'), /Patroni down/, 60_000);
    const finding = page
      .getByRole('region', { name: 'Findings' })
      .getByRole('listitem')
      .filter({ hasText: 'reports-5' });
    await finding.getByRole('button', { name: 'Show the log of Patroni' }).click();
    await waitForText(page.getByRole('region', { name: 'Log of Patroni on reports-5' }), /INFO|WARNING/);
    await page.getByRole('button', { name: 'Actions for reports-5' }).first().click();
    await page.getByRole('menuitem', { name: 'Services and logs' }).click();
    await waitForText(page.getByTestId('service-patroni'), /Stopped/);
    expect(await page.getByRole('button', { name: 'Stop PostgreSQL' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Start Patroni', exact: true }).click();
    await page.getByTestId('confirm').click();
    await waitForText(page.getByTestId('job-status'), /Done/, 60_000);
    await page.getByRole('button', { name: 'Close the jobs' }).click();
    await waitForText(memberRow(page, 'reports-5'), /Healthy/, 60_000);
  });

  it.each([
    {
      what: 'a slot that retains WAL',
      fault: 'A forgotten slot',
      member: null,
      text: 'cdc_orders',
      tab: 'PostgreSQL',
      shown: (on: Page) => on.getByRole('row').filter({ hasText: 'cdc_orders' }),
    },
    {
      what: 'a slow member of etcd',
      fault: 'A slow member of etcd',
      member: 'billing-2',
      text: 'etcd on billing-2 is slow',
      tab: 'etcd',
      shown: (on: Page) => on.getByRole('row').filter({ hasText: 'billing-2' }).first(),
    },
    {
      what: 'a load balancer that sees nobody',
      fault: 'A load balancer that sees nobody',
      member: 'billing-2',
      text: 'Nobody gets through port 5000 of HAProxy on billing-2',
      tab: 'Load balancers',
      shown: (on: Page) => on.getByRole('region', { name: 'HAProxy on billing-2' }),
    },
  ])('$what is a finding without its tab being opened, and leads there', async (one) => {
    await openDemoCluster(page, 'billing');
    await breakIt(one.fault, one.member);
    const findings = page.getByRole('region', { name: 'Findings' });
    const finding = findings.getByRole('listitem').filter({ hasText: one.text });
    await waitForText(finding, /As of \d+ s ago/, 90_000);
    await finding.getByRole('link', { name: `Show under ${one.tab}` }).click();
    await one.shown(page).waitFor();
    await repair();
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await finding.waitFor({ state: 'detached', timeout: 90_000 });
  });

  it('a lost etcd quorum is reported, old values are marked, and no action is offered', async () => {
    await openDemoCluster(page, 'billing');
    await breakIt('etcd without quorum', null);
    await waitForText(page.getByRole('main'), /etcd has no quorum/, 60_000);
    await expect
      .poll(() => page.getByRole('button', { name: 'Switchover', exact: true }).isDisabled(), { timeout: 30_000 })
      .toBe(true);
    for (const name of ['billing-2', 'billing-3'])
      expect(
        await memberRow(page, name)
          .getByRole('button', { name: /^(Switch|Fail) over to this member/ })
          .isDisabled(),
      ).toBe(true);
    await page.getByRole('button', { name: 'Actions for billing-2' }).click();
    const restart = page.getByRole('menuitem', { name: /Restart PostgreSQL/ });
    expect(await restart.getAttribute('aria-disabled')).toBe('true');
    expect(await restart.textContent()).toMatch(/quorum/);
    await page.keyboard.press('Escape');
    await waitForText(page.getByRole('region', { name: 'DCS' }), /No quorum/);
    await repair();
    await waitForText(page.getByTestId('health-sentence'), /leads/, 60_000);
  });
});
