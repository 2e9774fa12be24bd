import { z } from 'zod';
import { appError } from '../../../shared/model/app-error';
import type { ParameterDefinition, PostgresFacts } from '../../../shared/model/configure/parameter';
import { groupOfCategory } from '../../../shared/rules/configure/parameter-groups';
import {
  findKnownParameter,
  parameterContextOf,
  parameterTypeOf,
} from '../../../shared/rules/configure/parameter-table';

/** The first line of the query; who answers in a server's place knows it by this. */
export const POSTGRES_FACTS_FIRST_LINE = '-- matriarch:postgres-facts v1';

/**
 * Asks a running PostgreSQL for its configuration; it changes nothing and waits for no lock. Each part is one JSON array on a line
 * `NAME<tab>JSON`; the last line is `end`. What only a superuser may see comes last: without it the rest still counts.
 */
export const POSTGRES_FACTS_QUERY = `${POSTGRES_FACTS_FIRST_LINE}
SET statement_timeout = '10s';
SET lock_timeout = '2s';
SELECT 'version', current_setting('server_version_num');
SELECT 'settings', coalesce(json_agg(json_build_array(name, setting, unit, category, short_desc, context, vartype, source, min_val,
  max_val, enumvals, boot_val, sourcefile, sourceline, pending_restart)), '[]') FROM pg_catalog.pg_settings;
SELECT 'end', '';
SELECT 'files', coalesce(json_agg(json_build_array(sourcefile, sourceline, name, setting, applied, error) ORDER BY seqno), '[]')
  FROM pg_catalog.pg_file_settings WHERE name IS NOT NULL AND sourcefile IS NOT NULL;
SELECT 'hba', coalesce(json_agg(json_build_array(line_number, type, database, user_name, address, netmask, auth_method, options, error)
  ORDER BY line_number), '[]') FROM pg_catalog.pg_hba_file_rules;
WITH RECURSIVE held(role, of) AS (
  SELECT member, roleid FROM pg_catalog.pg_auth_members
  UNION SELECT held.role, above.roleid FROM held JOIN pg_catalog.pg_auth_members above ON above.member = held.of
)
SELECT 'roles', coalesce(json_agg(json_build_array(rolname, (SELECT coalesce(json_agg(pg_get_userbyid(held.of)), '[]')
  FROM held WHERE held.role = r.oid))), '[]') FROM (SELECT oid, rolname FROM pg_catalog.pg_roles ORDER BY rolname LIMIT 5000) r;
SELECT 'clients', coalesce(json_agg(json_build_array(usename, datname, address, tls, replication, application, sessions)), '[]') FROM (
  SELECT a.usename, a.datname, host(a.client_addr) AS address, coalesce(s.ssl, false) AS tls,
    a.backend_type = 'walsender' AND a.datname IS NULL AS replication, coalesce(a.application_name, '') AS application, count(*) AS sessions
  FROM pg_catalog.pg_stat_activity a LEFT JOIN pg_catalog.pg_stat_ssl s ON s.pid = a.pid
  WHERE a.usename IS NOT NULL AND a.pid <> pg_backend_pid() AND a.backend_type IN ('client backend', 'walsender')
  GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 7 DESC LIMIT 500) c;
`;

const text = z.string().nullable();
const settingRow = z.tuple([
  z.string(),
  text,
  text,
  z.string(),
  text,
  z.string(),
  z.string(),
  z.string(),
  text,
  text,
  z.array(z.string()).nullable(),
  text,
  text,
  z.number().nullable(),
  z.boolean(),
]);
const fileRow = z.tuple([z.string(), z.number(), z.string(), text, z.boolean(), text]);
const hbaRow = z.tuple([
  z.number(),
  text,
  z.array(z.string()).nullable(),
  z.array(z.string()).nullable(),
  text,
  text,
  text,
  z.array(z.string()).nullable(),
  text,
]);
const roleRow = z.tuple([z.string(), z.array(z.string())]);
const clientRow = z.tuple([z.string(), text, text, z.boolean(), z.boolean(), z.string(), z.number()]);

type SettingRow = z.infer<typeof settingRow>;

/** The part of psql's answer with this name, checked; null where it is missing or not as expected. */
function partOf<T>(lines: readonly string[], name: string, row: z.ZodType<T>): readonly T[] | null {
  const line = lines.find((one) => one.startsWith(`${name}\t`));
  if (line === undefined) return null;
  try {
    return z.array(row).safeParse(JSON.parse(line.slice(name.length + 1))).data ?? null;
  } catch {
    return null;
  }
}

function definitionOf(row: SettingRow): ParameterDefinition {
  const [name, , unit, category, description, context, type, , min, max, choices, builtIn] = row;
  return {
    name,
    type: parameterTypeOf(type),
    unit,
    context: parameterContextOf(context),
    min,
    max,
    choices: choices ?? [],
    builtIn,
    group: groupOfCategory(category),
    description: description ?? findKnownParameter(name)?.description ?? '',
  };
}

/** Connection strings may hold a password, as a word of their own or before the host of an address. */
const PASSWORD = /(\w*password\s*=\s*)('(?:[^'\\]|\\.|'')*'|\S+)/gi;
const ADDRESS_PASSWORD = /(\/\/[^\s:/@]*:)[^\s@]+(?=@)/g;

function withoutPassword(value: string | null): string | null {
  return value === null ? null : value.replace(PASSWORD, '$1***').replace(ADDRESS_PASSWORD, '$1***');
}

/** Reads what psql printed. Throws `postgres.not_answered` where the settings are not among it. */
export function readPostgresFacts(output: string, target: string): PostgresFacts {
  const lines = output.split('\n');
  const settings = partOf(lines, 'settings', settingRow);
  const version = Number(lines.find((line) => line.startsWith('version\t'))?.slice(8));
  if (settings === null || !lines.includes('end\t') || !Number.isInteger(version))
    throw appError('postgres.not_answered', `What PostgreSQL on ${target} says of its settings is incomplete.`, {
      target,
      hint: 'Read again; if it stays so, look at the log of PostgreSQL.',
      retryable: true,
    });
  return {
    version,
    definitions: settings.map(definitionOf),
    values: Object.fromEntries(
      settings.map(([name, value, , , , , , source, , , , , file, line, pendingRestart]) => [
        name,
        { value: withoutPassword(value), source, file, line, pendingRestart },
      ]),
    ),
    fileSettings: (partOf(lines, 'files', fileRow) ?? []).map(([file, line, name, value, applied, error]) => ({
      file,
      line,
      name,
      value: withoutPassword(value),
      applied,
      error,
    })),
    hba: readHba(lines),
    memberships: Object.fromEntries(partOf(lines, 'roles', roleRow) ?? []),
    clients: (partOf(lines, 'clients', clientRow) ?? []).map(
      ([user, database, address, tls, replication, application, sessions]) => ({
        ...{ user, database, address, tls, replication, application, sessions },
      }),
    ),
  };
}

function readHba(lines: readonly string[]): PostgresFacts['hba'] {
  const rows = partOf(lines, 'hba', hbaRow);
  if (rows === null) return null;
  return rows.map(([line, type, databases, users, address, netmask, method, options, error]) => ({
    line,
    type,
    databases: databases ?? [],
    users: users ?? [],
    address,
    netmask,
    method,
    options: (options ?? []).map((option) => (/passwd|secret/i.test(option) ? option.replace(/=.*/, '=***') : option)),
    error,
  }));
}
