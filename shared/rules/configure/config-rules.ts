import type { ClusterState } from '../../model/cluster/cluster-state';
import type { OperationCheck } from '../../model/operate/operation';
import { applyConfigPatch, configChanges, isJsonObject, mergeConfigs, type ConfigChange } from './config-patch';
import { isPatroniAtLeast } from '../cluster/patroni-version';
import { findPatroniSetting, newestKnownLine, type PatroniSetting } from './patroni-settings';
import { missingTtlSeconds } from '../cluster/timing-rule';
import { sharedMemoryParameters } from './shared-memory-parameters';
import { judgeParameterName } from './postgres-parameters';
import { namesInWords } from '../words/wording';

type Json = Readonly<Record<string, unknown>>;

/** Keys of the `postgresql` section that Patroni takes from the local file only. */
const LOCAL_ONLY: ReadonlySet<string> = new Set([
  'connect_address',
  'proxy_address',
  'listen',
  'config_dir',
  'data_dir',
  'pgpass',
  'authentication',
]);

/**
 * Lowest values of the parameters Patroni passes on the command line (postgresql/config.py, CMDLINE_OPTIONS): below
 * them it silently uses its default.
 */
const LOWEST_PARAMETER: Readonly<Record<string, number>> = {
  max_connections: 25,
  max_wal_senders: 3,
  max_replication_slots: 4,
  max_prepared_transactions: 0,
  max_locks_per_transaction: 32,
  max_worker_processes: 2,
};

/** Parameters that PostgreSQL reads at its start only. Others may exist; Patroni reports them as pending once it sees them. */
const NEEDS_RESTART: ReadonlySet<string> = new Set([
  ...sharedMemoryParameters,
  'max_replication_slots',
  'track_commit_timestamp',
  'wal_level',
  'wal_log_hints',
  'shared_buffers',
  'huge_pages',
  'wal_buffers',
  'shared_preload_libraries',
  'archive_mode',
  'autovacuum_freeze_max_age',
  'autovacuum_multixact_freeze_max_age',
  'logging_collector',
  'max_files_per_process',
  'max_logical_replication_workers',
  'superuser_reserved_connections',
  'reserved_connections',
  'track_activity_query_size',
  'unix_socket_directories',
  'dynamic_shared_memory_type',
  'shared_memory_type',
  'min_dynamic_shared_memory',
  'jit_provider',
]);

const refuses = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'refuses', sentence });
const warns = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'warns', sentence });

function wholeNumber(value: unknown): number | null {
  const number = typeof value === 'string' && /^-?\d+$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}

const SWITCH_WORDS: ReadonlySet<unknown> = new Set([true, false, 'true', 'false', 'on', 'off', 'yes', 'no']);

function checkSynchronousMode(value: unknown, version: string | null): OperationCheck | null {
  if (SWITCH_WORDS.has(value)) return null;
  if (value !== 'quorum') return refuses('config.bad_value', 'synchronous_mode must be on, off or quorum.');
  return isPatroniAtLeast(version, '4.0.0') === false
    ? refuses('config.needs_newer', `synchronous_mode: quorum needs Patroni 4.0; a member runs ${version}.`)
    : null;
}

/** What standby_cluster may hold (Patroni's dynamic_configuration.rst). */
const STANDBY_CLUSTER_KEYS: ReadonlySet<string> = new Set([
  ...['host', 'port', 'primary_slot_name', 'create_replica_methods', 'restore_command'],
  ...['archive_cleanup_command', 'recovery_min_apply_delay'],
]);

/** A port, or several apart by commas, as libpq takes them. An empty text counts as not set. */
function arePorts(value: unknown): boolean {
  const ports = String(value).trim();
  return (
    ports === '' ||
    ports.split(',').every((port) => /^\s*\d{1,5}\s*$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)
  );
}

function checkStandbyCluster(value: unknown): OperationCheck | null {
  if (!isJsonObject(value))
    return refuses('config.bad_value', 'standby_cluster must be a section with host, port or restore_command.');
  const unknown = Object.keys(value).find((key) => !STANDBY_CLUSTER_KEYS.has(key));
  if (unknown !== undefined)
    return warns(
      'config.unknown_key',
      `standby_cluster.${unknown} is not a setting this app knows; Patroni ignores keys it does not know.`,
    );
  if (value['port'] !== undefined && !arePorts(value['port']))
    return refuses('config.bad_value', 'standby_cluster.port must be a port from 1 to 65535, or one for each host.');
  const named = ['host', 'port', 'restore_command'].some((key) => value[key] !== undefined && value[key] !== '');
  return named
    ? warns(
        'config.standby_cluster',
        'The cluster follows another one: nobody can write to it while standby_cluster is set.',
      )
    : refuses('config.bad_value', 'standby_cluster needs at least one of host, port and restore_command.');
}

function checkNumber(key: string, value: unknown, lowest: number): OperationCheck | null {
  const number = wholeNumber(value);
  if (number !== null && number >= lowest) return null;
  return refuses(
    'config.bad_value',
    `${key} must be a whole number of at least ${lowest}; Patroni stores any value without an error.`,
  );
}

