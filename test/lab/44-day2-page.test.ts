import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import type { TestConnection } from '../support/app/app';
import { labSpec } from './support/deploy-lab';
import { addServers } from './support/known-cluster';
import type { Lab, NodeName } from './support/lab';
import { openPageLab, type PageLab } from './support/page-lab';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const roles = ['etcd', 'postgres', 'haproxy'] as const;
const listed = z.array(z.object({ Member: z.string(), State: z.string() }));

describe('a cluster that grows and shrinks from its page', () => {
  let opened: PageLab;
  let lab: Lab;
  let core: TestConnection;
  let page: Page;

  beforeAll(async () => {
    opened = await openPageLab(
      { name: 'day2page', net: 37, nodes: NODES, suite: 'trixie', image: 'stack' },
      { patienceMs: 2 * MINUTE },
    );
    ({ lab, page } = opened);
    await trustNodes();
    core = await opened.app.connect();
  }, 15 * MINUTE);

  afterEach(({ task }) => opened.pictureOf(task));
  afterAll(async () => {
    core?.close();
    await opened?.close();
  }, 3 * MINUTE);

  /** The user knows these servers already: their host keys are where OpenSSH keeps them. */
  const trustNodes = async (): Promise<void> => {
    const { stdout } = await promisify(execFile)(
      'ssh-keyscan',
      NODES.map((name) => lab.node(name).ip),
    );
    await mkdir(join(opened.directory, '.ssh'), { recursive: true });
    await writeFile(join(opened.directory, '.ssh', 'known_hosts'), stdout);
  };
  /** The members and their states, as Patroni reports them. */
  const members = async (): Promise<Readonly<Record<string, string>>> => {
    const rows = listed.parse(
      JSON.parse(await lab.node('n1').exec('patronictl -c /etc/patroni/config.yml list -f json')),
    );
    return Object.fromEntries(rows.map((row) => [row.Member, row.State]));
  };
  const end = async (): Promise<string> => {
    const status = page.getByTestId('run-status');
    await status.getByText(/^(Done|Failed|Stopped|Interrupted)$/).waitFor({ timeout: 12 * MINUTE });
    return status.innerText();
  };

  it(
    'is deployed with two members',
    async () => {
      const { client } = core;
      await client.vault.useSession();
      const servers = await addServers(lab, client, NODES);
      const spec = labSpec({
        scope: 'grow',
        patroni: { ttl: 20, loopWait: 2, retryTimeout: 5 },
        servers: servers.slice(0, 2).map(({ id, name, host }, index) => ({
          name,
          ssh: { server: id },
          address: host,
          roles: index === 0 ? [...roles, 'pgbouncer'] : ['postgres', 'haproxy'],
        })),
      });
      const plan = await client.deploy.plan({ spec });
      const { runId } = await client.deploy.apply({ spec, fingerprint: plan.fingerprint, requestId: randomUUID() });
      await waitFor('the set-up is over', 12 * MINUTE, async () => {
        const run = (await client.deploy.runs.list()).find((one) => one.id === runId);
        if (run?.status === 'failed') throw new Error(run.error?.message ?? 'failed');
        return run?.status === 'done';
      });
      expect(Object.keys(await members()).sort()).toEqual(['n1', 'n2']);
    },
    15 * MINUTE,
  );

  it(
    'gets a replica that was reviewed and added on the page, and Patroni lists it',
    async () => {
      const [cluster] = await core.client.clusters.list();
      await page.goto(`${opened.app.origin}/#/cluster/${cluster?.id ?? ''}/servers`);
      await page.getByTestId('server-n2').waitFor();
      await page.getByRole('button', { name: 'Add a server' }).click();
      await page.getByLabel('Server', { exact: true }).selectOption({ label: `n3 (root@${lab.node('n3').ip})` });
      await page.getByLabel('Member name').waitFor();
      expect(await page.getByLabel('Address for other servers').inputValue()).toBe(lab.node('n3').ip);
      await page.getByRole('button', { name: 'Review the changes' }).click();
      await page.getByRole('tab', { name: /^n3/ }).click();
      await page.getByText('/etc/patroni/config.yml', { exact: true }).click();
      expect(await page.getByLabel('Difference of /etc/patroni/config.yml').innerText()).toContain('name: n3');
      expect(Object.keys(await members()).sort(), 'nothing was done yet').toEqual(['n1', 'n2']);
      await page.getByTestId('confirm').click();
      expect(await end()).toBe('Done');
      await waitFor('n3 streams', 2 * MINUTE, async () => (await members())['n3'] === 'streaming');
      await page.getByRole('button', { name: 'Open the cluster' }).click();
      await page.getByTestId('server-n3').getByText('Healthy').waitFor();
    },
    20 * MINUTE,
  );

  /** What HAProxy on a server says of another one in its section for writes, asked at its socket by other means. */
  const statusAt = async (on: NodeName, member: string): Promise<string> => {
    const ask =
      'use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Peer => "/run/haproxy/admin.sock") or die; ' +
      'print $s "show stat\\n"; $s->flush; print while <$s>';
    const csv = await lab.node(on).exec(`perl -e '${ask}'`);
    const row = csv.split('\n').find((line) => line.startsWith(`primary,${member},`));
    return row?.split(',')[17] ?? '';
  };
  const leader = async (): Promise<string> =>
    (await lab.node('n1').exec('patronictl -c /etc/patroni/config.yml list -f tsv'))
      .split('\n')
      .find((line) => line.includes('\tLeader\t'))
      ?.split('\t')[1] ?? '';

  const poolerVersion = async (): Promise<string> =>
    /PgBouncer ([\d.]+)/.exec(await lab.node('n1').exec('pgbouncer --version'))?.[1] ?? 'none';

  it(
    'shows what HAProxy and PgBouncer see, and says when one of them does not run',
    async () => {
      const [cluster] = await core.client.clusters.list();
      await page.goto(`${opened.app.origin}/#/cluster/${cluster?.id ?? ''}/balancers`);
      const table = page.getByRole('table', { name: 'primary, port 5000 of HAProxy on n1' });
      const rowOf = (member: string): Promise<string> =>
        table.getByRole('row').filter({ hasText: member }).innerText({ timeout: MINUTE });
      const now = await leader();
      const other = now === 'n1' ? 'n2' : 'n1';
      expect([await statusAt('n1', now), await statusAt('n1', other)]).toEqual(['UP', 'DOWN']);
      expect(await rowOf(now)).toMatch(/Up for[\s\S]*L7OK\/200[\s\S]*200/);
      expect(await rowOf(other)).toMatch(/Down for[\s\S]*L7STS\/503[\s\S]*503/);
      const pooler = page.getByRole('region', { name: 'PgBouncer on n1' });
      await pooler.getByRole('table', { name: 'Pools of PgBouncer on n1' }).waitFor();
      expect(await pooler.innerText()).toContain(`${await poolerVersion()}, port 6432`);
      expect(await page.getByText(/does not run/).count(), 'PgBouncer is installed on n2 and not wanted there').toBe(0);
      await lab.node('n2').exec('systemctl stop haproxy');
      await page.getByText('HAProxy is installed on n2 but does not run.').waitFor({ timeout: MINUTE });
      await lab.node('n2').exec('systemctl start haproxy');
      await page
        .getByText('HAProxy is installed on n2 but does not run.')
        .waitFor({ state: 'hidden', timeout: MINUTE });
      await page.goto(`${opened.app.origin}/#/cluster/${cluster?.id ?? ''}/servers`);
      await page.getByTestId('server-n3').waitFor();
    },
    5 * MINUTE,
  );

  it(
    'does not let the leader be removed',
    async () => {
      await page.getByRole('button', { name: 'Change n1' }).click();
      await page.getByRole('menuitem', { name: /^Remove from the cluster/ }).click();
      await page.getByRole('button', { name: 'Review the changes' }).click();
      await page.getByRole('alert').getByText('n1 leads the cluster. Switch over to another member first.').waitFor();
      expect(await page.getByTestId('confirm').isDisabled()).toBe(true);
      await page.getByRole('button', { name: 'Cancel' }).click();
    },
    5 * MINUTE,
  );

  it(
    'loses a replica removed on the page once its name is typed, and Patroni no longer lists it',
    async () => {
      await page.getByRole('button', { name: 'Change n3' }).click();
      await page.getByRole('menuitem', { name: 'Remove from the cluster' }).click();
      await page.getByRole('button', { name: 'Review the changes' }).click();
      await page.getByLabel('Type n3 to confirm').fill('n3');
      await page.getByTestId('confirm').click();
      expect(await end()).toBe('Done');
      await waitFor('n3 is no member', 2 * MINUTE, async () => !Object.keys(await members()).includes('n3'));
      expect(await lab.node('n3').exec('systemctl is-active patroni.service || true')).toBe('inactive\n');
      expect(await lab.node('n3').exec('cat /var/lib/postgresql/17/main/PG_VERSION')).toBe('17\n');
      expect(opened.problems).toEqual([]);
    },
    15 * MINUTE,
  );
});
