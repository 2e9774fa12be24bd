import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { unreadableTexts } from '../support/browser/cut-text';
import { openDemoPage, type DemoPage } from '../support/browser/demo-page';

const WIDTHS = [1000, 1320, 1920] as const;
const HEIGHT = 860;

let started: AppInBrowser;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
});
afterAll(() => started?.close());

/** What is shown, from a page that stands anywhere; ends when it is there. */
type Show = (page: Page) => Promise<void>;

const at = async (page: Page, hash: string): Promise<void> => {
  await page.goto(`${started.app.origin}/${hash}`);
  // What lay above the page before is gone with it.
  await page.reload();
};
const heading =
  (hash: string): Show =>
  async (page) => {
    await at(page, hash);
    await page.getByRole('main').getByRole('heading').first().waitFor();
  };
const cluster = async (page: Page, title: string, tab = ''): Promise<void> => {
  await at(page, `#/cluster/demo-cluster-${title}${tab}`);
  await page.getByTestId('health-sentence').filter({ hasText: /\w/ }).waitFor();
};
const press = async (button: Locator, shows: Locator): Promise<void> => {
  await button.click();
  await shows.waitFor();
};
const states: Readonly<Record<string, Show>> = {
  'the fleet': heading('#/'),
  'a search without a hit': async (page) => {
    await at(page, '#/');
    await page.getByLabel('Search the fleet').fill('nowhere');
    await page.getByText('No cluster matches').waitFor();
  },
  'the palette': async (page) => {
    await heading('#/')(page);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /Type a cluster/ }).waitFor();
  },
  'the palette with words': async (page) => {
    await heading('#/')(page);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /Type a cluster/ }).fill('failover orders');
  },
  'the keyboard shortcuts': async (page) => {
    await at(page, '#/');
    await press(page.getByRole('button', { name: 'Keyboard shortcuts' }), page.getByRole('dialog'));
  },
  'a sick cluster': (page) => cluster(page, 'catalog'),
  'a cluster that is not known': async (page) => {
    await at(page, '#/cluster/nowhere');
    await page.getByRole('alert').first().waitFor();
  },
  'the actions of a cluster': async (page) => {
    await cluster(page, 'reports');
    await press(page.getByRole('button', { name: 'Actions', exact: true }), page.getByRole('menu').first());
  },
  'the actions of a member': async (page) => {
    await cluster(page, 'reports');
    await press(page.getByRole('button', { name: 'Actions for reports-2' }).first(), page.getByRole('menu').first());
  },
  'the faults of the demo': async (page) => {
    await cluster(page, 'reports');
    await press(page.getByRole('button', { name: 'Break something' }), page.getByRole('menu').first());
  },
  'the members that a fault may strike': async (page) => {
    await cluster(page, 'reports');
    await page.getByRole('button', { name: 'Break something' }).click();
    await press(
      page.getByRole('menuitem', { name: 'Crash a member' }),
      page.getByRole('menu', { name: /which member/ }),
    );
  },
  'the services of a member': async (page) => {
    await cluster(page, 'reports');
    await page.getByRole('button', { name: 'Actions for reports-2' }).first().click();
    await press(page.getByRole('menuitem', { name: 'Services and logs' }), page.getByTestId('service-patroni'));
  },
  'the events': (page) => cluster(page, 'reports', '/events'),
  'the timelines': (page) => cluster(page, 'reports', '/events/timelines'),
  'the configuration': (page) => cluster(page, 'reports', '/configuration'),
  'the passwords of a cluster': async (page) => {
    await cluster(page, 'reports', '/configuration');
    await press(
      page.getByRole('button', { name: 'Passwords', exact: true }),
      page.getByRole('checkbox', { name: 'Change the password of app' }),
    );
    await page.getByRole('checkbox', { name: 'Change the password of app' }).check();
  },
  'the logs': (page) => cluster(page, 'reports', '/logs'),
  'the etcd of a cluster': (page) => cluster(page, 'reports', '/etcd'),
  'PostgreSQL of a cluster': (page) => cluster(page, 'reports', '/postgres'),
  'the load balancers': (page) => cluster(page, 'reports', '/balancers'),
  'the servers of a cluster': (page) => cluster(page, 'reports', '/servers'),
  'the settings of a cluster': (page) => cluster(page, 'reports', '/access'),
  'a cluster of Citus': (page) => cluster(page, 'shop-0'),
  'the dialog of a failover': async (page) => {
    await cluster(page, 'reports');
    await page.getByRole('button', { name: 'Actions', exact: true }).click();
    await press(page.getByRole('menuitem', { name: /^Failover/ }), page.getByRole('dialog'));
  },
  'the jobs': async (page) => {
    await at(page, '#/');
    await press(page.getByRole('button', { name: 'Jobs' }), page.getByRole('complementary', { name: 'Jobs' }));
  },
  'the ways to connect': heading('#/connect'),
  'a connection without SSH': heading('#/connect/direct'),
  'the start of a set-up': heading('#/deploy'),
  'the servers': heading('#/servers'),
  'the history': heading('#/history'),
  'the settings': heading('#/settings'),
};

describe.each(['light', 'dark'] as const)('a state of the page (%s theme)', (theme) => {
  let opened: DemoPage;

  beforeAll(async () => {
    opened = await openDemoPage(started, theme);
    opened.page.setDefaultTimeout(10_000);
  });
  afterAll(() => opened?.close());

  it.each(Object.entries(states))('%s can be read, by a screen reader too', async (_name, show) => {
    const { page } = opened;
    await page.setViewportSize({ width: 1320, height: HEIGHT });
    await show(page);
    await page.waitForTimeout(300);
    expect(await axeViolations(page)).toEqual([]);
    // Widths are the same in both themes.
    for (const width of theme === 'light' ? WIDTHS : []) {
      await page.setViewportSize({ width, height: HEIGHT });
      await page.waitForTimeout(150);
      expect(await unreadableTexts(page), `${width} px`).toEqual([]);
    }
  });
});
