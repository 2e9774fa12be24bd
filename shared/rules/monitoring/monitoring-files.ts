import { stringify } from 'yaml';
import type {
  MonitoredCluster,
  MonitoredProgram,
  MonitoringFiles,
  MonitoringNeed,
} from '../../model/monitoring/monitored-cluster';
import { grafanaDashboard } from './grafana-dashboard';
import { programNames, type MetricProgram } from './metric-names';
import { alertsFor, type WrittenAlert } from './prometheus-alerts';

const PROGRAMS = ['patroni', 'etcd', 'postgres', 'node', 'haproxy'] as const satisfies readonly MetricProgram[];
const EVERY = '15s';
/** A label of more is cut off by nobody, and read by nobody. */
const MOST_NAME = 60;

/** A name of a cluster as a part of a file's name: other clusters may have one that differs only in what is replaced. */
export function fileNameOf(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_-]+/g, '_').slice(0, MOST_NAME);
  if (plain === name) return plain;
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 0xffffffff;
  return `${plain}-${sum.toString(16)}`;
}

/** Where the certificates lie by which a program is asked. */
export interface TlsPaths {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

function pathsOf(cluster: MonitoredCluster, program: MetricProgram): TlsPaths {
  const base = `/etc/prometheus/tls/${fileNameOf(cluster.name)}-${program}`;
  return { ca: `${base}-ca.pem`, cert: `${base}-client.pem`, key: `${base}-client.key` };
}

function scrapeJob(
  cluster: MonitoredCluster,
  program: MetricProgram,
  { targets, tls, certificate }: MonitoredProgram,
  { ca, cert, key }: TlsPaths,
) {
  return {
    job_name: `${cluster.name} ${program}`,
    ...(tls
      ? {
          scheme: 'https',
          tls_config: { ca_file: ca, ...(certificate ? { cert_file: cert, key_file: key } : {}) },
        }
      : {}),
    static_configs: targets.map(({ member, address }) => ({
      targets: [address],
      labels: { cluster: cluster.name, service: program, member },
    })),
  };
}

function collected(cluster: MonitoredCluster): readonly (readonly [MetricProgram, MonitoredProgram])[] {
  return PROGRAMS.flatMap((program) => {
    const one = cluster[program];
    return one === null || one.targets.length === 0 ? [] : [[program, one] as const];
  });
}

const YAML = { lineWidth: 0 } as const;

/** What a prometheus.yml depends on beside the cluster. */
export interface ScrapePlaces {
  readonly head: string;
  readonly rulesPath: string;
  readonly pathsOf: (program: MetricProgram) => TlsPaths;
  /** `host:port`; null: alerts are sent to nobody. */
  readonly alertmanager: string | null;
}

/** prometheus.yml: what is collected, and where the rules are. It holds no secret: certificates and keys are files of their own. */
export function scrapeText(cluster: MonitoredCluster, places: ScrapePlaces): string {
  const { head, rulesPath, alertmanager } = places;
  const config = {
    global: { scrape_interval: EVERY, evaluation_interval: EVERY },
    ...(alertmanager === null
      ? {}
      : { alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] } }),
    rule_files: [rulesPath],
    scrape_configs: collected(cluster).map(([program, one]) =>
      scrapeJob(cluster, program, one, places.pathsOf(program)),
    ),
  };
  return `${head}\n${stringify(config, YAML)}`;
}

/** The rules as Prometheus reads them. */
export function rulesText(cluster: MonitoredCluster, alerts: readonly WrittenAlert[]): string {
  const rules = alerts.map(({ alert, expression }) => ({
    alert: alert.name,
    expr: expression,
    ...(alert.lasts === '0s' ? {} : { for: alert.lasts }),
    labels: { severity: alert.severity },
    annotations: { summary: alert.summary, description: alert.todo },
  }));
  return `# Written by Matriarch.\n${stringify({ groups: [{ name: `matriarch ${cluster.name}`, rules }] }, YAML)}`;
}

const TO_ADD =
  '# Written by Matriarch. Where there is a prometheus.yml already, add these scrape_configs and rule_files to it.';

/** Scrape configuration, alert rules and dashboard of a cluster, for the versions that run there. */
export function monitoringFiles(cluster: MonitoredCluster): MonitoringFiles {
  const { alerts, leftOut } = alertsFor(cluster);
  const name = fileNameOf(cluster.name);
  const rulesPath = `/etc/prometheus/rules/${name}.yml`;
  const dashboard = grafanaDashboard(cluster, name);
  return {
    files: [
      {
        fileName: `prometheus-${name}.yml`,
        title: 'Scrape configuration',
        goesTo: '/etc/prometheus/prometheus.yml',
        text: scrapeText(cluster, {
          head: TO_ADD,
          rulesPath,
          pathsOf: (program) => pathsOf(cluster, program),
          alertmanager: null,
        }),
      },
      { fileName: `${name}.yml`, title: 'Alert rules', goesTo: rulesPath, text: rulesText(cluster, alerts) },
      {
        fileName: `${name}-dashboard.json`,
        title: 'Grafana dashboard',
        goesTo: 'Grafana: Dashboards, New, Import',
        text: dashboard.text,
      },
    ],
    needs: needsOf(cluster),
    leftOut: [...leftOut, ...dashboard.leftOut],
  };
}

function needsOf(cluster: MonitoredCluster): readonly MonitoringNeed[] {
  return collected(cluster).flatMap(([program, one]) => [
    ...tlsNeeds(cluster, program, one),
    ...(EXPORTERS[program] ?? []),
  ]);
}

function tlsNeeds(cluster: MonitoredCluster, program: MetricProgram, one: MonitoredProgram): readonly MonitoringNeed[] {
  if (!one.tls) return [];
  const { ca, cert, key } = pathsOf(cluster, program);
  const name = programNames[program];
  const authority = { what: `The authority that signed the certificates of ${name}`, where: ca };
  if (!one.certificate) return [authority];
  return [
    authority,
    { what: `A client certificate that ${name} takes`, where: cert },
    { what: 'Its key, readable by the user prometheus alone', where: key },
  ];
}

const EXPORTERS: Readonly<Partial<Record<MetricProgram, readonly MonitoringNeed[]>>> = {
  postgres: [
    {
      what: 'prometheus-postgres-exporter with a user that has pg_monitor; its DATA_SOURCE_NAME stands in /etc/default there',
      where: 'every member',
    },
  ],
  node: [{ what: 'prometheus-node-exporter', where: 'every member' }],
  haproxy: [
    {
      what: 'a frontend with `http-request use-service prometheus-exporter if { path /metrics }` in haproxy.cfg',
      where: 'every member',
    },
  ],
};
