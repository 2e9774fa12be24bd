import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChartsView } from '../../shared/model/statistics/charts';
import type { Metric } from '../../shared/model/statistics/metrics';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MB = 1024 * 1024;

const RELEASES = [
  { suite: 'trixie', net: 156 },
  { suite: 'bookworm', net: 157 },
] as const;

describe.each(releasesToTest('54-charts', RELEASES, 'trixie'))(
  'the figures of a cluster that others set up ($suite)',
  ({ suite, net }) => {
    let known: KnownClusterLab;
    let following: AbortController;

    const view = (): Promise<ChartsView> =>
      known.core.client.statistics.view({
        clusterId: known.clusterId,
        from: Date.now() - 15 * MINUTE,
        to: Date.now(),
        most: 600,
      });
    const latest = async (member: NodeName, metric: Metric): Promise<number | undefined> =>
      (await view()).members.find(({ name }) => name === member)?.latest[metric]?.value;
    const leads = async (name: NodeName): Promise<boolean> =>
      (await known.psql(name, 'select pg_is_in_recovery()').catch(() => '')).trim() === 'f';
    const leader = async (): Promise<NodeName> => {
      for (const name of NODES) if (await leads(name)) return name;
      throw new Error('nobody leads');
    };
    const until = (what: string, check: () => Promise<boolean>): Promise<true> =>
      waitFor<true>(what, MINUTE, async () => ((await check()) ? true : undefined));

    beforeAll(async () => {
      known = await openKnownCluster({ name: `charts-${suite}`, net, nodes: NODES, suite }, MINUTE);
      following = new AbortController();
      const ticks = await known.core.client.statistics.follow(
        { clusterId: known.clusterId },
        { signal: following.signal },
      );
      void (async () => {
        for await (const _tick of ticks) continue;
      })().catch(() => undefined);
      await until('figures of all members', async () =>
        (await view()).members.every(({ status, latest }) => status.kind === 'live' && latest.cpu !== undefined),
      );
    }, 10 * MINUTE);
    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(async () => {
      following?.abort();
      await known?.close();
    }, 3 * MINUTE);

    it(
      'are those that PostgreSQL and the servers tell themselves',
      async () => {
        const name = await leader();
        const disk = (await known.on(name, `df -Pk $(su postgres -c "psql -XAtqc 'show data_directory'") | tail -1`))
          .trim()
          .split(/\s+/);
        const used = Number(disk[2]) / (Number(disk[2]) + Number(disk[3]));
        expect(Math.abs(((await latest(name, 'disk_used')) ?? 9) - used)).toBeLessThan(0.02);
        const memory = await known.on(name, `awk '/^Mem(Total|Available):/ { print $2 }' /proc/meminfo`);
        const [total = 1, available = 0] = memory.trim().split('\n').map(Number);
        expect(Math.abs(((await latest(name, 'memory')) ?? 9) - (1 - available / total))).toBeLessThan(0.1);
        const held = known.on(name, `su postgres -c "psql -XAtqc 'select pg_sleep(25)'"`);
        await until(
          'the sleeping session is counted',
          async () => ((await latest(name, 'connections_active')) ?? 0) >= 1,
        );
        await held;
      },
      2 * MINUTE,
    );

    it(
      'follow the WAL that is written, on the leader and on each replica',
      async () => {
        const name = await leader();
        const before = Number(await known.psql(name, `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')`));
        const began = Date.now();
        const fill =
          'create table if not exists filled as select g, repeat(md5(g::text), 30) t from generate_series(1, 60000) g';
        await known.psql(name, fill);
        const written = Number(await known.psql(name, `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')`)) - before;
        expect(written).toBeGreaterThan(20 * MB);
        const sum = async (member: NodeName): Promise<number> => {
          const { times, lines } = await view();
          const values = lines.find((line) => line.member === member && line.metric === 'wal_rate')?.values ?? [];
          return values.reduce<number>(
            (all, value, index) => ((times[index] ?? 0) * 1000 >= began - 20_000 ? all + (value ?? 0) * 10 : all),
            0,
          );
        };
        for (const member of NODES)
          await until(`${member} has the WAL in its chart`, async () => {
            const seen = await sum(member);
            return seen > written * 0.7 && seen < written * 1.6;
          });
      },
      4 * MINUTE,
    );

    it(
      'show a replica that lags, in bytes as its sender says',
      async () => {
        const name = await leader();
        const replica = NODES.find((one) => one !== name) ?? 'n2';
        const startup = `$(pgrep -f '[p]ostgres:.* startup')`;
        await known.on(replica, `kill -STOP ${startup}`);
        await known.psql(
          name,
          'create table if not exists lagging as select g, repeat(md5(g::text), 30) t from generate_series(1, 30000) g',
        );
        const own =
          'select pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) from pg_stat_replication ' +
          `where application_name = '${replica}'`;
        const compared = async (): Promise<string> => {
          const bytes = Number(await known.psql(name, own));
          const shown = (await latest(replica, 'lag_bytes')) ?? 0;
          return bytes > 5 * MB && Math.abs(shown - bytes) < MB ? 'as it is' : `${bytes} bytes, shown ${shown}`;
        };
        await expect.poll(compared, { timeout: MINUTE }).toBe('as it is');
        await known.on(replica, `kill -CONT ${startup}`);
        await until('it is gone again', async () => ((await latest(replica, 'lag_bytes')) ?? MB) < MB);
      },
      3 * MINUTE,
    );

    it(
      'cost a server less than a hundredth of a core',
      async () => {
        // The shell of the script, what it started and waited for, and the session of its psql.
        const cost = async (): Promise<number> => {
          const backends = await known.psql(
            'n1',
            "select coalesce(string_agg(pid::text, ' '), '') from pg_stat_activity where application_name = 'matriarch'",
          );
          const ticks = await known.on(
            'n1',
            `shell=$(ps -o ppid= -p "$(pgrep -f 'psql -X -q -At -p' | head -n 1)")
           for p in $shell $(pgrep -P $shell) ${backends.trim()}; do
             awk '{ print $14 + $15 + $16 + $17 }' /proc/$p/stat 2>/dev/null
           done | awk '{ s += $1 } END { print s + 0 }'`,
          );
          return Number(ticks) / 100;
        };
        const before = await cost();
        await new Promise((resolve) => void setTimeout(resolve, MINUTE));
        const share = ((await cost()) - before) / 60;
        console.log(`${suite}: the script cost ${(share * 100).toFixed(2)} % of a core of n1`);
        expect(share).toBeGreaterThan(0);
        expect(share).toBeLessThan(0.01);
      },
      3 * MINUTE,
    );

    it(
      'are drawn on the page, and go on over a failover with its event and a gap where PostgreSQL was down',
      async () => {
        const { page } = known.opened;
        await page.goto(`${known.opened.app.origin}/#/cluster/${known.clusterId}/charts`);
        await page.getByRole('figure', { name: 'Processor' }).waitFor();
        const from = await leader();
        await known.opened.lab.crash(from);
        await until('another leads', async () => (await leader().catch(() => from)) !== from);
        await page.getByText('Dashed lines: the leader was lost or changed.').waitFor();
        await until('the new leader writes', async () => ((await latest(await leader(), 'wal_rate')) ?? -1) >= 0);
        await known.opened.lab.uncrash(from);
        expect(known.opened.problems).toEqual([]);
      },
      5 * MINUTE,
    );
  },
);
