import type { ParameterDefinition } from '../../model/configure/parameter';
import type { OperationCheck } from '../../model/operate/operation';
import { isPatroniAtLeast } from '../cluster/patroni-version';
import type { ConfigIssue } from './config-issue';
import { isJsonObject, valueAt } from './config-patch';
import { checkPostgresql, checkTiming, checkTopKey, checkYounger } from './config-rules';
import { judgeHbaSection } from './hba/judge-hba';
import { parameterText, readParameterValue, readSwitchWord } from './parameter-value';
import { patroniSettings } from './patroni-settings';
import { findNearestName, judgeParameterName } from './postgres-parameters';

type Json = Readonly<Record<string, unknown>>;

/** What is known of the cluster that a configuration is judged for. */
export interface ConfigContext {
  /** The lowest Patroni version among the members; null where none is known. */
  readonly version: string | null;
  /** Parameters by their names in lower case, as the servers report them, or the app's own table. */
  readonly definitions: ReadonlyMap<string, ParameterDefinition>;
  /** Whether the servers themselves said so; otherwise ranges may differ. */
  readonly certain: boolean;
  readonly members: number;
  /** How many members may be synchronous standbys beside the leader. */
  readonly standbys: number;
}

const issue = (
  severity: ConfigIssue['severity'],
  path: readonly string[],
  sentence: string,
  advice: string,
): ConfigIssue => ({ path, severity, sentence, advice });

const ADVICE: Readonly<Record<string, string>> = {
  'config.bad_value': 'Correct the value.',
  'config.needs_newer': 'Update Patroni on every member first, or remove it.',
  'config.standby_cluster': 'Remove standby_cluster to make this a cluster that can be written to.',
  'config.local_only': "Set it in each member's own file, or remove it here.",
  'config.unknown_key': 'Correct the name, or remove it.',
  'config.unknown_parameter': 'Correct the name, or remove it.',
  'config.timing_rule': 'Raise ttl, or lower loop_wait or retry_timeout.',
};

function fromCheck(path: readonly string[], check: OperationCheck | null): readonly ConfigIssue[] {
  if (check === null) return [];
  const severity = check.verdict === 'refuses' ? 'error' : 'warning';
  return [issue(severity, path, check.sentence, ADVICE[check.code] ?? 'Look it up in the documentation of Patroni.')];
}

/** Sections that Patroni reads from each member's own file only (patroni/config.py). */
const LOCAL_SECTIONS: ReadonlySet<string> = new Set([
  ...['name', 'scope', 'namespace', 'log', 'restapi', 'ctl', 'tags', 'watchdog'],
  ...['etcd', 'etcd3', 'consul', 'zookeeper', 'exhibitor', 'kubernetes', 'raft'],
]);

/** What counts once, in the section `bootstrap` of the file of the member that creates the cluster. */
const BOOTSTRAP_ONLY: ReadonlySet<string> = new Set([
  'bootstrap',
  'initdb',
  'dcs',
  'users',
  'method',
  'post_init',
  'post_bootstrap',
]);

/** What the section `postgresql` may hold in the dynamic configuration. */
const POSTGRESQL_KEYS = [
  ...['parameters', 'pg_hba', 'pg_ident', 'use_pg_rewind', 'use_slots', 'recovery_conf', 'callbacks', 'basebackup'],
  ...['create_replica_methods', 'create_replica_method', 'custom_conf', 'pg_ctl_timeout', 'bin_dir', 'bin_name'],
  ...['use_unix_socket', 'use_unix_socket_repl', 'pre_promote', 'before_stop', 'rewind', 'pgpass'],
  ...['remove_data_directory_on_rewind_failure', 'remove_data_directory_on_diverged_timelines'],
  ...['connect_address', 'proxy_address', 'listen', 'config_dir', 'data_dir', 'authentication'],
];

/** Parameters that Patroni sets itself, whatever is written (patroni/postgresql/config.py). */
const FIXED: ReadonlySet<string> = new Set([
  ...['listen_addresses', 'port', 'cluster_name', 'hot_standby', 'primary_conninfo', 'primary_slot_name'],
  ...['data_directory', 'hba_file', 'ident_file', 'external_pid_file'],
]);

