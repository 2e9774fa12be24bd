import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ClusterState } from '../../shared/model/cluster/cluster-state';
import type { MonitoredCluster } from '../../shared/model/monitoring/monitored-cluster';
import {
  metricNames,
  whyWithout,
  type MetricName,
  type MetricProgram,
} from '../../shared/rules/monitoring/metric-names';
import { monitoredCluster, usualMonitoring } from '../../shared/rules/monitoring/monitored-cluster';
import { monitoringFiles } from '../../shared/rules/monitoring/monitoring-files';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
/** Where Prometheus runs. */
const PLACE: NodeName = 'n3';
const PORTS: Readonly<Record<MetricProgram, number>> = {
  patroni: 8008,
  etcd: 2379,
  postgres: 9187,
  node: 9100,
  haproxy: 8405,
};

const RELEASES = [
  { suite: 'trixie', net: 202 },
  { suite: 'bookworm', net: 203 },
] as const;

const alertsAnswer = z.object({
  data: z.object({
    alerts: z.array(z.object({ state: z.string(), labels: z.record(z.string(), z.string()) })),
  }),
});

describe.each(releasesToTest('67-prometheus-rules', RELEASES, 'trixie'))(
  "Debian's Prometheus with the files that the app writes ($suite)",
  ({ suite, net }) => {
    let known: KnownClusterLab;
    let cluster: MonitoredCluster;

    const on = (name: NodeName, command: string): Promise<string> => known.on(name, command);
    const ctl = (command: string): Promise<string> => on('n1', `patronictl -c ${known.cluster.config} ${command}`);
    const install = (name: NodeName, packages: string): Promise<string> =>
      known.opened.lab
        .node(name)
        .console(
          `DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends ${packages} >/dev/null`,
          { timeoutMs: 5 * MINUTE },
        );
    const metricsOf = (name: NodeName, program: MetricProgram): Promise<string> =>
      on(name, `curl -sS --max-time 10 http://${known.opened.lab.node(name).ip}:${PORTS[program]}/metrics`);
    const leader = async (): Promise<NodeName> => {
      for (const name of NODES)
        if ((await known.psql(name, 'select pg_is_in_recovery()').catch(() => '')).trim() === 'f') return name;
      throw new Error('nobody leads');
    };

    /** The alerts that fire now: the name, and what it is about. */
    const firing = async (): Promise<readonly string[]> => {
      const answer = await on(PLACE, 'curl -sS --max-time 10 http://127.0.0.1:9090/api/v1/alerts');
      return alertsAnswer
        .parse(JSON.parse(answer))
        .data.alerts.filter(({ state }) => state === 'firing')
        .map(({ labels }) => `${labels['alertname'] ?? ''} ${labels['member'] ?? ''}`.trim())
        .toSorted();
    };
    const write = (path: string, text: string): Promise<string> =>
      on(PLACE, `mkdir -p "$(dirname '${path}')" && cat > '${path}' <<'MATRIARCH'\n${text}\nMATRIARCH`);

    /** Waits for exactly these, does what ends them, and waits for quiet; nothing else may have fired in between. */
    async function expectAlerts(wanted: readonly string[], end: () => Promise<unknown>): Promise<void> {
      const seen = new Set<string>();
      const look = async (): Promise<readonly string[]> => {
        const now = await firing();
        for (const one of now) seen.add(one);
        return now;
      };
      try {
        await waitFor(`${wanted.join(', ')}; there were ${[...seen].join(', ')}`, 3 * MINUTE, async () =>
          wanted.every((one) => seen.has(one)) || (await look()).length < 0 ? true : undefined,
        );
      } finally {
        await end();
      }
      await waitFor('quiet again', 4 * MINUTE, async () => ((await look()).length === 0 ? true : undefined));
      expect([...seen].toSorted()).toEqual([...wanted].toSorted());
    }

    beforeAll(async () => {
      known = await openKnownCluster({ name: `rules-${suite}`, net, nodes: NODES, suite, proxy: true }, MINUTE);
      await install(PLACE, 'prometheus');
      for (const name of NODES) {
        await install(name, 'prometheus-node-exporter prometheus-postgres-exporter');
        await on(
          name,
          `mkdir -p /etc/systemd/system/prometheus-postgres-exporter.service.d
printf '[Service]\\nUser=postgres\\n' > /etc/systemd/system/prometheus-postgres-exporter.service.d/user.conf
echo 'DATA_SOURCE_NAME="user=postgres host=/var/run/postgresql port=${known.cluster.port} dbname=postgres"' \\
  > /etc/default/prometheus-postgres-exporter
systemctl daemon-reload && systemctl restart prometheus-postgres-exporter
# The disk of a server in the lab is an overlay, which node_exporter leaves out by itself.
echo 'ARGS="--collector.filesystem.fs-types-exclude=^(proc|sysfs)$"' > /etc/default/prometheus-node-exporter
systemctl restart prometheus-node-exporter
printf '\\nfrontend prometheus\\n  mode http\\n  bind :${PORTS.haproxy}\\n' >> /etc/haproxy/haproxy.cfg
printf '  http-request use-service prometheus-exporter if { path /metrics }\\n' >> /etc/haproxy/haproxy.cfg
systemctl restart haproxy`,
        );
      }
      const state = await wholeState(known);
      cluster = monitoredCluster(state, { ...usualMonitoring, haproxyPort: PORTS.haproxy });
      const [scrape, rules] = monitoringFiles(cluster).files;
      if (scrape === undefined || rules === undefined) throw new Error('no files');
      await write('/etc/prometheus/prometheus.yml', scrape.text.replaceAll('15s', '2s'));
      // What takes minutes or an hour in earnest takes seconds here.
      const quick = rules.text.replaceAll(/^( +for: ).*$/gm, (_line, start: string) => `${start}12s`);
      await write(rules.goesTo, quick);
      await on(PLACE, 'promtool check config /etc/prometheus/prometheus.yml && systemctl restart prometheus');
    }, 15 * MINUTE);
    afterAll(() => known?.close(), 3 * MINUTE);

    it('finds every metric that a rule or a panel names where it is looked for', async () => {
      for (const program of ['patroni', 'etcd', 'postgres', 'node', 'haproxy'] as const) {
        const told = (await Promise.all(NODES.map((name) => metricsOf(name, program)))).join('\n');
        const has = new Set([...told.matchAll(/^(\w+)(?:\{| )/gm)].map(([, name]) => name));
        const names = (Object.keys(metricNames) as MetricName[]).filter(
          (name) => metricNames[name].program === program && whyWithout(cluster, [name]) === null,
        );
        expect(
          names.filter((name) => !has.has(name)),
          program,
        ).toEqual([]);
      }
    });

    it(
      'raises nothing while the cluster is well',
      async () => {
        await waitFor('everything is collected', 2 * MINUTE, async () => {
          // What the package's own configuration collected before stays in sight for five minutes.
          const query = encodeURIComponent('count(up{cluster!=""} == 1)');
          const answer = await on(PLACE, `curl -sS 'http://127.0.0.1:9090/api/v1/query?query=${query}'`);
          return answer.includes('"15"') ? true : undefined;
        });
        await new Promise((resolve) => setTimeout(resolve, 40_000));
        expect(await firing()).toEqual([]);
      },
      4 * MINUTE,
    );

    it.each([
      ['NodeDown', 'prometheus-node-exporter'],
      ['PostgresExporterDown', 'prometheus-postgres-exporter'],
      ['HaproxyDown', 'haproxy'],
      ['EtcdDown', 'etcd'],
    ])(
      'raises %s alone where %s is stopped',
      async (alert, unit) => {
        const name = (await leader()) === 'n2' ? 'n1' : 'n2';
        await on(name, `systemctl stop ${unit}`);
        await expectAlerts([`${alert} ${name}`], () => on(name, `systemctl start ${unit}`));
      },
      8 * MINUTE,
    );

    it(
      'raises PatroniDown alone where Patroni of a replica is stopped',
      async () => {
        const name = (await leader()) === 'n2' ? 'n1' : 'n2';
        await on(name, 'systemctl stop patroni');
        await expectAlerts([`PatroniDown ${name}`], () => on(name, 'systemctl start patroni'));
      },
      8 * MINUTE,
    );

    it(
      'raises PatroniPaused while it is paused, and PatroniPostgresDown beside it for a replica that is stopped then',
      async () => {
        const name = (await leader()) === 'n2' ? 'n1' : 'n2';
        await ctl('pause --wait');
        const data = (await known.psql(name, 'show data_directory')).trim();
        await on(
          name,
          `su postgres -c "$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)/pg_ctl stop -m fast -w -D '${data}'"`,
        );
        await expectAlerts(['PatroniPaused', `PatroniPostgresDown ${name}`], () => ctl('resume --wait'));
      },
      8 * MINUTE,
    );

    it(
      'raises PatroniPendingRestart on every member, and nothing else, after a parameter that needs one',
      async () => {
        await ctl(`edit-config --force --set 'postgresql.parameters.max_worker_processes=12'`);
        await expectAlerts(
          NODES.map((name) => `PatroniPendingRestart ${name}`),
          () => ctl(`edit-config --force --set 'postgresql.parameters.max_worker_processes=8'`),
        );
      },
      8 * MINUTE,
    );

    it(
      'raises PostgresConnectionsNearLimit where connections are used up',
      async () => {
        const name = await leader();
        const session = `psql -XAtq -p ${known.cluster.port} -c "select pg_sleep(70)" >/dev/null 2>&1`;
        await on(name, `su postgres -c 'for i in $(seq 1 88); do ${session} & done' </dev/null >/dev/null 2>&1 &`);
        await expectAlerts([`PostgresConnectionsNearLimit ${name}`], () => Promise.resolve());
      },
      8 * MINUTE,
    );

    it(
      'raises PatroniReplayLag for a replica that replays no more',
      async () => {
        const name = await leader();
        const [replica = 'n1'] = NODES.filter((one) => one !== name);
        const startup = `$(pgrep -f '[p]ostgres:.* startup')`;
        await on(replica, `kill -STOP ${startup}`);
        const rows = 'select g, repeat(md5(g::text), 40) t from generate_series(1, 120000) g';
        await known.psql(name, `create table filled as ${rows}`);
        await expectAlerts([`PatroniReplayLag ${replica}`], () => on(replica, `kill -CONT ${startup}`));
      },
      10 * MINUTE,
    );
  },
);

/** Whether all of a cluster that is well is told. */
function isWhole({ dcs, members }: ClusterState): boolean {
  const hasEtcd = dcs.kind === 'live' && dcs.members.length === NODES.length;
  return hasEtcd && members.length === NODES.length && members.every(({ patroniVersion }) => patroniVersion !== null);
}

/** The cluster as the app sees it once all of it is told. */
async function wholeState({ core, clusterId }: KnownClusterLab): Promise<ClusterState> {
  return waitFor('the app sees all of the cluster', MINUTE, async () => {
    const ending = new AbortController();
    const stream = await core.client.clusters.watch({ clusterId }, { signal: ending.signal });
    for await (const update of stream) {
      ending.abort();
      return update.kind === 'snapshot' && isWhole(update.state) ? update.state : undefined;
    }
    return undefined;
  });
}
