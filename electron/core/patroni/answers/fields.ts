import { z } from 'zod';
import type {
  PatroniRole,
  PendingParameter,
  PostgresState,
  ScheduledRestart,
} from '../../../../shared/model/cluster/member';

/**
 * Fields of Patroni's answers, each read on its own: a field that is missing or of a strange type is null and
 * spoils nothing else. Every field is optional in some version or state (api.py, get_postgresql_status), so a missing
 * one has a default: an error that is thrown and caught would cost more than reading the rest of the answer.
 */
export const text = z.string().nullable().default(null).catch(null);
/** A number, or null. */
export const number = z.number().nullable().default(null).catch(null);
/** True or false, or null. */
export const flag = z.boolean().nullable().default(null).catch(null);
/** A field that is read later, by its own rule. */
export const anything = z.unknown().optional();
/** An object, or an empty one. */
export const fields = z.record(z.string(), z.unknown()).default({}).catch({});
/** A list, or an empty one. */
export const list = z.array(z.unknown()).default([]).catch([]);
/** A number, also when it was sent as a string of digits. */
export const countable = z
  .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
  .nullable()
  .default(null)
  .catch(null);

/** A WAL position: an integer, or PostgreSQL's `16/B374D848`; bytes. */
export function parseLsn(value: unknown): number | null {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'string') return null;
  const parts = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(value);
  if (parts !== null) return parseInt(parts[1] ?? '', 16) * 2 ** 32 + parseInt(parts[2] ?? '', 16);
  return /^\d{1,20}$/.test(value) ? Number(value) : null;
}
/** Its schema; null for anything else. */
export const lsn = z.unknown().optional().transform(parseLsn);

/** A time as Patroni writes it: ISO 8601, or `2026-01-02 03:04:05.123456+00:00` (also `+00`); ms since the epoch. */
export function parseTime(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(\.\d+)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(value.trim());
  if (parts === null) return null;
  const [, day, clock, fraction, zone] = parts;
  const at = Date.parse(`${day ?? ''}T${clock ?? ''}${(fraction ?? '').slice(0, 4)}${fullZone(zone)}`);
  return Number.isNaN(at) ? null : at;
}
const fullZone = (zone: string | undefined): string => {
  if (zone === undefined || zone === 'Z') return 'Z';
  const digits = zone.replace(':', '');
  return `${digits.slice(0, 3)}:${digits.length > 3 ? digits.slice(3) : '00'}`;
};
/** A time in ms, or null; see `parseTime`. */
export const time = z.unknown().optional().transform(parseTime);

const STATES: readonly PostgresState[] = [
  'initializing new cluster',
  'initdb failed',
  'running custom bootstrap script',
  'custom bootstrap failed',
  'creating replica',
  'running',
  'starting',
  'starting after custom bootstrap',
  'start failed',
  'restarting',
  'restart failed',
  'stopping',
  'stopped',
  'stop failed',
  'crashed',
  'streaming',
  'in archive recovery',
];

/** Patroni's own word for the state of PostgreSQL (postgresql/misc.py, PostgresqlState), or `unknown`. */
export function toState(value: string | null): PostgresState {
  return STATES.find((state) => state === value) ?? 'unknown';
}

/** The role in one word for all versions: only this function knows that `master` (up to 3.3) and `primary` (from 4.0) are one. */
export function toPatroniRole(value: string | null): PatroniRole {
  switch (value) {
    case 'master':
    case 'primary':
      return 'primary';
    case 'promoted':
    case 'standby_leader':
    case 'replica':
    case 'demoted':
    case 'uninitialized':
      return value;
    default:
      return 'unknown';
  }
}

/** `{guc: {old_value, new_value}}` (3.3 and later); null when the version does not report it. */
export function toPending(value: unknown): readonly PendingParameter[] | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.entries(value).map(([name, change]): PendingParameter => {
    const { old_value: oldValue, new_value: newValue } = pendingChange.parse(fields.parse(change));
    return { name, oldValue, newValue };
  });
}
const shown = z
  .union([z.string(), z.number().transform(String), z.boolean().transform(String)])
  .nullable()
  .default(null)
  .catch(null);
const pendingChange = z.object({ old_value: shown, new_value: shown });

/** The restart a member will do at a time. */
export function toScheduledRestart(value: unknown): ScheduledRestart | null {
  const found = fields.parse(value);
  const at = parseTime(found['schedule']);
  // Patroni looks at whether the key is there, not at its value (ha.py, restart_matches).
  return at === null ? null : { at, pendingOnly: 'restart_pending' in found };
}

/** Tags that are plain values; nested ones are no tags of Patroni. */
export function toTags(value: unknown): Readonly<Record<string, string | number | boolean>> {
  const plain = Object.entries(fields.parse(value)).flatMap(([name, tag]) =>
    typeof tag === 'string' || typeof tag === 'number' || typeof tag === 'boolean' ? [[name, tag] as const] : [],
  );
  return Object.fromEntries(plain);
}

/** A text as JSON, or undefined when it is none. */
export function fromJson(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undefined;
  }
}
