import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Metric } from '../../shared/model/statistics/metrics';
import type { PrometheusView } from '../../shared/model/statistics/prometheus';
import { describePrometheus } from '../sim/conformance/prometheus';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
/** Where Prometheus runs. */
const PLACE: NodeName = 'n3';
const PORT = 9090;
const SCRAPE_SECONDS = 5;
/** The app takes rates over this. */
const WINDOW_MS = 150_000;
const MB = 1024 * 1024;

const RELEASES = [
  { suite: 'trixie', net: 172 },
  { suite: 'bookworm', net: 173 },
] as const;

describe.each(releasesToTest('61-prometheus', RELEASES, 'trixie'))(
  "Debian's Prometheus beside a cluster that others set up ($suite)",
  ({ suite, net }) => {
    let known: KnownClusterLab;

    const install = (name: NodeName, packages: string): Promise<string> =>
      known.opened.lab
        .node(name)
        .console(
          `DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends ${packages} >/dev/null`,
          { timeoutMs: 5 * MINUTE },
        );
    const addresses = (port: number): string =>
      NODES.map((name) => `'${known.opened.lab.node(name).ip}:${port}'`).join(', ');
    const configure = (): Promise<string> =>
      known.opened.lab.node(PLACE).console(`cat > /etc/prometheus/prometheus.yml <<'CONFIGURATION'
global: { scrape_interval: ${SCRAPE_SECONDS}s }
scrape_configs:
  - job_name: patroni
    static_configs: [{ targets: [${addresses(8008)}] }]
  - job_name: node
    static_configs: [{ targets: [${addresses(9100)}] }]
CONFIGURATION
systemctl restart prometheus`);

    const view = (): Promise<PrometheusView> =>
      known.core.client.statistics.fromPrometheus({
        clusterId: known.clusterId,
        from: Date.now() - MINUTE,
        to: Date.now(),
        most: 600,
      });
    /** The newest value of a member's line. */
    const newest = (read: PrometheusView, member: NodeName, metric: Metric): number | undefined =>
      read.lines
        .find((line) => line.member === member && line.metric === metric)
        ?.values.findLast((value) => value !== null) ?? undefined;
    const leader = async (): Promise<NodeName> => {
      for (const name of NODES)
        if ((await known.psql(name, 'select pg_is_in_recovery()').catch(() => '')).trim() === 'f') return name;
      throw new Error('nobody leads');
    };
    const position = async (name: NodeName, call: string): Promise<number> =>
      Number(await known.psql(name, `select pg_wal_lsn_diff(${call}(), '0/0')`));

    beforeAll(async () => {
      known = await openKnownCluster({ name: `prom-${suite}`, net, nodes: NODES, suite }, MINUTE);
      await install(PLACE, 'prometheus');
      for (const name of NODES) await install(name, 'prometheus-node-exporter');
      await configure();
      const servers = await known.core.client.servers.list();
      const place = { serverId: servers.find(({ name }) => name === PLACE)?.id ?? '', host: '127.0.0.1', port: PORT };
      await waitFor('Prometheus answers', MINUTE, async () => {
        await known.core.client.statistics.usePrometheus({ clusterId: known.clusterId, place });
        return true;
      });
      // About a megabyte a second, until the lab is gone.
      const fill = 'insert into filled select g, repeat(md5(g::text), 30) from generate_series(1, 500) g';
      const name = await leader();
      await known.psql(name, 'create table filled (g int, t text)');
      await known.opened.lab.node(name).console(
        `nohup setsid su postgres -c 'while :; do
  psql -XAtq -p ${known.cluster.port} -c "${fill}" || true; sleep 0.5; done' >/dev/null 2>&1 </dev/null &`,
      );
    }, 15 * MINUTE);
    afterAll(() => known?.close(), 3 * MINUTE);

    it(
      'tells the WAL, the processors, the memory and the network of each member as PostgreSQL and the servers do',
      async () => {
        const name = await leader();
        // A rate is told once its series is as old as its window.
        await waitFor('rates are told', 8 * MINUTE, async () =>
          newest(await view(), name, 'wal_rate') === undefined ? undefined : true,
        );
        const [before, began] = [await position(name, 'pg_current_wal_lsn'), Date.now()];
        await new Promise((resolve) => setTimeout(resolve, WINDOW_MS));
        const rate = ((await position(name, 'pg_current_wal_lsn')) - before) / ((Date.now() - began) / 1000);
        const read = await view();
        expect(rate).toBeGreaterThan(0.2 * MB);
        for (const member of NODES) {
          const told = newest(read, member, 'wal_rate') ?? Number.NaN;
          expect(told / rate, `${member}: ${told} beside ${rate} bytes a second`).toBeGreaterThan(0.7);
          expect(told / rate).toBeLessThan(1.4);
          const cpu = newest(read, member, 'cpu') ?? Number.NaN;
          expect(cpu).toBeGreaterThan(0);
          expect(cpu).toBeLessThanOrEqual(1);
          const memory = await known.on(member, `awk '/^Mem(Total|Available):/ { print $2 }' /proc/meminfo`);
          const [total = 1, available = 0] = memory.trim().split('\n').map(Number);
          expect(Math.abs((newest(read, member, 'memory') ?? 9) - (1 - available / total))).toBeLessThan(0.15);
          expect(newest(read, member, 'network_in')).toBeGreaterThan(0);
          expect(newest(read, member, 'network_out')).toBeGreaterThan(0);
        }
        const reasons = new Map(read.missing.map(({ metric, reason }) => [metric, reason]));
        expect(reasons.get('transactions')).toMatch(/no metric pg_stat_database_xact_commit/);
        expect(reasons.get('connections')).toMatch(/no metric pg_stat_activity_count/);
        for (const metric of ['lag_bytes', 'wal_rate', 'cpu', 'memory', 'network_in'] as const)
          expect(reasons.has(metric)).toBe(false);
      },
      14 * MINUTE,
    );

    it(
      'tells how far a replica that stopped replaying is behind, as PostgreSQL says',
      async () => {
        const name = await leader();
        const [replica = 'n1', other = 'n1'] = NODES.filter((one) => one !== name);
        // Patroni would let a replay go on that was paused by SQL.
        const startup = `$(pgrep -f '[p]ostgres:.* startup')`;
        await known.on(replica, `kill -STOP ${startup}`);
        try {
          const behind = async (): Promise<number> =>
            (await position(name, 'pg_current_wal_lsn')) - (await position(replica, 'pg_last_wal_replay_lsn'));
          await waitFor('it is far behind', 3 * MINUTE, async () => ((await behind()) > 15 * MB ? true : undefined));
          // As far as what was written between the last reading and this moment.
          await waitFor('Prometheus tells so', MINUTE, async () => {
            const [told, real] = [newest(await view(), replica, 'lag_bytes') ?? 0, await behind()];
            return told > 10 * MB && told < real + MB ? true : undefined;
          });
          expect(newest(await view(), other, 'lag_bytes')).toBeLessThan(10 * MB);
          expect(newest(await view(), name, 'lag_bytes')).toBeUndefined();
        } finally {
          await known.on(replica, `kill -CONT ${startup}`);
        }
      },
      6 * MINUTE,
    );

    describePrometheus(
      'asked by its own protocol',
      () =>
        Promise.resolve({
          host: known.opened.lab.node(PLACE).ip,
          port: PORT,
          hasMetric: 'patroni_xlog_location',
          close: () => Promise.resolve(),
        }),
      MINUTE,
    );
  },
);
