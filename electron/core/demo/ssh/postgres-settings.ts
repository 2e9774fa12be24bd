import type { ParameterDefinition } from '../../../../shared/model/configure/parameter';
import { knownParameters } from '../../../../shared/rules/configure/parameter-table';
import { readParameterValue } from '../../../../shared/rules/configure/parameter-value';
import { isObject } from '../model/json';
import { answersQueries } from '../model/postgres';
import { connectedSessions } from '../sql/activity-rows';
import type { MemberState } from '../model/types';
import type { DemoHost } from '../network/network';
import { postgresMajor } from '../rest/patroni-status';

/** Parameters that Patroni passes on the command line. */
const COMMAND_LINE: ReadonlySet<string> = new Set([
  'max_connections',
  'max_wal_senders',
  'max_replication_slots',
  'max_prepared_transactions',
  'max_locks_per_transaction',
  'max_worker_processes',
  'track_commit_timestamp',
  'wal_level',
  'wal_log_hints',
  'listen_addresses',
  'port',
  'cluster_name',
  'hot_standby',
]);

/** Somebody once wrote this with ALTER SYSTEM on the second member of every cluster. */
const ALTERED = { member: 1, name: 'log_min_duration_statement', value: '250' };

/** What initdb decided, which nobody can set. */
const CHECKSUMS: readonly unknown[] = [
  'data_checksums',
  'on',
  null,
  'Preset Options',
  'Shows whether data checksums are turned on for this cluster.',
  'internal',
  'bool',
  'default',
  null,
  null,
  null,
  'off',
  null,
  null,
  false,
];

interface Value {
  readonly value: string;
  readonly source: string;
  readonly file: string | null;
  readonly line: number | null;
}

/** What psql prints for the query of the settings on a simulated server; null where its PostgreSQL does not answer. */
export function settingsAnswer(host: DemoHost): string | null {
  if (!answersQueries(host.member)) return null;
  const directory = `/var/lib/postgresql/${postgresMajor(host.driver.sim)}/main`;
  const wanted = parametersOf(host.member);
  const names = Object.keys(wanted).sort();
  const values = new Map(
    knownParameters.map((one) => [one.name, valueOf(host, one, wanted[one.name], { directory, names })] as const),
  );
  const rows = [...knownParameters.map((one) => rowOf(host.member, one, values.get(one.name))), CHECKSUMS];
  const files = [...values].flatMap(([name, { value, file, line }]) =>
    file === null ? [] : [[file, line ?? 0, name, value, true, null]],
  );
  const parts: readonly (readonly [string, string])[] = [
    ['version', `${postgresMajor(host.driver.sim)}0005`],
    ['settings', JSON.stringify(rows)],
    ['end', ''],
    ['files', JSON.stringify(files)],
    ['hba', JSON.stringify(hbaRows(host))],
    [
      'roles',
      JSON.stringify([
        ['postgres', []],
        ['replicator', []],
        ['app', ['writers']],
        ['writers', []],
      ]),
    ],
    ['clients', JSON.stringify(clientRows(host))],
  ];
  return parts.map((part) => `${part.join('\t')}\n`).join('');
}

function parametersOf({ config, ownParameters }: MemberState): Readonly<Record<string, string>> {
  const section = isObject(config.postgresql) ? config.postgresql : {};
  const shared = isObject(section.parameters) ? section.parameters : {};
  const parameters = { ...shared, ...ownParameters };
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) =>
      value === null || typeof value === 'object' ? [] : [[name, String(value)]],
    ),
  );
}

function valueOf(
  { member }: DemoHost,
  definition: ParameterDefinition,
  wanted: string | undefined,
  { directory, names }: { readonly directory: string; readonly names: readonly string[] },
): Value {
  const { name } = definition;
  const running = Object.hasOwn(member.effective, name) ? member.effective[name] : undefined;
  if (member.index === ALTERED.member && name === ALTERED.name)
    return { value: ALTERED.value, source: 'configuration file', file: `${directory}/postgresql.auto.conf`, line: 3 };
  if (COMMAND_LINE.has(name))
    return {
      value: inUnit(definition, running ?? definition.builtIn ?? ''),
      source: 'command line',
      file: null,
      line: null,
    };
  if (wanted === undefined)
    return {
      value: inUnit(definition, running ?? definition.builtIn ?? ''),
      source: 'default',
      file: null,
      line: null,
    };
  return {
    value: inUnit(definition, running ?? wanted),
    source: 'configuration file',
    file: `${directory}/postgresql.conf`,
    line: names.indexOf(name) + 8,
  };
}

function inUnit(definition: ParameterDefinition, text: string): string {
  const read = readParameterValue(definition, text);
  return read.kind === 'value' ? read.value : (definition.builtIn ?? '');
}

function rowOf(member: MemberState, one: ParameterDefinition, held: Value | undefined): readonly unknown[] {
  return [
    one.name,
    held?.value ?? null,
    one.unit,
    one.group,
    one.description,
    one.context,
    one.type,
    held?.source ?? 'default',
    one.min,
    one.max,
    one.choices.length === 0 ? null : one.choices,
    one.builtIn,
    held?.file ?? null,
    held?.line ?? null,
    Object.hasOwn(member.pending, one.name),
  ];
}

/** Who is connected: the sessions that the page about PostgreSQL shows, and Patroni itself. */
function clientRows(host: DemoHost): readonly (readonly unknown[])[] {
  const sessions = connectedSessions(host).map(({ user, database, client, application }) => [
    ...[user, database, client, client !== null, database === null, application, 1],
  ]);
  return [...sessions, ['postgres', 'postgres', null, false, false, 'Patroni heartbeat', 1]];
}

/** The rules that Patroni wrote: those of the dynamic configuration, or what a package's own file usually says. */
function hbaRows({ member }: DemoHost): readonly (readonly unknown[])[] {
  const section = isObject(member.config.postgresql) ? member.config.postgresql : {};
  const written = Array.isArray(section.pg_hba) ? section.pg_hba.map(String) : DEFAULT_HBA;
  return written.map((rule, index) => {
    const [type = '', database = '', user = '', ...rest] = rule.split(/\s+/);
    const [address, method] = type === 'local' ? [null, rest[0]] : [rest[0] ?? null, rest[1]];
    const [host, length] = address?.split('/') ?? [null];
    return [index + 1, type, database.split(','), user.split(','), host, maskOf(length), method ?? null, null, null];
  });
}

/** A prefix length of an IPv4 address as the mask that pg_hba_file_rules shows. */
function maskOf(length: string | null | undefined): string | null {
  if (length == null) return null;
  const bits = Number(length);
  return [0, 1, 2, 3].map((byte) => 256 - 2 ** (8 - Math.min(8, Math.max(0, bits - byte * 8)))).join('.');
}

const DEFAULT_HBA = [
  'local all all peer',
  'host replication replicator 10.0.0.0/8 scram-sha-256',
  'host all all 10.0.0.0/8 scram-sha-256',
];