/** What is wrong with, or noteworthy in, one setting of Patroni; null when nothing is. */
export function checkTopKey(key: string, value: unknown, version: string | null): OperationCheck | null {
  const setting = findPatroniSetting(key);
  if (setting === undefined)
    return warns(
      'config.unknown_key',
      `${key} is not a setting this app knows; Patroni ignores keys it does not know.`,
    );
  return checkTopValue(key, setting, value, version) ?? checkRelease(key, setting, version);
}

function checkTopValue(
  key: string,
  setting: PatroniSetting,
  value: unknown,
  version: string | null,
): OperationCheck | null {
  switch (setting.kind) {
    case 'number':
      return checkNumber(key, value, setting.lowest ?? 0);
    case 'duration':
      return checkDuration(key, value, setting.lowest ?? 0);
    case 'switch':
      return SWITCH_WORDS.has(value) ? null : refuses('config.bad_value', `${key} must be true or false.`);
    case 'synchronous_mode':
      return checkSynchronousMode(value, version);
    case 'standby_cluster':
      return checkStandbyCluster(value);
    case 'section':
      return isJsonObject(value) ? null : refuses('config.bad_value', `${key} must be a section.`);
    case 'slot_matchers':
      return checkSlotMatchers(key, value);
    case 'other':
      return null;
  }
}

/** A whole number of seconds, or one with a unit of PostgreSQL's (patroni/utils.py, parse_int). */
function checkDuration(key: string, value: unknown, lowest: number): OperationCheck | null {
  if (typeof value === 'string' && /^\s*\d{1,9}\s*(us|ms|s|min|h|d)\s*$/.test(value)) return null;
  const number = wholeNumber(value);
  if (number !== null && number >= lowest) return null;
  return refuses(
    'config.bad_value',
    `${key} must be a whole number of seconds of at least ${lowest}, or one with a unit, e.g. 30min; ` +
      'Patroni stores any value without an error.',
  );
}

const MATCHER_KEYS: ReadonlySet<string> = new Set(['name', 'type', 'database', 'plugin']);

/** Patroni leaves a slot alone where all of an entry's values are the slot's (patroni/postgresql/slots.py, ignore_replication_slot). */
function checkSlotMatchers(key: string, value: unknown): OperationCheck | null {
  const isMatcher = (entry: unknown): boolean =>
    isJsonObject(entry) &&
    Object.keys(entry).length > 0 &&
    Object.entries(entry).every(([name, text]) => MATCHER_KEYS.has(name) && typeof text === 'string' && text !== '');
  if (Array.isArray(value) && value.every(isMatcher)) return null;
  return refuses(
    'config.bad_value',
    `${key} must be a list of sections, each with one or more of name, type, database and plugin.`,
  );
}

/** Patroni ignores a setting that its release does not know yet. */
function checkRelease(key: string, setting: PatroniSetting, version: string | null): OperationCheck | null {
  if (setting.youngerThan !== undefined) return checkYounger(key, version);
  return setting.since !== undefined && isPatroniAtLeast(version, setting.since) === false
    ? warns('config.needs_newer', `${key} needs Patroni ${setting.since}; a member runs ${version} and ignores it.`)
    : null;
}

/** As `checkRelease`, for what no release knew when this app was made; a younger one may. */
export function checkYounger(key: string, version: string | null): OperationCheck | null {
  const [major = 0, minor = 0] = newestKnownLine.split('.').map(Number);
  return isPatroniAtLeast(version, `${major}.${minor + 1}.0`) === false
    ? warns(
        'config.needs_newer',
        `${key} is younger than Patroni ${newestKnownLine}; a member runs ${version} and ignores it.`,
      )
    : null;
}

/** What is wrong with, or noteworthy in, a change within the `postgresql` section; null when nothing is. */
export function checkPostgresql(change: ConfigChange): OperationCheck | null {
  const [section, key, parameter] = change.path;
  if (section !== 'postgresql' || change.after === undefined) return null;
  if (key !== undefined && LOCAL_ONLY.has(key))
    return warns(
      'config.local_only',
      `postgresql.${key} is read from each member's own file only; here it has no effect.`,
    );
  if (key !== 'parameters' || parameter === undefined) return null;
  return checkParameterName(parameter) ?? checkParameterValue(parameter, change.after);
}

/** Patroni stores a name that PostgreSQL does not know without an error, and leaves it out of its configuration. */
function checkParameterName(parameter: string): OperationCheck | null {
  const name = judgeParameterName(parameter);
  if (name.kind !== 'unknown') return null;
  return name.meant === null
    ? warns('config.unknown_parameter', `${parameter} is not a parameter of PostgreSQL that this app knows.`)
    : refuses('config.unknown_parameter', `PostgreSQL has no parameter ${parameter}. Did you mean ${name.meant}?`);
}

