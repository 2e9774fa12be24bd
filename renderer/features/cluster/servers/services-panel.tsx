import { Button } from '@blueprintjs/core';
import { Fragment } from 'react';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { countEtcdMembers, judgeEtcdSize } from '../../../../shared/rules/deploy/roles/etcd-size';
import { ErrorNotice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { packageRoute } from '../../../deployment/plan/package-route';
import { useSaveSpec } from '../../../deployment/save-spec';

/** What the spec says of the services, and the spec itself as a file. */
export function ServicesPanel({ spec, onCompare }: { readonly spec: ClusterSpec; readonly onCompare: () => void }) {
  const save = useSaveSpec(spec);
  return (
    <Panel title="Services" note="from the cluster file">
      <div className="m-stack">
        {save.error === null ? null : <ErrorNotice error={save.error} />}
        <dl className="m-facts">
          {facts(spec).map(([name, value]) => (
            <Fragment key={name}>
              <dt>{name}</dt>
              <dd className="m-wrap">{printable(value)}</dd>
            </Fragment>
          ))}
        </dl>
        <div className="m-row m-row-wrap">
          <Button size="small" text="Compare with the servers" onClick={onCompare} />
          <Button size="small" text="Save the cluster file" loading={save.busy} onClick={() => void save.run()} />
        </div>
      </div>
    </Panel>
  );
}

function facts(spec: ClusterSpec): readonly (readonly [string, string])[] {
  const on = (role: 'etcd' | 'haproxy' | 'pgbouncer' | 'prometheus') =>
    spec.servers
      .filter((server) => server.roles.includes(role))
      .map((server) => server.name)
      .join(', ');
  const etcd = countEtcdMembers(spec);
  return [
    ['PostgreSQL', `${spec.postgres.version ?? 'the newest at the time of set-up'}, port ${spec.postgres.port}`],
    ['Patroni', `REST API on port ${spec.patroni.restPort}`],
    [
      'etcd',
      etcd === 0 ? `external: ${spec.etcd.external.join(', ')}` : `on ${on('etcd')}. ${judgeEtcdSize(etcd).sentence}`,
    ],
    [
      'HAProxy',
      on('haproxy') === ''
        ? 'none'
        : `on ${on('haproxy')}: leader ${spec.haproxy.primaryPort}, replicas ${spec.haproxy.replicaPort}, ` +
          `statistics ${spec.haproxy.statsPort}`,
    ],
    ['PgBouncer', on('pgbouncer') === '' ? 'none' : `on ${on('pgbouncer')}: port ${spec.pgbouncer.port}`],
    [
      'Prometheus',
      on('prometheus') === '' ? 'none' : `on ${on('prometheus')}: port ${spec.prometheus.port}, on loopback`,
    ],
    ['TLS', spec.tls === 'on' ? 'on, with a certificate authority of this cluster' : 'off'],
    ...(spec.vip === undefined ? [] : [['Virtual address', spec.vip.address] as const]),
    ['Packages', packageRoute(spec.sources.route)],
  ];
}