function judgeUnknownTop(key: string): readonly ConfigIssue[] {
  if (BOOTSTRAP_ONLY.has(key))
    return [
      issue(
        'warning',
        [key],
        `${key} counts only when a cluster is created, in the section bootstrap of a member's own file; here it does nothing.`,
        'Remove it here.',
      ),
    ];
  if (LOCAL_SECTIONS.has(key))
    return [
      issue(
        'warning',
        [key],
        `Patroni reads ${key} from each member's own file only; here it does nothing.`,
        'Remove it here.',
      ),
    ];
  if (key === 'pg_hba' || key === 'parameters' || judgeParameterName(key).kind === 'known')
    return [
      issue(
        'warning',
        [key],
        `${key} does nothing here: it belongs to PostgreSQL.`,
        `Move it to postgresql.${key === 'pg_hba' || key === 'parameters' ? key : `parameters.${key}`}.`,
      ),
    ];
  const meant = findNearestName(key, Object.keys(patroniSettings));
  return [
    issue(
      'warning',
      [key],
      `${key} is not a setting this app knows; Patroni ignores keys it does not know.`,
      meant === null ? 'Correct the name, or remove it.' : `Did you mean ${meant}?`,
    ),
  ];
}

function judgeTop(config: Json, context: ConfigContext): readonly ConfigIssue[] {
  return Object.entries(config).flatMap(([key, value]) => {
    if (value === null) return [emptyValue([key])];
    if (!Object.hasOwn(patroniSettings, key)) return judgeUnknownTop(key);
    return fromCheck([key], checkTopKey(key, value, context.version));
  });
}

function emptyValue(path: readonly string[]): ConfigIssue {
  return issue(
    'error',
    path,
    `${path.join('.')} has no value, and the DCS cannot hold that.`,
    'Give it a value, or remove its line.',
  );
}

function judgePostgresqlKeys(section: Json, { version }: ConfigContext): readonly ConfigIssue[] {
  return Object.entries(section).flatMap(([key, value]) => {
    const path = ['postgresql', key];
    if (value === null) return [emptyValue(path)];
    if (/^(pg_hba|pg_ident|parameters)_(primary|replica|standby_leader)$/.test(key))
      return fromCheck(path, checkYounger(`postgresql.${key}`, version));
    if (POSTGRESQL_KEYS.includes(key))
      return fromCheck(path, checkPostgresql({ path, before: undefined, after: value }));
    if (judgeParameterName(key).kind === 'known')
      return [
        issue(
          'warning',
          path,
          `${key} does nothing here: it is a parameter of PostgreSQL.`,
          `Move it to postgresql.parameters.${key}.`,
        ),
      ];
    const meant = findNearestName(key, POSTGRESQL_KEYS);
    return [
      issue(
        'warning',
        path,
        `postgresql.${key} is not a setting this app knows; Patroni ignores keys it does not know.`,
        meant === null ? 'Correct the name, or remove it.' : `Did you mean ${meant}?`,
      ),
    ];
  });
}

/** What is wrong with one parameter of PostgreSQL, wherever Patroni reads it from. */
export function judgeParameter(name: string, value: unknown, context: ConfigContext): readonly ConfigIssue[] {
  const path = ['postgresql', 'parameters', name];
  if (value === null) return [emptyValue(path)];
  if (FIXED.has(name.toLowerCase()))
    return [issue('warning', path, `Patroni sets ${name} itself; what stands here has no effect.`, 'Remove it here.')];
  const text = parameterText(value);
  if (text === null)
    return [issue('error', path, `${name} takes one value, not a list or a section.`, 'Write one value.')];
  const definition = context.definitions.get(name.toLowerCase());
  if (definition === undefined) return judgeUnknownParameter(path, name, context);
  const byPatroni = fromCheck(path, checkPostgresql({ path, before: undefined, after: value }));
  if (byPatroni.length > 0) return byPatroni;
  const read = readParameterValue(definition, text);
  if (read.kind === 'value')
    return name === 'wal_level' && read.value === 'minimal'
      ? [
          issue(
            'error',
            path,
            'With wal_level minimal there is no replication; Patroni does not take it.',
            'Choose replica or logical.',
          ),
        ]
      : [];
  return [issue(context.certain ? 'error' : 'warning', path, read.sentence, read.advice)];
}

