import type { ConfigIssue } from '../config-issue';
import { isJsonObject, stableText, valueAt } from '../config-patch';
import { judgeHbaSection } from '../hba/judge-hba';
import { judgeParameter, type ConfigContext } from '../judge-config';
import { patroniSettings } from '../patroni-settings';
import { findNearestName } from '../postgres-parameters';
import { judgeTags, type TagContext } from './judge-tags';

type Json = Readonly<Record<string, unknown>>;

/** What is known of the member whose file is judged, and of its cluster. */
export interface MemberFileContext extends ConfigContext {
  readonly tags: TagContext;
}

/** Sections and settings at the top of a member's own file (docs/yaml_configuration.rst). */
const TOP_KEYS: readonly string[] = [
  ...['name', 'scope', 'namespace', 'log', 'restapi', 'ctl', 'tags', 'watchdog', 'bootstrap', 'postgresql', 'citus'],
  ...['etcd', 'etcd3', 'consul', 'zookeeper', 'exhibitor', 'kubernetes', 'raft', 'multisite', 'thread_pool_size'],
];

/** What the section `postgresql` of a member's own file may hold (docs/yaml_configuration.rst). */
const POSTGRESQL_KEYS: readonly string[] = [
  ...['authentication', 'basebackup', 'before_stop', 'bin_dir', 'bin_name', 'callbacks', 'config_dir', 'custom_conf'],
  ...['connect_address', 'create_replica_method', 'create_replica_methods', 'data_dir', 'listen', 'parameters'],
  ...['pg_ctl_timeout', 'pg_hba', 'pg_ident', 'pgpass', 'pre_promote', 'proxy_address', 'recovery_conf', 'rewind'],
  ...['remove_data_directory_on_diverged_timelines', 'remove_data_directory_on_rewind_failure', 'use_pg_rewind'],
  ...['use_slots', 'use_unix_socket', 'use_unix_socket_repl', 'hba_file', 'ident_file', 'database'],
];

/** What says who a member is: another value is another member, or another cluster. */
const IDENTITY: readonly string[] = ['name', 'scope', 'namespace'];

/** What Patroni reads when it starts, and not when it reloads (patroni/postgresql/__init__.py, reload_config). */
const AT_START: readonly (readonly string[])[] = [
  ['postgresql', 'data_dir'],
  ['postgresql', 'bin_dir'],
  ['postgresql', 'config_dir'],
];

/** Parameters that Patroni takes from the DCS alone (patroni/postgresql/config.py, CMDLINE_OPTIONS). */
const FROM_DCS: ReadonlySet<string> = new Set([
  ...['max_connections', 'max_wal_senders', 'max_replication_slots', 'max_prepared_transactions', 'wal_level'],
  ...['max_locks_per_transaction', 'max_worker_processes', 'track_commit_timestamp', 'wal_log_hints'],
]);

const issue = (
  severity: ConfigIssue['severity'],
  path: readonly string[],
  sentence: string,
  advice: string,
): ConfigIssue => ({ path, severity, sentence, advice });

/** Everything that is wrong with a member's own configuration, or has no effect in it; `before` is what is in place now. */
export function judgeMemberFile(before: Json, after: Json, context: MemberFileContext): readonly ConfigIssue[] {
  const section = isJsonObject(after['postgresql']) ? after['postgresql'] : {};
  const parameters = isJsonObject(section['parameters']) ? section['parameters'] : {};
  const { tags } = after;
  return [
    ...judgeIdentity(before, after),
    ...judgeAtStart(before, after),
    ...Object.keys(after).flatMap(judgeTopKey),
    ...Object.keys(section).flatMap(judgePostgresqlKey),
    ...Object.entries(parameters).flatMap(([name, value]) => judgeOwnParameter(name, value, context)),
    ...(section['pg_hba'] === undefined ? [] : judgeHbaSection(section['pg_hba'])),
    ...(isJsonObject(tags) ? judgeTags(tags, context.tags) : judgeNoTags(tags)),
    ...judgeBootstrap(before, after),
  ];
}

function judgeNoTags(tags: unknown): readonly ConfigIssue[] {
  if (tags === undefined || tags === null) return [];
  return [issue('error', ['tags'], 'tags must be a section with a value for each tag.', 'Write name: value lines.')];
}

function judgeIdentity(before: Json, after: Json): readonly ConfigIssue[] {
  return IDENTITY.filter((key) => stableText(before[key]) !== stableText(after[key])).map((key) =>
    issue(
      'error',
      [key],
      `${key} says which member this is. With another one Patroni would be a stranger to its own data.`,
      'Put it back. A member gets another name by being removed and added again.',
    ),
  );
}

function judgeAtStart(before: Json, after: Json): readonly ConfigIssue[] {
  return AT_START.filter((path) => stableText(valueAt(before, path)) !== stableText(valueAt(after, path))).map((path) =>
    issue(
      'warning',
      path,
      `${path.join('.')} is read when Patroni starts, not when it reloads.`,
      'Restart Patroni afterwards, or put it back.',
    ),
  );
}

function judgeTopKey(key: string): readonly ConfigIssue[] {
  if (TOP_KEYS.includes(key)) return [];
  if (Object.hasOwn(patroniSettings, key))
    return [
      issue(
        'warning',
        [key],
        `Patroni takes ${key} from the DCS; in a member's own file it does nothing.`,
        'Set it in the dynamic configuration, and remove it here.',
      ),
    ];
  const meant = findNearestName(key, TOP_KEYS);
  return [
    issue(
      'warning',
      [key],
      `${key} is not a setting this app knows; Patroni ignores keys it does not know.`,
      meant === null ? 'Correct the name, or remove it.' : `Did you mean ${meant}?`,
    ),
  ];
}

function judgePostgresqlKey(key: string): readonly ConfigIssue[] {
  const path = ['postgresql', key];
  if (key === 'use_slots')
    return [
      issue('warning', path, 'Patroni takes postgresql.use_slots from the DCS; here it does nothing.', 'Remove it.'),
    ];
  if (POSTGRESQL_KEYS.includes(key) || /^(pg_hba|pg_ident|parameters)_(primary|replica|standby_leader)$/.test(key))
    return [];
  const meant = findNearestName(key, POSTGRESQL_KEYS);
  return [
    issue(
      'warning',
      path,
      `postgresql.${key} is not a setting this app knows; Patroni ignores keys it does not know.`,
      meant === null ? 'Correct the name, or remove it.' : `Did you mean ${meant}?`,
    ),
  ];
}

function judgeOwnParameter(name: string, value: unknown, context: MemberFileContext): readonly ConfigIssue[] {
  const path = ['postgresql', 'parameters', name];
  if (FROM_DCS.has(name))
    return [
      issue(
        'warning',
        path,
        `Patroni takes ${name} from the DCS, so that all members have the same; here it does nothing.`,
        'Set it in the dynamic configuration, and remove it here.',
      ),
    ];
  if (name === 'unix_socket_directories' || name === 'port') return [];
  return judgeParameter(name, value, context);
}

/** `bootstrap` was read once, when the cluster was created. */
function judgeBootstrap(before: Json, after: Json): readonly ConfigIssue[] {
  return stableText(before['bootstrap']) === stableText(after['bootstrap'])
    ? []
    : [
        issue(
          'warning',
          ['bootstrap'],
          'bootstrap was read when the cluster was created; a change of it does nothing now.',
          'Change the dynamic configuration in its place.',
        ),
      ];
}
