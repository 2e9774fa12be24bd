import type { ClusterSpec } from '../../../../shared/model/spec/cluster-spec';
import type { ServerSpec } from '../../../../shared/model/spec/server-spec';
import { startFile } from '../../../../shared/rules/deploy/day2/takeover-steps';
import { etcdTlsFiles } from '../../../../shared/rules/deploy/files/etcd';
import { haproxyTlsFiles } from '../../../../shared/rules/deploy/files/haproxy';
import { patroniTlsFiles } from '../../../../shared/rules/deploy/files/patroni';
import { pgbouncerTlsFiles } from '../../../../shared/rules/deploy/files/pgbouncer';
import { dataDirectory, layoutOf } from '../../../../shared/rules/deploy/layout';
import type { FactsQuestion } from './facts-script';

/** Major versions of PostgreSQL that are asked for; apt answers only for those it knows. */
const majors = [13, 14, 15, 16, 17, 18, 19];

const packages = [
  'etcd-server', 'etcd-client', 'patroni', 'python3-etcd', 'haproxy', 'pgbouncer', 'keepalived', 'postgresql', 'postgresql-common',
  'python3-venv', ...majors.map((major) => `postgresql-${major}`),
];

const units = ['etcd.service', 'patroni.service', 'haproxy.service', 'pgbouncer.service', 'postgresql.service', 'keepalived.service'];

/** What a server is asked for one spec: everything a plan for it may want to know. */
export function questionFor(spec: ClusterSpec, _server: ServerSpec): FactsQuestion {
  const layout = layoutOf(spec);
  const configuration = [
    layout.etcdDefaults, layout.etcdDropIn, layout.createCluster, layout.patroniConfig, layout.patroniDropIn, layout.haproxyConfig,
    layout.pgbouncerConfig, layout.pgbouncerUsers, layout.pgbouncerDropIn,
  ];
  const tls = spec.tls === 'off' ? [] : [etcdTlsFiles, patroniTlsFiles, pgbouncerTlsFiles].flatMap((place): string[] => [place.ca, place.cert]).concat(haproxyTlsFiles.ca);
  const keys = spec.tls === 'off' ? [] : [etcdTlsFiles.key, patroniTlsFiles.key, pgbouncerTlsFiles.key];
  const start = spec.postgres.existing === undefined ? [] : [startFile(spec.postgres.existing)];
  const data = [layout.etcdData, ...majors.map((major) => dataDirectory(spec, major))];
  return { scope: spec.scope, packages, units, paths: [...new Set([...configuration, ...tls, ...keys, ...data, ...start])], contents: [...configuration, ...tls] };
}