function judgeUnknownParameter(path: readonly string[], name: string, context: ConfigContext): readonly ConfigIssue[] {
  if (name.includes('.')) return [];
  if (!context.certain && judgeParameterName(name).kind === 'known') return [];
  const meant = findNearestName(name, [...context.definitions.keys()]);
  return [
    issue(
      'warning',
      path,
      `PostgreSQL ${context.certain ? 'on these servers ' : ''}has no parameter ${name}; Patroni leaves it out.`,
      meant === null ? 'Correct the name, or remove it.' : `Did you mean ${meant}?`,
    ),
  ];
}

function numberIn(config: Json, key: string, otherwise: number): number {
  const value = Number(config[key] ?? otherwise);
  return Number.isFinite(value) ? value : otherwise;
}

function isOn(value: unknown): boolean {
  return value === true || (typeof value === 'string' && readSwitchWord(value) === true);
}

/** Whether commits wait for standbys at all. */
function isSynchronous(config: Json): boolean {
  return config['synchronous_mode'] === 'quorum' || isOn(config['synchronous_mode']);
}

function judgeSynchronous(config: Json, { standbys, version }: ConfigContext): readonly ConfigIssue[] {
  if (!isSynchronous(config)) {
    const idle = ['synchronous_mode_strict', 'synchronous_node_count', 'maximum_lag_on_syncnode'];
    return idle
      .filter((key) => config[key] !== undefined && config[key] !== false)
      .map((key) =>
        issue(
          'info',
          [key],
          `${key} counts only while synchronous_mode is on.`,
          'Turn synchronous_mode on, or leave it.',
        ),
      );
  }
  const wanted = numberIn(config, 'synchronous_node_count', 1);
  const strict = isOn(config['synchronous_mode_strict']);
  if (strict && standbys === 0)
    return [
      issue(
        'error',
        ['synchronous_mode_strict'],
        'No member beside the leader may be a synchronous standby: with synchronous_mode_strict all writes would stop.',
        'Turn synchronous_mode_strict off, or add a member.',
      ),
    ];
  const key = config['synchronous_node_count'] === undefined ? 'synchronous_mode' : 'synchronous_node_count';
  if (wanted > standbys)
    return [
      issue(
        'warning',
        [key],
        `${wanted} synchronous ${wanted === 1 ? 'standby is' : 'standbys are'} asked for, but only ${standbys} ` +
          `${standbys === 1 ? 'member' : 'members'} beside the leader may be one; Patroni takes as many as there are.`,
        `Lower synchronous_node_count${standbys === 0 ? ', or turn synchronous_mode off' : ` to ${standbys} or less`}, or add members.`,
      ),
    ];
  if (strict && standbys === 1)
    return [
      issue(
        'warning',
        ['synchronous_mode_strict'],
        'Only one member may be a synchronous standby: when it stops, all writes stop.',
        'Add a member, or turn synchronous_mode_strict off.',
      ),
    ];
  return config['synchronous_mode'] === 'quorum' && isPatroniAtLeast(version, '4.0.0') === null
    ? [
        issue(
          'info',
          ['synchronous_mode'],
          'quorum needs Patroni 4.0, and no member has told its version.',
          'Look at the versions first.',
        ),
      ]
    : [];
}

