import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { startApp, type TestApp } from '../support/app/app';
import { axeViolations } from '../support/browser/axe';
import { launchChromium } from '../support/browser/browser';

/** Nobody listens on port 1: the servers are known, and looking at them fails at once. */
const NOBODY = ['root@127.0.0.1:1', 'root@127.0.0.2:1', 'root@127.0.0.3:1'];

describe('the form of a set-up', () => {
  let directory: string;
  let browser: Browser;
  let app: TestApp;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'matriarch-deploy-'));
    [app, browser] = await Promise.all([startApp({ dataDirectory: join(directory, 'data') }), launchChromium()]);
  });
  afterAll(async () => {
    await browser.close();
    await app.close();
    await rm(directory, { recursive: true, force: true });
  });

  const open = async (colorScheme: 'light' | 'dark' = 'light'): Promise<Page> => {
    const { page } = await app.openPage(browser, { colorScheme });
    page.setDefaultTimeout(20_000);
    await page.getByRole('link', { name: 'Set up a cluster' }).first().click();
    await page.getByRole('button', { name: 'Start a new set-up' }).waitFor();
    return page;
  };
  const begin = async (colorScheme: 'light' | 'dark' = 'light'): Promise<Page> => {
    const page = await open(colorScheme);
    await page.getByRole('button', { name: 'Start a new set-up' }).click();
    await page.getByRole('heading', { name: 'Servers', level: 2, exact: true }).waitFor();
    return page;
  };
  const addServers = async (page: Page): Promise<void> => {
    await page.getByLabel('New servers, one per line').fill(NOBODY.join('\n'));
    await page.getByRole('button', { name: 'Add 3 servers and inspect' }).click();
    for (const [index, name] of ['db1', 'db2', 'db3'].entries()) {
      await page.getByLabel(`Address of ${name}`).fill(`10.99.0.1${index + 1}`);
    }
  };
  const goOn = async (page: Page, title: string): Promise<void> => {
    await page.getByRole('button', { name: /^Continue to/ }).click();
    await page.getByRole('heading', { name: title, level: 2, exact: true }).waitFor();
  };
  /** A new set-up whose servers and roles are as the form proposes them, at its settings. */
  const beginSettings = async (): Promise<Page> => {
    const page = await begin();
    await addServers(page);
    for (const step of ['Roles', 'Sources and versions', 'Settings']) await goOn(page, step);
    return page;
  };
  const saved = (page: Page) => page.getByText(/saved\. You can close the app/).waitFor();

  it('the form names a server line it cannot read, and why a server does not answer', async () => {
    const page = await begin();
    await page.getByLabel('New servers, one per line').fill('root@10.0.0.1\nroot@@x');
    await page.getByRole('button', { name: /^Add.*inspect$/ }).click();
    await page.getByText('Line 2: "root@@x" is not an SSH address').waitFor();
    await addServers(page);
    await page
      .getByText(/refused|does not answer|could not be reached|cannot be reached/i)
      .first()
      .waitFor();
    await page.context().close();
  });

  it('a draft survives closing the app, without passwords', async () => {
    const page = await begin();
    await addServers(page);
    await page.getByLabel('Name of server 1').fill('alpha');
    await page.getByRole('button', { name: 'Add servers' }).click();
    await page.getByLabel('New servers, one per line').fill('admin@10.99.0.14');
    await page.getByLabel('Log in with').selectOption({ label: 'Password' });
    await page.getByLabel('Password (optional)').fill('typed-but-never-kept');
    await goOn(page, 'Roles');
    await page.getByRole('button', { name: 'PgBouncer on alpha' }).click();
    await goOn(page, 'Sources and versions');
    await page.getByText('Through this workstation').click();
    await goOn(page, 'Settings');
    await page.getByLabel('Cluster name (scope)').fill('ledger');
    await page.getByText('Patient', { exact: true }).click();
    await saved(page);
    await page.context().close();
    await app.close();
    expect(await readFile(join(directory, 'data', 'deploy', 'drafts.json'), 'utf8')).not.toContain(
      'typed-but-never-kept',
    );

    app = await startApp({ dataDirectory: join(directory, 'data') });
    const again = await open();
    await again.getByRole('link', { name: /^ledger on alpha, db2, db3/ }).click();
    await again.getByRole('heading', { name: 'Settings', level: 2, exact: true }).waitFor();
    expect(await again.getByLabel('Cluster name (scope)').inputValue()).toBe('ledger');
    expect(await again.getByRole('radio', { name: /^Patient/ }).isChecked()).toBe(true);
    await again.getByRole('link', { name: /^Sources and versions/ }).click();
    expect(await again.getByRole('radio', { name: /^Through this workstation/ }).isChecked()).toBe(true);
    await again.getByRole('link', { name: /^Roles/ }).click();
    expect(await again.getByRole('button', { name: 'PgBouncer on alpha' }).getAttribute('aria-pressed')).toBe('false');
    await again.getByRole('link', { name: /^Servers \(/ }).click();
    expect(await again.getByLabel('Address of alpha').inputValue()).toBe('10.99.0.11');
    await again.getByRole('button', { name: 'Add servers' }).click();
    expect(await again.getByLabel('New servers, one per line').inputValue()).toBe('admin@10.99.0.14');
    await again.context().close();
  });

  it('an even number of etcd members is explained and blocks the next step', async () => {
    const page = await begin();
    await addServers(page);
    await goOn(page, 'Roles');
    await page.getByText('3 etcd members: the cluster keeps running if one of them fails.').waitFor();
    await page.getByRole('button', { name: 'etcd on db3' }).click();
    await page.getByText('2 etcd members tolerate the loss of 0, the same as 1.').waitFor();
    await page.getByRole('button', { name: /^Continue to/ }).press('Enter');
    await page.getByRole('heading', { name: 'Roles', level: 2, exact: true }).waitFor();
    await page.getByRole('button', { name: 'etcd on db3' }).click();
    await goOn(page, 'Sources and versions');
    await page.context().close();
  });

  it('the tags of members are chosen with the roles and written to the cluster file', async () => {
    const page = await begin();
    await addServers(page);
    await goOn(page, 'Roles');
    await page.getByText('Restrict what members do (tags)').click();
    await page.getByRole('checkbox', { name: 'Never leads: db3' }).check();
    await page.getByLabel('db3 streams from').selectOption('db2');
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('link', { name: /^Servers \(/ }).click();
    await page.getByLabel('Name of server 2').fill('beta');
    await goOn(page, 'Roles');
    await page.getByRole('link', { name: /^Review/ }).click();
    await page.getByRole('button', { name: 'Show the file' }).click();
    expect(await page.getByLabel('Content of the cluster file').innerText()).toMatch(
      /tags:\s+nofailover: true\s+replicatefrom: beta/,
    );
    await page.context().close();
  });

  it('an unsafe package source is reported at its field', async () => {
    const page = await begin();
    await addServers(page);
    await goOn(page, 'Roles');
    await goOn(page, 'Sources and versions');
    await page.getByRole('button', { name: 'Add a mirror' }).click();
    await page.getByLabel('URL', { exact: true }).fill('https://me:secret@mirror.example.net/debian');
    await page.getByText('This address holds a user or a password.').first().waitFor();
    await page.getByLabel('URL', { exact: true }).fill('https://mirror.example.net/debian');
    await page
      .getByText(/has no key: anybody on the way could change its packages/)
      .first()
      .waitFor();
    await page.getByLabel('URL of the signing key').fill('https://mirror.example.net/key.asc');
    await page.getByText('A release archive', { exact: true }).click();
    await page.getByLabel('URL of the archive').fill('https://mirror.example.net/etcd-v3.5.21-linux-amd64.tar.gz');
    await page.getByLabel('SHA-256 of the archive').fill('abc');
    await page
      .getByText(/A SHA-256 has 64 hexadecimal digits/)
      .first()
      .waitFor();
    await page.getByLabel('SHA-256 of the archive').fill('AB'.repeat(32));
    await page.getByText('pip in a virtual environment', { exact: true }).click();
    await page.getByLabel('Version', { exact: true }).fill('4.0.5');
    await page.getByLabel('Directory of wheels on this workstation').fill('wheels');
    await page.getByText('The directory of wheels is not named by its whole path.').first().waitFor();
    await page.getByLabel('Directory of wheels on this workstation').fill('/srv/wheels');
    await goOn(page, 'Settings');
    await page.getByLabel('Cluster name (scope)').fill('ledger');
    await saved(page);
    const drafts = await readFile(join(directory, 'data', 'deploy', 'drafts.json'), 'utf8');
    for (const kept of ['https://mirror.example.net/key.asc', 'ab'.repeat(32), '/srv/wheels'])
      expect(drafts).toContain(kept);
    await page.context().close();
  });

  it('clashing ports and wrong timings are reported at their field and block the installation', async () => {
    const page = await beginSettings();
    await page.getByText('Timings').click();
    await page.getByLabel('loop_wait, seconds').fill('25');
    await page
      .getByText(/loop_wait \+ 2 × retry_timeout is 45 s/)
      .first()
      .waitFor();
    await page.getByText('Normal', { exact: true }).click();
    await page.getByText('Ports', { exact: true }).click();
    await page.getByLabel('PgBouncer', { exact: true }).fill('5432');
    await page
      .getByText(/would both use port 5432/)
      .first()
      .waitFor();
    await page.getByRole('link', { name: /^Review/ }).click();
    await page.getByText('correct the errors first').waitFor();
    expect(await page.getByRole('button', { name: /^Install on/ }).count()).toBe(0);
    await page.context().close();
  });

  it('slots and replica creation methods are entered line by line, with errors at their field', async () => {
    const page = await beginSettings();
    await page.getByText('Slots and new replicas', { exact: true }).click();
    const slots = page.getByLabel('Permanent replication slots');
    await slots.fill('reporting\norders shop');
    await page.getByText('The logical slot orders needs a database and a plugin.').first().waitFor();
    await slots.fill('reporting\norders shop pgoutput');
    await page.getByText('The logical slot orders needs the parameter wal_level at logical.').first().waitFor();
    await slots.fill('reporting');
    await page.getByLabel('Options of pg_basebackup').fill('checkpoint=fast\nmax-rate=100M');
    await page.getByLabel('Other replica creation methods').fill('from_backup\nbasebackup');
    await page.getByText('The method from_backup has no command.').first().waitFor();
    await page.getByLabel('Other replica creation methods').fill('from_backup: /usr/local/bin/restore\nbasebackup');
    await saved(page);
    expect(await axeViolations(page)).toEqual([]);
    const drafts = await readFile(join(directory, 'data', 'deploy', 'drafts.json'), 'utf8');
    for (const kept of ['"reporting":{"type":"physical"}', '"max-rate":"100M"', '"command":"/usr/local/bin/restore"'])
      expect(drafts).toContain(kept);
    await page.context().close();
  });

  it('a virtual address that no server can hold is reported at its field', async () => {
    const page = await beginSettings();
    await page.getByText('Virtual address', { exact: true }).click();
    await page.getByRole('checkbox', { name: /^One address for applications/ }).check();
    await page.getByText('The virtual address is not given yet.').first().waitFor();
    await page.getByLabel('Address', { exact: true }).fill('127.0.0.9');
    await page.getByText('127.0.0.9 cannot be the virtual address.').first().waitFor();
    await page.getByLabel('Address', { exact: true }).fill('10.98.0.100');
    await page
      .getByText(/is not in the network of db1 \(10\.99\.0\.11\)/)
      .first()
      .waitFor();
    await page.getByLabel('Address', { exact: true }).fill('10.99.0.12');
    await page
      .getByText(/is db2's own address/)
      .first()
      .waitFor();
    await page.getByLabel('Address', { exact: true }).fill('10.99.0.100');
    await page.getByRole('radio', { name: /^The primary \(vip-manager\)/ }).check();
    await page.getByLabel('Router id').waitFor({ state: 'detached' });
    await saved(page);
    expect(await axeViolations(page)).toEqual([]);
    const drafts = await readFile(join(directory, 'data', 'deploy', 'drafts.json'), 'utf8');
    for (const kept of ['"address":"10.99.0.100"', '"follows":"primary"', '"manager":"vip-manager"'])
      expect(drafts).toContain(kept);
    await page.context().close();
  });

  it('a cluster file fills in the form, and a wrong one says where it is wrong', async () => {
    const page = await open();
    const bad = join(directory, 'bad.yml');
    await writeFile(
      bad,
      'version: 1\nscope: ledger\nservers:\n  - name: a\n    address: 10.99.0.11\n    roles: [etcd, mysql]\n' +
        '    ssh: { host: 10.99.0.11 }\n',
    );
    await page.locator('input[type=file]').setInputFiles(bad);
    await page.getByText('servers.0.roles.1').first().waitFor();
    const good = join(directory, 'good.yml');
    await writeFile(
      good,
      'version: 1\nscope: from-file\nservers:\n  - name: solo\n    address: 10.99.0.11\n' +
        '    roles: [etcd, postgres]\n    ssh: { host: 127.0.0.1, port: 1, user: root }\n',
    );
    await page.locator('input[type=file]').setInputFiles(good);
    await page.getByRole('heading', { name: 'Review', level: 2, exact: true }).waitFor();
    await page.getByRole('button', { name: 'Show the file' }).click();
    const text = await page.getByLabel('Content of the cluster file').innerText();
    expect(text).toContain('scope: from-file');
    expect(text).toContain('host: 127.0.0.1');
    const other = join(directory, 'other.yml');
    await writeFile(
      other,
      'version: 1\nscope: another\nservers:\n  - name: solo\n    address: 10.99.0.11\n' +
        '    roles: [etcd, postgres]\n    ssh: { host: 127.0.0.1, port: 1, user: root }\n',
    );
    await page.locator('input[type=file]').setInputFiles(other);
    const changes = page.getByLabel('Changes from the file');
    await changes.waitFor();
    expect(await changes.locator('.d-diff-removed').innerText()).toContain('scope: from-file');
    expect(await changes.locator('.d-diff-added').innerText()).toContain('scope: another');
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)(
    'no step of the set-up has accessibility violations (%s)',
    async (colorScheme) => {
      const page = await begin(colorScheme);
      await addServers(page);
      expect(await axeViolations(page), 'Servers').toEqual([]);
      for (const step of ['Roles', 'Sources and versions', 'Settings', 'Review']) {
        await goOn(page, step);
        await page.evaluate(() => {
          document.querySelectorAll('details').forEach((each) => {
            each.open = true;
          });
        });
        await page.waitForTimeout(500);
        expect(await axeViolations(page), step).toEqual([]);
      }
      await page.goto(`${app.origin}/#/deploy`);
      await page.getByText('Drafts').waitFor();
      expect(await axeViolations(page), 'start').toEqual([]);
      await page.context().close();
    },
  );

  it('a draft is removed only after a question, and comes back by Undo', async () => {
    const page = await open();
    const rows = page.getByRole('button', { name: /^Remove the draft/ });
    await rows.first().waitFor();
    const before = await rows.count();
    await rows.first().click();
    const question = page.getByRole('dialog');
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    expect(await rows.count()).toBe(before);
    await rows.first().click();
    await question.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect.poll(() => rows.count()).toBe(before - 1);
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await expect.poll(() => rows.count()).toBe(before);
    await page.context().close();
  });

  it('the set-up can be filled in with the keyboard alone', async () => {
    const { page } = await app.openPage(browser);
    page.setDefaultTimeout(20_000);
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    await press(page, 'Set up a cluster');
    await page.getByRole('button', { name: 'Start a new set-up' }).waitFor();
    await press(page, 'Start a new set-up');
    await page.getByRole('heading', { name: 'Servers', level: 2, exact: true }).waitFor();
    await tabTo(page, 'New servers, one per line');
    await page.keyboard.type('root@10.99.0.21\nroot@10.99.0.22\nroot@10.99.0.23');
    await press(page, 'Add 3 servers and inspect');
    await page.getByLabel('Address of db3').waitFor();
    await press(page, 'Continue to roles');
    await page.getByRole('heading', { name: 'Roles', level: 2, exact: true }).waitFor();
    await press(page, 'HAProxy on db2', 'Space');
    expect(await page.getByRole('button', { name: 'HAProxy on db2' }).getAttribute('aria-pressed')).toBe('false');
    await press(page, 'Continue to sources and versions');
    await page.getByRole('heading', { name: 'Sources and versions', level: 2, exact: true }).waitFor();
    await press(page, 'Continue to settings');
    await page.getByRole('heading', { name: 'Settings', level: 2, exact: true }).waitFor();
    await page.context().close();
  });
});

const MOST_TABS = 150;

/** Presses Tab until the element with this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
    const here = await page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement)) return '';
      const label =
        element instanceof HTMLInputElement ||
        element instanceof HTMLTextAreaElement ||
        element instanceof HTMLSelectElement
          ? element.labels?.[0]?.textContent
          : undefined;
      return (element.getAttribute('aria-label') ?? label ?? element.textContent ?? '').trim();
    });
    if (here === name) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never came to "${name}".`);
}

async function press(page: Page, name: string, key: 'Enter' | 'Space' = 'Enter'): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press(key);
}
