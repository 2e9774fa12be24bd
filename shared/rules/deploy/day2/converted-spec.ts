import { appError } from '../../../model/app-error';
import type { StandaloneFacts } from '../../../model/deploy/day2';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';

/** Settings that Patroni sets itself, that name places of one server, or that belong to a replica. */
const left = new Set([
  'data_directory',
  'hba_file',
  'ident_file',
  'external_pid_file',
  'config_file',
  'listen_addresses',
  'port',
  'cluster_name',
  'hot_standby',
  'unix_socket_directories',
  'stats_temp_directory',
  'primary_conninfo',
  'primary_slot_name',
  'restore_command',
  'recovery_target_timeline',
  'synchronous_standby_names',
  'wal_log_hints',
  'password_encryption',
  'include_dir',
]);

/** Certificates that every Debian server with PostgreSQL has. */
const everywhere = /^\/etc\/ssl\/(certs|private)\/ssl-cert-snakeoil\./;

/** Which settings of a standalone PostgreSQL go into the dynamic configuration, and what is said of the others. */
export function carriedSettings(settings: Readonly<Record<string, string>>): {
  readonly parameters: Record<string, string>;
  readonly notes: readonly string[];
} {
  const notes: string[] = [];
  const ownFiles = Object.entries(settings).some(
    ([name, value]) => /^ssl_.*_file$/.test(name) && value !== '' && !everywhere.test(value),
  );
  const kept = Object.entries(settings).filter(
    ([name, value]) =>
      !left.has(name) && !(ownFiles && name.startsWith('ssl')) && !(name === 'wal_level' && value === 'minimal'),
  );
  if (ownFiles)
    notes.push(
      'Its certificates are files of this server alone and are not carried to replicas: turn TLS on for ' +
        'the cluster, or set ssl again afterwards.',
    );
  if (settings['wal_level'] === 'minimal') notes.push('wal_level was minimal; a cluster needs replica.');
  if ((settings['shared_preload_libraries'] ?? '') !== '')
    notes.push(
      `Replicas need the libraries ${settings['shared_preload_libraries'] ?? ''}, too: install their packages there first.`,
    );
  return { parameters: Object.fromEntries(kept), notes };
}

/** The spec of the cluster that a standalone PostgreSQL becomes: its data, port, version, settings and access lines are kept. */
export function convertedSpec(spec: ClusterSpec, found: StandaloneFacts): ClusterSpec {
  const server = spec.servers.find((entry) => entry.name === found.server);
  if (server === undefined || !server.roles.includes('postgres')) {
    throw appError('deploy.server_unknown', `${found.server} is no PostgreSQL server of this spec.`, {
      target: found.server,
      hint: 'Give it the role postgres.',
    });
  }
  if (found.tablespaces > 0)
    throw appError('deploy.refused', `PostgreSQL on ${found.server} has tablespaces of its own.`, {
      target: found.server,
      hint: 'Their directories must be there and empty on every replica first; convert it by hand.',
    });
  const { version, name, port, dataDirectory, configDirectory, parameters, hba } = found;
  return {
    ...spec,
    firstLeader: found.server,
    postgres: {
      ...spec.postgres,
      version,
      port,
      dataDirectory,
      parameters: { ...parameters, ...spec.postgres.parameters },
      hba: [...new Set([...hba, ...spec.postgres.hba])],
      existing: { server: found.server, name, configDirectory },
    },
  };
}