function judgeNumbers(parameters: Json, { members, definitions }: ConfigContext): readonly ConfigIssue[] {
  const of = (name: string, otherwise: number): number => {
    const definition = definitions.get(name);
    const text = parameterText(parameters[name]);
    const read = definition === undefined || text === null ? null : readParameterValue(definition, text);
    return read?.kind === 'value' ? Number(read.value) : otherwise;
  };
  const path = (name: string) => ['postgresql', 'parameters', name];
  const connections = of('max_connections', 100);
  const reserved = of('superuser_reserved_connections', 3);
  const senders = of('max_wal_senders', 10);
  return [
    ...(reserved >= connections
      ? [
          issue(
            'error',
            path('superuser_reserved_connections'),
            `superuser_reserved_connections (${reserved}) must be lower than max_connections (${connections}): PostgreSQL would not start.`,
            'Raise max_connections, or lower superuser_reserved_connections.',
          ),
        ]
      : []),
    ...(parameters['max_wal_senders'] !== undefined && senders < members
      ? [
          issue(
            'warning',
            path('max_wal_senders'),
            `${senders} WAL senders are few for ${members} members: each replica takes one, and each copy two more.`,
            `Use at least ${members + 2}.`,
          ),
        ]
      : []),
  ];
}

const SLOT_NAME = /^[a-z0-9_]{1,63}$/;

/** The names under which Patroni looks for permanent slots: the first that holds some counts (patroni/global_config.py). */
const SLOT_SECTIONS = ['permanent_replication_slots', 'permanent_slots', 'slots'];

function judgeSlots(config: Json): readonly ConfigIssue[] {
  const held = SLOT_SECTIONS.filter((key) => isJsonObject(config[key]) && Object.keys(config[key]).length > 0);
  const [counts, ...others] = held;
  if (counts === undefined) return [];
  return [
    ...others.map((key) =>
      issue(
        'error',
        [key],
        `${key} does nothing: Patroni takes the slots of ${counts}, an earlier name of slots, in its place.`,
        'Put all of them into slots.',
      ),
    ),
    ...judgeSlotSection(counts, config[counts]),
  ];
}

function judgeSlotSection(key: string, slots: unknown): readonly ConfigIssue[] {
  if (!isJsonObject(slots)) return [];
  return Object.entries(slots).flatMap(([name, slot]) => {
    const path = [key, name];
    if (!SLOT_NAME.test(name))
      return [
        issue(
          'error',
          path,
          `${name} cannot be the name of a slot.`,
          'Use lower-case letters, digits and underscores.',
        ),
      ];
    if (!isJsonObject(slot) || slot['type'] !== 'logical') return [];
    return slot['database'] === undefined || slot['plugin'] === undefined
      ? [
          issue(
            'error',
            path,
            `The logical slot ${name} needs a database and a plugin.`,
            'Add database and plugin, e.g. pgoutput.',
          ),
        ]
      : [];
  });
}

/** Everything that is wrong with a dynamic configuration, or has no effect in it. Pure; nothing is asked. */
export function judgeConfig(config: Json, context: ConfigContext): readonly ConfigIssue[] {
  const section = isJsonObject(config['postgresql']) ? config['postgresql'] : {};
  const parameters = isJsonObject(section['parameters']) ? section['parameters'] : {};
  return [
    ...judgeTop(config, context),
    ...fromCheck(['ttl'], checkTiming(config)),
    ...judgeSynchronous(config, context),
    ...judgePostgresqlKeys(section, context),
    ...Object.entries(parameters).flatMap(([name, value]) => judgeParameter(name, value, context)),
    ...judgeNumbers(parameters, context),
    ...judgeSlots(config),
    ...judgeHbaSection(section['pg_hba']),
  ];
}

/**
 * Everything that is wrong with a draft of a dynamic configuration. What was empty before and still is, as `parameters:` of Debian's own
 * template, is not the draft's fault: it stays as it is.
 */
export function judgeDraft(base: Json, draft: Json, context: ConfigContext): readonly ConfigIssue[] {
  return judgeConfig(draft, context).map((one) =>
    valueAt(base, one.path) === null && valueAt(draft, one.path) === null
      ? issue('info', one.path, `${one.path.join('.')} is empty, as if it were not set.`, 'Leave it.')
      : one,
  );
}