function checkParameterValue(parameter: string, value: unknown): OperationCheck | null {
  const lowest = Object.hasOwn(LOWEST_PARAMETER, parameter) ? LOWEST_PARAMETER[parameter] : undefined;
  const number = wholeNumber(value);
  if (lowest === undefined || (number !== null && number >= lowest)) return null;
  return refuses(
    'config.bad_value',
    `${parameter} must be a whole number of at least ${lowest}; below it Patroni silently uses its default.`,
  );
}

/** Patroni needs loop_wait + 2 * retry_timeout <= ttl, or a leader loses its lock before it notices. Null where it holds. */
export function checkTiming(after: Json): OperationCheck | null {
  const [ttl, loopWait, retry] = [
    wholeNumber(after['ttl'] ?? 30),
    wholeNumber(after['loop_wait'] ?? 10),
    wholeNumber(after['retry_timeout'] ?? 10),
  ];
  if (ttl === null || loopWait === null || retry === null) return null;
  if (missingTtlSeconds({ ttl, loopWait, retryTimeout: retry }) === 0) return null;
  return refuses(
    'config.timing_rule',
    `loop_wait + 2 x retry_timeout must not exceed ttl: ${loopWait} + 2 x ${retry} = ${loopWait + 2 * retry} > ${ttl}.`,
  );
}

/** Refuses a patch that would overwrite what somebody else changed since `base` was read; null where it would not. */
export function checkChangedSince(base: Json, current: Json, patch: Json): OperationCheck | null {
  const { conflicts } = mergeConfigs(base, applyConfigPatch(base, patch), current);
  if (conflicts.length === 0) return null;
  const changes = conflicts.map(({ path, before, theirs }) => ({ path, before, after: theirs }));
  return refuses(
    'config.conflict',
    `${describeOthersChanges(changes)} since this change was begun. Merge the two first.`,
  );
}

/** What somebody else changed, as the beginning of a sentence; values that are as before again leave only that it happened. */
export function describeOthersChanges(changes: readonly ConfigChange[]): string {
  const most = 5;
  const named = changes
    .slice(0, most)
    .map(({ path, before, after }) => `${path.join('.')} from ${valueInWords(before)} to ${valueInWords(after)}`);
  const more = changes.length > most ? [`${changes.length - most} more`] : [];
  return changes.length === 0
    ? 'Somebody else has written the configuration'
    : `Somebody else has changed ${namesInWords([...named, ...more])}`;
}

/** How a change is written, and what that promises when somebody else writes at the same moment. */
export function checkWayOfWriting(dcs: ClusterState['dcs']): OperationCheck {
  return dcs.kind === 'live'
    ? {
        code: 'config.by_transaction',
        verdict: 'ok',
        sentence: 'It is written to etcd in one step, and only if nobody else has changed the configuration meanwhile.',
      }
    : warns(
        'config.by_rest',
        "etcd is not reached from here, so Patroni's REST API writes the change: if somebody else changes the same value " +
          'in the same moment, the later one counts and nobody is told.',
      );
}

/** What is wrong, or noteworthy, in a merge patch of the dynamic configuration. `version` is the lowest Patroni version. */
export function checkConfigPatch(current: Json, patch: Json, version: string | null): readonly OperationCheck[] {
  const after = applyConfigPatch(current, patch);
  const changes = configChanges(current, after);
  if (changes.length === 0)
    return [refuses('config.no_change', 'Nothing would change: the configuration already has these values.')];
  const touched = [...new Set(changes.map((change) => change.path[0] ?? ''))];
  const top = touched.filter((key) => after[key] !== undefined).map((key) => checkTopKey(key, after[key], version));
  const timing = touched.some((key) => ['ttl', 'loop_wait', 'retry_timeout'].includes(key)) ? [checkTiming(after)] : [];
  const pause = touched.includes('pause')
    ? [refuses('config.pause', 'Use pause and resume for this: they wait until every member has seen it.')]
    : [];
  return [...top, ...changes.map(checkPostgresql), ...timing, ...pause].filter((check) => check !== null);
}

/** Parameters among the changes that take effect only after a restart of PostgreSQL. */
export function parametersNeedingRestart(changes: readonly ConfigChange[]): readonly string[] {
  return changes
    .filter(
      (change) =>
        change.path[0] === 'postgresql' && change.path[1] === 'parameters' && NEEDS_RESTART.has(change.path[2] ?? ''),
    )
    .map((change) => change.path[2] ?? '');
}

function valueInWords(value: unknown): string {
  if (value === undefined) return 'not set';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What a patch changes, in one sentence per value, for the confirmation. */
export function describeConfigChanges(current: Json, patch: Json): readonly string[] {
  const changes = configChanges(current, applyConfigPatch(current, patch));
  const lines = changes.map(
    (change) => `${change.path.join('.')}: ${valueInWords(change.before)} becomes ${valueInWords(change.after)}.`,
  );
  const restart = parametersNeedingRestart(changes);
  return restart.length === 0
    ? lines
    : [
        ...lines,
        `${namesInWords(restart)} ${restart.length === 1 ? 'takes' : 'take'} effect after a restart of ` +
          'PostgreSQL on each member; until then it shows as pending.',
      ];
}
