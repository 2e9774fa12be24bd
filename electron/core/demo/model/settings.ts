import { isObject } from './json';
import type { Json, JsonObject } from './json';
import type { MemberState, PendingValue } from './types';

/** The dynamic configuration that a fresh cluster of the demo gets; what a package's bootstrap section usually says. */
export const freshConfig: JsonObject = {
  ttl: 30,
  loop_wait: 10,
  retry_timeout: 10,
  maximum_lag_on_failover: 1_048_576,
  postgresql: {
    use_pg_rewind: true,
    use_slots: true,
    parameters: { max_connections: 100, shared_buffers: '128MB', wal_log_hints: 'on' },
  },
};

/** Parameters that need a restart (context postmaster), with PostgreSQL's or Patroni's defaults. */
const postmasterParameters: Readonly<Record<string, string>> = {
  max_connections: '100',
  max_wal_senders: '10',
  max_replication_slots: '10',
  max_worker_processes: '8',
  max_prepared_transactions: '0',
  max_locks_per_transaction: '64',
  track_commit_timestamp: 'off',
  wal_level: 'replica',
  wal_log_hints: 'on',
  shared_buffers: '128MB',
  shared_preload_libraries: '',
  huge_pages: 'try',
  max_files_per_process: '1000',
  wal_buffers: '4MB',
  autovacuum_max_workers: '3',
};

/** A standby may not run with less of these than its primary (docs/dynamic_configuration.rst). */
const sharedMemoryParameters = [
  'max_connections',
  'max_prepared_transactions',
  'max_locks_per_transaction',
  'max_wal_senders',
  'max_worker_processes',
];

/** A number of the dynamic configuration; text such as "30" counts, everything else is the default. */
export function numberOf(config: JsonObject, key: string, otherwise: number): number {
  const value = Number(config[key] ?? otherwise);
  return Number.isFinite(value) ? value : otherwise;
}

/** A switch of the dynamic configuration, in the spellings Patroni takes. */
export function flagOf(config: JsonObject, key: string): boolean {
  const value = config[key];
  return value === true || ['on', 'true', 'yes', '1'].includes(String(value).toLowerCase());
}

/** Synchronous replication as configured. */
export function syncModeOf(config: JsonObject): 'off' | 'on' | 'quorum' {
  if (config.synchronous_mode === 'quorum') return 'quorum';
  return flagOf(config, 'synchronous_mode') ? 'on' : 'off';
}

/** What the restart-only parameters would be if PostgreSQL started with this configuration. */
export function desiredParameters(config: JsonObject): Record<string, string> {
  const section = isObject(config.postgresql) ? config.postgresql : {};
  const wanted = isObject(section.parameters) ? section.parameters : {};
  return Object.fromEntries(
    Object.entries(postmasterParameters).map(([name, value]) => [name, textOf(wanted[name], value)]),
  );
}

function textOf(value: Json | undefined, otherwise: string): string {
  if (value === undefined || value === null || typeof value === 'object') return otherwise;
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return String(value);
}

/** The parameters with which a member comes up now. A replica keeps the primary's larger shared-memory settings. */
export function parametersAtStart(member: MemberState, primary: MemberState | undefined): Record<string, string> {
  const desired = desiredParameters(member.config);
  if (primary === undefined || primary === member) return desired;
  for (const name of sharedMemoryParameters) {
    const least = Number(primary.effective[name] ?? 0);
    if (Number(desired[name]) < least) desired[name] = String(least);
  }
  return desired;
}

/** Which parameters wait for a restart, with the old and the new value. */
export function pendingParameters(member: MemberState): Record<string, PendingValue> {
  const desired = desiredParameters(member.config);
  const entries = Object.entries(desired).filter(([name, value]) => member.effective[name] !== value);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, { old_value: member.effective[name] ?? '', new_value: value }]),
  );
}
