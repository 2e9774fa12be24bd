import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { startFile } from '../../../../shared/rules/deploy/steps/takeover-steps';
import { etcdTlsFiles } from '../../../../shared/rules/deploy/files/etcd';
import { haproxyTlsFiles } from '../../../../shared/rules/deploy/files/haproxy';
import { bothAuthorities, patroniTlsFiles } from '../../../../shared/rules/deploy/files/patroni';
import { pgbouncerTlsFiles } from '../../../../shared/rules/deploy/files/pgbouncer';
import { watchdogDevice } from '../../../../shared/rules/deploy/files/watchdog';
import { postgresDataDirectory, layoutOf } from '../../../../shared/rules/deploy/layout';
import { archiveResource, virtualenvResource } from '../../../../shared/rules/deploy/sources/programs';
import { repositoryFiles } from '../../../../shared/rules/deploy/sources/repositories';
import { monitoringUnits, prometheusServer, prometheusTlsFiles } from '../../../../shared/rules/deploy/monitoring';
import { vipUnits } from '../../../../shared/rules/deploy/vip';
import type { FactsQuestion } from './facts-script';

/** Major versions of PostgreSQL that are asked for; apt answers only for those it knows. */
const majors = [13, 14, 15, 16, 17, 18, 19];

const packages = [
  'etcd-server',
  'etcd-client',
  'patroni',
  'python3-etcd',
  'haproxy',
  'pgbouncer',
  'keepalived',
  'vip-manager2',
  'curl',
  'iproute2',
  'postgresql',
  'postgresql-common',
  'python3-venv',
  'prometheus',
  'prometheus-alertmanager',
  'prometheus-node-exporter',
  'prometheus-postgres-exporter',
  'ca-certificates',
  ...majors.map((major) => `postgresql-${major}`),
];

const units = [
  'etcd.service',
  'patroni.service',
  'haproxy.service',
  'pgbouncer.service',
  'postgresql.service',
  ...Object.values(vipUnits),
  ...Object.values(monitoringUnits),
];

/** What a server is asked for one spec: everything a plan for it may want to know. */
export function questionFor(spec: ClusterSpec, offers: FactsQuestion['offers']): FactsQuestion {
  const layout = layoutOf(spec);
  const configuration = [
    layout.etcdDefaults,
    layout.etcdDropIn,
    layout.createCluster,
    layout.patroniConfig,
    layout.patroniDropIn,
    layout.haproxyConfig,
    layout.haproxyUnchecked,
    layout.haproxyKeepServers,
    layout.haproxyDropIn,
    layout.pgbouncerConfig,
    layout.pgbouncerHba,
    layout.pgbouncerUsers,
    layout.pgbouncerDropIn,
    layout.keepalivedConfig,
    layout.keepalivedScript,
    layout.keepalivedDropIn,
    layout.vipManagerConfig,
    layout.vipManagerDropIn,
    layout.watchdogModule,
    layout.watchdogRule,
    ...sourceFiles(spec),
    ...monitoringFilesOf(spec),
  ];
  const programs = programsOf(spec);
  const tls =
    spec.tls === 'off'
      ? []
      : [etcdTlsFiles, patroniTlsFiles, pgbouncerTlsFiles]
          .flatMap((place): string[] => [place.ca, place.cert])
          .concat(haproxyTlsFiles.ca, spec.standby === undefined ? [] : bothAuthorities);
  const keys = spec.tls === 'off' ? [] : [etcdTlsFiles.key, patroniTlsFiles.key, pgbouncerTlsFiles.key];
  const start = spec.postgres.existing === undefined ? [] : [startFile(spec.postgres.existing)];
  const data = [watchdogDevice, layout.etcdData, ...majors.map((major) => postgresDataDirectory(spec, major))];
  return {
    scope: spec.scope,
    packages,
    units,
    paths: [
      ...new Set([...configuration, ...tls, ...keys, ...data, ...start, ...programs.flatMap((entry) => entry.trees)]),
    ],
    contents: [...configuration, ...tls, ...programs.map((entry) => entry.stamp)],
    sources: spec.sources.repositories.length > 0,
    offers,
  };
}

function monitoringFilesOf(spec: ClusterSpec): readonly string[] {
  if (prometheusServer(spec) === undefined) return [];
  const layout = layoutOf(spec);
  return [
    layout.nodeExporterSettings,
    layout.nodeExporterDropIn,
    layout.postgresExporterSettings,
    layout.postgresExporterPassword,
    layout.postgresExporterDropIn,
    layout.prometheusConfig,
    layout.prometheusRules,
    layout.prometheusSettings,
    layout.prometheusDropIn,
    layout.alertmanagerConfig,
    layout.alertmanagerSettings,
    layout.alertmanagerDropIn,
    ...(spec.tls === 'on' ? [prometheusTlsFiles.ca] : []),
  ];
}

/** The lists and keys of added repositories, and the units of programs that are no packages. */
function sourceFiles(spec: ClusterSpec): readonly string[] {
  const { repositories, etcd, patroni } = spec.sources;
  const { etcdUnit, patroniUnit } = layoutOf(spec);
  return [
    ...repositories.map(repositoryFiles).flatMap(({ list, key }) => [list, key]),
    ...(etcd.kind === 'archive' ? [etcdUnit] : []),
    ...(patroni.kind === 'pip' ? [patroniUnit] : []),
  ];
}

/** Directories of programs with the links to them, and the file that says what each holds. */
function programsOf({
  sources: { etcd, patroni },
}: ClusterSpec): readonly { readonly trees: readonly string[]; readonly stamp: string }[] {
  const archive = etcd.kind === 'archive' ? [archiveResource(etcd)] : [];
  const environment = patroni.kind === 'pip' ? [virtualenvResource(patroni)] : [];
  return [
    ...archive.map(({ directory, links, stamp }) => ({
      trees: [directory, stamp, ...links.map((link) => link.path)],
      stamp,
    })),
    ...environment.map(({ directory, links, stamp }) => ({
      trees: [directory, stamp.path, ...links.map((link) => link.path)],
      stamp: stamp.path,
    })),
  ];
}
