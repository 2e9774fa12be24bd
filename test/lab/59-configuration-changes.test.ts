import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorDataOf } from '../../renderer/rpc/errors';
import type { Operation } from '../../shared/model/operate/operation';
import { scopePrefix } from '../../shared/rules/cluster/scope-prefix';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];

/** The key of the configuration, as far as it is compared. */
const configKey = z.object({ maximum_lag_on_failover: z.number(), max_timelines_history: z.number().optional() });

const RELEASES = [
  { suite: 'trixie', net: 180 },
  { suite: 'bookworm', net: 181 },
] as const;

describe.each(releasesToTest('59-configuration-changes', RELEASES, 'trixie'))(
  'the configuration of a cluster that others set up, when it is changed ($suite)',
  ({ suite, net }) => {
    let known: KnownClusterLab;

    /** Does an operation as the page does; answers the code that it ended or was refused with, null where it was done. */
    const runOperation = async (operation: Operation): Promise<string | null> => {
      const { clusterId } = known;
      const { client } = known.core;
      const { fingerprint } = await client.operations.preview({ clusterId, operation });
      try {
        const request = { clusterId, operation, fingerprint, typed: null, requestId: randomUUID() };
        const { id } = await client.operations.start(request);
        const row = await waitFor('the end of the operation', MINUTE, async () => {
          const rows = await client.history.list({ clusterId, limit: 20 });
          return rows.find((one) => one.id === id && one.endedAt !== null);
        });
        return row.error?.code ?? null;
      } catch (thrown) {
        return errorDataOf(thrown).code;
      }
    };

    beforeAll(async () => {
      known = await openKnownCluster({ name: `changes-${suite}`, net, nodes: NODES, suite }, MINUTE);
    }, 10 * MINUTE);
    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(() => known?.close(), 3 * MINUTE);

    const openView = async (name: string): Promise<void> => {
      const { page } = known.opened;
      await page.goto(`${known.opened.app.origin}/#/cluster/${known.clusterId}/configuration`);
      await page.reload();
      await page.getByTestId('setting-ttl').waitFor();
      await page
        .getByRole('group', { name: 'Views of the configuration' })
        .getByRole('button', { name, exact: true })
        .click();
    };
    /** Confirms what is asked on the page, and follows it to its end. */
    const confirmed = async (limitMs: number): Promise<void> => {
      const { page } = known.opened;
      await page.getByTestId('confirm').click();
      await expect.poll(() => page.getByTestId('job-status').innerText(), { timeout: limitMs }).toMatch(/Done/);
      await page.getByRole('button', { name: 'Close the jobs' }).click();
    };
    const leaderName = async (): Promise<NodeName> => {
      const found = await Promise.all(NODES.map((name) => known.psql(name, 'select pg_is_in_recovery()')));
      return NODES[found.findIndex((answer) => answer.trim() === 'f')] ?? 'n1';
    };

    it(
      'is restarted in the order that the page foretells when shared memory grows and when it shrinks, and no replica stops',
      async () => {
        const { page } = known.opened;
        const starts = async (): Promise<readonly (readonly [NodeName, number])[]> =>
          Promise.all(
            NODES.map(
              async (name) =>
                [
                  name,
                  Number(await known.psql(name, 'select extract(epoch from pg_postmaster_start_time())')),
                ] as const,
            ),
          );
        const change = async (values: Readonly<Record<string, string>>): Promise<readonly string[]> => {
          await openView('Form');
          for (const [name, value] of Object.entries(values)) {
            await page.getByRole('searchbox', { name: 'Search the settings' }).fill(name);
            await page.getByRole('textbox', { name, exact: true }).fill(value);
            await page.keyboard.press('Enter');
          }
          await page.getByRole('button', { name: 'Review', exact: true }).click();
          const order = await page.getByText(/one member after the other:/).innerText();
          await page.getByRole('button', { name: 'Apply', exact: true }).click();
          await confirmed(MINUTE);
          return /other: (.*?)\./.exec(order)?.[1]?.split(', then ') ?? [];
        };
        const restart = async (
          foretold: readonly string[],
          values: Readonly<Record<string, string>>,
        ): Promise<void> => {
          const before = new Map(await starts());
          const since = (await known.on('n1', 'date +%s')).trim();
          await page.getByRole('button', { name: 'Rolling restart', exact: true }).click();
          await confirmed(3 * MINUTE);
          const after = await starts();
          for (const [name, at] of after) expect(at, name).toBeGreaterThan(before.get(name) ?? 0);
          const byTime = [...after].sort(([, one], [, other]) => one - other).map(([name]) => name);
          expect(byTime).toEqual(foretold);
          for (const name of NODES) {
            const log = await known.on(
              name,
              `journalctl -u patroni --since @${since} --no-pager; cat /var/log/postgresql/*.log 2>/dev/null || true`,
            );
            expect(log, name).not.toMatch(/insufficient parameter settings|recovery has paused|recovery aborted/);
            const running = await known.psql(
              name,
              'select pg_is_in_recovery(), pg_is_in_recovery() and pg_is_wal_replay_paused()',
            );
            expect(running.trim(), name).toMatch(/^f\|f$|^t\|f$/);
            for (const [parameter, value] of Object.entries(values))
              expect((await known.psql(name, `show ${parameter}`)).trim(), `${parameter} on ${name}`).toBe(value);
          }
          expect(Number(await known.psql(await leaderName(), 'select count(*) from pg_stat_replication'))).toBe(
            NODES.length - 1,
          );
        };
        const leader = await leaderName();
        const grown = { max_connections: '140', max_worker_processes: '12', max_locks_per_transaction: '96' };
        const up = await change(grown);
        expect(up).toHaveLength(NODES.length);
        expect(up.at(-1)).toBe(leader);
        await restart(up, grown);
        const shrunk = { max_connections: '60', max_worker_processes: '6' };
        const down = await change(shrunk);
        expect(down[0]).toBe(leader);
        await restart(down, shrunk);
      },
      10 * MINUTE,
    );

    it(
      'keeps every key of two who write it at once, the app and patronictl, or tells the one who came second',
      async () => {
        let [both, told] = [0, 0];
        for (let round = 0; round < 20; round += 1) {
          const [mine, theirs] = [2_000_000 + round, 10 + round];
          const operation = { kind: 'change_config', patch: { maximum_lag_on_failover: mine } } as const;
          const other = known.opened.lab
            .node('n2')
            .tryExec(`patronictl -c ${known.cluster.config} edit-config -s max_timelines_history=${theirs} --force`);
          await new Promise((resolve) => setTimeout(resolve, (round % 10) * 90));
          const code = await runOperation(operation);
          const { code: exit, stdout, stderr } = await other;
          const now = configKey.parse(
            JSON.parse(
              await known.on(
                'n1',
                'ETCDCTL_API=3 etcdctl --endpoints=http://127.0.0.1:2379 get --print-value-only ' +
                  `${scopePrefix(known.cluster.namespace, known.cluster.scope)}config`,
              ),
            ),
          );
          if (code === null) expect(now.maximum_lag_on_failover, `round ${round}`).toBe(mine);
          else expect(['config.conflict', 'operation.state_changed'], code).toContain(code);
          if (exit === 0) expect(now.max_timelines_history, `round ${round}`).toBe(theirs);
          else expect(stdout + stderr).toMatch(/concurrent changes/);
          if (code === null && exit === 0) both += 1;
          else told += 1;
        }
        expect(both + told).toBe(20);
      },
      5 * MINUTE,
    );

    it(
      'says before it is applied whom a rule of pg_hba locks out, and that comes true',
      async () => {
        const { page } = known.opened;
        const leader = await leaderName();
        const { ip } = known.opened.lab.node(leader);
        const client = NODES.find((name) => name !== leader) ?? 'n3';
        const login = `PGPASSWORD=shop-secret psql -X -h ${ip} -p ${known.cluster.port} -U shop -d postgres`;
        await known.psql(leader, "create role shop login password 'shop-secret'");
        await known.on(client, `nohup sh -c '${login} -c "select pg_sleep(600)"' >/dev/null 2>&1 & sleep 2`);
        expect((await known.psql(leader, "select count(*) from pg_stat_activity where usename = 'shop'")).trim()).toBe(
          '1',
        );
        await known.core.client.configure.settings({ clusterId: known.clusterId, fresh: true });
        await openView('pg_hba');
        const rules = page.getByRole('textbox', { name: /^Rule \d+$/ });
        const count = await rules.count();
        await page.getByRole('button', { name: 'Add a rule' }).click();
        const added = page.getByRole('textbox', { name: `Rule ${count + 1}`, exact: true });
        await added.fill(`host all shop ${known.opened.lab.node(client).ip}/32 reject`);
        for (let place = count; place > 0; place -= 1) {
          await page.getByRole('textbox', { name: `Rule ${place + 1}`, exact: true }).press('Alt+ArrowUp');
          await page
            .getByRole('textbox', { name: `Rule ${place}`, exact: true })
            .and(page.locator(':focus'))
            .waitFor();
        }
        await page.getByRole('button', { name: 'Review', exact: true }).click();
        const foretold = page.getByTestId('lockouts');
        await foretold.getByText(`shop from ${known.opened.lab.node(client).ip}`).waitFor();
        expect(await foretold.innerText()).toMatch(/Rule 1: host all shop/);
        expect(await foretold.innerText()).not.toMatch(/replicator|rewind|Patroni/);
        await page.getByRole('button', { name: 'Apply', exact: true }).click();
        await confirmed(MINUTE);
        await waitFor('the rule is in force', MINUTE, async () => {
          const { code, stderr } = await known.opened.lab.node(client).tryExec(`${login} -c 'select 1'`);
          return code !== 0 && /pg_hba.conf rejects/.test(stderr) ? true : undefined;
        });
        expect(Number(await known.psql(leader, 'select count(*) from pg_stat_replication'))).toBe(NODES.length - 1);
      },
      4 * MINUTE,
    );
  },
);
