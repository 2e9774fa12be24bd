import { bracketHost } from '../../../model/connect/host-port';
import type { ConnectionString, DeployOutcome } from '../../../model/deploy/deploy-views';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import { layoutOf, serversWith } from '../layout';
import { prometheusServer } from '../monitoring';
import { neededSecrets } from '../secrets';
import { reachedByVip } from '../vip';

/** How applications reach the cluster: never with a password. */
export function connectionStrings(spec: ClusterSpec): readonly ConnectionString[] {
  const user = spec.users[0]?.name ?? 'USER';
  const database = spec.databases[0]?.name ?? 'postgres';
  const mode = spec.tls === 'on' ? '&sslmode=require' : '';
  const hosts = (role: 'haproxy' | 'pgbouncer' | 'postgres', port: number): string =>
    spec.vip !== undefined && reachedByVip(spec, role)
      ? `${bracketHost(spec.vip.address)}:${port}`
      : everyServer(role, port);
  const everyServer = (role: 'haproxy' | 'pgbouncer' | 'postgres', port: number): string =>
    serversWith(spec, role)
      .map((server) => `${bracketHost(server.address)}:${port}`)
      .join(',');
  const text = (where: string): string =>
    `postgresql://${encodeURIComponent(user)}@${where}/${encodeURIComponent(database)}`;
  const suffix = (more: string): string => (more === '' ? '' : `?${more.slice(1)}`);
  return [
    ...(serversWith(spec, 'pgbouncer').length > 0
      ? [{ label: 'Reading and writing, pooled', text: text(hosts('pgbouncer', spec.pgbouncer.port)) + suffix(mode) }]
      : []),
    ...(serversWith(spec, 'haproxy').length > 0
      ? [
          { label: 'Reading and writing', text: text(hosts('haproxy', spec.haproxy.primaryPort)) + suffix(mode) },
          { label: 'Reading from the replicas', text: text(hosts('haproxy', spec.haproxy.replicaPort)) + suffix(mode) },
        ]
      : []),
    ...(reachedByVip(spec, 'postgres')
      ? [
          {
            label: 'Reading and writing, straight to the primary by the virtual address',
            text: text(hosts('postgres', spec.postgres.port)) + suffix(mode),
          },
        ]
      : []),
    {
      label: 'Straight to the members, for drivers that find the primary themselves',
      text: text(everyServer('postgres', spec.postgres.port)) + suffix(`&target_session_attrs=read-write${mode}`),
    },
  ];
}

/** The last page: what there is now and what to do next. */
export function outcomeOf(spec: ClusterSpec, durationMs: number, changed: number): DeployOutcome {
  const members = serversWith(spec, 'postgres').length;
  const sentence =
    changed === 0
      ? `Everything was as the spec says; nothing was changed (${seconds(durationMs)}).`
      : `The cluster ${spec.scope} runs with ${members} ${members === 1 ? 'member' : 'members'} (${seconds(durationMs)}).`;
  return {
    sentence,
    connections: connectionStrings(spec),
    made: spec.servers.map((server) => `${server.name}: ${server.roles.join(', ')}`),
    next: [
      'Save the cluster file: the same file shows drift and repeats the set-up.',
      'Note the passwords; they can be shown once more here.',
      ...(members > 1
        ? ['Try a switchover, so that you know how it looks before you need it.']
        : ['One member cannot fail over: add a replica.']),
      'Set up backups: replicas are no backup.',
      ...alertsNext(spec),
    ],
    secrets: neededSecrets(spec).map((secret) => secret.name),
    clusterId: null,
    durationMs,
  };
}

function alertsNext(spec: ClusterSpec): readonly string[] {
  const server = prometheusServer(spec);
  if (server === undefined) return [];
  const { alertmanagerConfig } = layoutOf(spec);
  return [`Name whom Alertmanager tells, in ${alertmanagerConfig} on ${server.name}: now it tells nobody.`];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
