import { z } from 'zod';
import type {
  DynamicConfig,
  FailoverRequest,
  ScheduledSwitchover,
  SyncState,
  TimelineChange,
} from '../../../../shared/model/cluster/cluster-state';
import { countable, fields, fromJson, lsn, text, parseLsn, parseTime } from './fields';

/** Defaults of the dynamic configuration (docs/dynamic_configuration.rst). */
const DEFAULTS = { ttl: 30, loopWait: 10, retryTimeout: 10, maximumLagOnFailover: 1_048_576 };

const loose = z.union([z.boolean(), z.string(), z.number()]).nullable().default(null).catch(null);
const config = z.object({
  ttl: countable,
  loop_wait: countable,
  retry_timeout: countable,
  maximum_lag_on_failover: countable,
  check_timeline: loose,
  standby_cluster: fields,
  pause: loose,
  synchronous_mode: loose,
  synchronous_mode_strict: loose,
  failsafe_mode: loose,
});

/** The `config` key: the model's part, and what only the fold needs. */
export interface ConfigKey {
  readonly config: DynamicConfig;
  readonly paused: boolean;
  readonly syncMode: SyncState['mode'];
  readonly strict: boolean;
}

/** Patroni reads YAML's and Python's words for true alike (utils.py, parse_bool). */
const isOn = (value: string | number | boolean | null): boolean =>
  value === true || (typeof value === 'string' && /^(true|on|yes|1)$/i.test(value)) || value === 1;

function toMode(value: string | number | boolean | null): SyncState['mode'] {
  if (value === 'quorum') return 'quorum';
  return isOn(value) ? 'on' : 'off';
}

/** Reads a dynamic configuration given as JSON; null when it is no object. */
export function parseConfig(value: unknown): ConfigKey | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const raw = fields.parse(value);
  const found = config.parse(raw);
  return {
    config: {
      ttl: found.ttl ?? DEFAULTS.ttl,
      loopWait: found.loop_wait ?? DEFAULTS.loopWait,
      retryTimeout: found.retry_timeout ?? DEFAULTS.retryTimeout,
      maximumLagOnFailover: found.maximum_lag_on_failover ?? DEFAULTS.maximumLagOnFailover,
      checkTimeline: isOn(found.check_timeline),
      // A standby cluster is one whose source is named (global_config.py, is_standby_cluster).
      standbyCluster: ['host', 'port', 'restore_command'].some((key) => Boolean(found.standby_cluster[key])),
      failsafeMode: isOn(found.failsafe_mode),
      raw,
    },
    paused: isOn(found.pause),
    syncMode: toMode(found.synchronous_mode),
    strict: isOn(found.synchronous_mode_strict),
  };
}

/** The `config` key's text. */
export function parseConfigKey(key: string): ConfigKey | null {
  return parseConfig(fromJson(key));
}

/** The `history` key or GET /history: rows `[timeline, lsn, reason, timestamp?, new_leader?]`; rows that are none are left out. */
export function parseHistory(value: unknown): readonly TimelineChange[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((row: unknown): TimelineChange[] => {
    if (!Array.isArray(row)) return [];
    const [timeline, end, reason, at, newLeader] = row as unknown[];
    if (typeof timeline !== 'number') return [];
    return [
      {
        timeline,
        lsn: parseLsn(end) ?? 0,
        reason: typeof reason === 'string' ? reason : '',
        at: parseTime(at),
        newLeader: typeof newLeader === 'string' ? newLeader : null,
      },
    ];
  });
}

/** The `failover` key: what waits, and whether it has a time. */
export interface FailoverKey {
  readonly request: FailoverRequest | null;
  readonly scheduled: ScheduledSwitchover | null;
}

const failover = z.object({ leader: text, member: text, scheduled_at: text });
const NO_FAILOVER: FailoverKey = { request: null, scheduled: null };

/** Reads it; `{}` and "" mean none, and old versions wrote `leader:candidate`. */
export function parseFailoverKey(key: string): FailoverKey {
  const json = fromJson(key);
  if (json === undefined) return parseOldFailover(key);
  const found = failover.parse(fields.parse(json));
  const from = found.leader === '' ? null : found.leader;
  const to = found.member === '' ? null : found.member;
  const at = parseTime(found.scheduled_at);
  if (at !== null) return { request: null, scheduled: { at, from, to } };
  return from === null && to === null ? NO_FAILOVER : { request: { from, to }, scheduled: null };
}

function parseOldFailover(key: string): FailoverKey {
  const [from = '', to = ''] = key.split(':');
  if (from === '' && to === '') return NO_FAILOVER;
  return { request: { from: from === '' ? null : from, to: to === '' ? null : to }, scheduled: null };
}

/** The `sync` key. */
export interface SyncKey {
  readonly leader: string | null;
  readonly standbys: readonly string[];
  readonly quorum: number | null;
}
const sync = z.object({ leader: text, sync_standby: text, quorum: countable });

/** Reads it; the standbys are one text parted by commas. */
export function parseSyncKey(key: string): SyncKey {
  const found = sync.parse(fields.parse(fromJson(key)));
  const standbys = (found.sync_standby ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return { leader: found.leader === '' ? null : found.leader, standbys, quorum: found.quorum };
}

const status = z.object({ optime: lsn, slots: fields });

/** The leader's last written position from `status` (2.1 and later) or `optime/leader` (before); bytes. */
export function parseOptime(key: string): number | null {
  const json = fromJson(key);
  if (typeof json === 'number') return json;
  return status.parse(fields.parse(json)).optime;
}
