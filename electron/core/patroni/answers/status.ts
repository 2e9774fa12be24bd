import { z } from 'zod';
import type {
  PatroniRole,
  PendingParameter,
  PostgresState,
  ReplicationConnection,
  ScheduledRestart,
} from '../../../../shared/model/cluster/member';
import {
  anything,
  countable,
  fields,
  flag,
  list,
  lsn,
  number,
  text,
  time,
  toPatroniRole,
  toPending,
  toScheduledRestart,
  toState,
  toTags,
} from './fields';

/**
 * GET /patroni of one member in one form for all versions (api.py, get_postgresql_status). Times are ms since the
 * epoch, positions bytes.
 */
export interface StatusAnswer {
  readonly state: PostgresState;
  readonly stateText: string;
  readonly role: PatroniRole;
  readonly postgresVersion: number | null;
  readonly postmasterStart: number | null;
  readonly timeline: number | null;
  /** On a primary: written. */
  readonly location: number | null;
  readonly receivedLsn: number | null;
  readonly replayedLsn: number | null;
  readonly replayPaused: boolean | null;
  /** When the last replayed transaction was committed. */
  readonly replayedAt: number | null;
  readonly replicationState: string | null;
  readonly syncStandby: boolean;
  readonly quorumStandby: boolean;
  /** null: the answer has no list (no walsender, or PostgreSQL could not be asked). */
  readonly connections: readonly ReplicationConnection[] | null;
  /** Nobody holds the lock, or this node cannot see the DCS: ambiguous by itself. */
  readonly unlocked: boolean;
  readonly failsafeActive: boolean;
  readonly dcsLastSeen: number | null;
  readonly paused: boolean;
  readonly pendingRestart: boolean;
  readonly pending: readonly PendingParameter[] | null;
  readonly scheduledRestart: ScheduledRestart | null;
  readonly tags: Readonly<Record<string, string | number | boolean>>;
  readonly watchdogFailed: boolean;
  readonly systemIdentifier: string | null;
  readonly patroniVersion: string | null;
  readonly scope: string | null;
  /** From 3.2. */
  readonly name: string | null;
}

const identifier = z
  .union([z.string(), z.number().transform(String)])
  .nullable()
  .default(null)
  .catch(null);

const answer = z.object({
  state: text,
  role: text,
  server_version: number,
  postmaster_start_time: time,
  timeline: countable,
  xlog: fields,
  wal: fields,
  replication_state: text,
  sync_standby: flag,
  quorum_standby: flag,
  replication: anything,
  cluster_unlocked: flag,
  failsafe_mode_is_active: flag,
  dcs_last_seen: number,
  pause: flag,
  pending_restart: flag,
  pending_restart_reason: anything,
  scheduled_restart: anything,
  tags: anything,
  watchdog_failed: flag,
  database_system_identifier: identifier,
  patroni: fields,
});
const positions = z.object({
  location: lsn,
  received_location: lsn,
  replayed_location: lsn,
  replayed_timestamp: time,
  paused: flag,
});
const walsender = z.object({ application_name: text, client_addr: text, state: text, sync_state: text });
const software = z.object({ version: text, scope: text, name: text });

function toConnections(value: unknown): readonly ReplicationConnection[] | null {
  if (!Array.isArray(value)) return null;
  return list.parse(value).map((entry): ReplicationConnection => {
    const found = walsender.parse(fields.parse(entry));
    return {
      applicationName: found.application_name ?? '',
      clientAddress: found.client_addr,
      state: found.state ?? '',
      syncState: found.sync_state ?? '',
    };
  });
}

/** Reads an answer of any version; null when it is no object at all. */
export function parseStatus(value: unknown): StatusAnswer | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const found = answer.parse(value);
  // The field is to be renamed: Patroni itself already reads `wal` before `xlog` (ha.py).
  const at = positions.parse(Object.keys(found.wal).length > 0 ? found.wal : found.xlog);
  const patroni = software.parse(found.patroni);
  return {
    state: toState(found.state),
    stateText: found.state ?? '',
    role: toPatroniRole(found.role),
    postgresVersion: found.server_version,
    postmasterStart: found.postmaster_start_time,
    timeline: found.timeline === 0 ? null : found.timeline,
    location: at.location,
    receivedLsn: at.received_location,
    replayedLsn: at.replayed_location,
    replayPaused: at.paused,
    replayedAt: at.replayed_timestamp,
    replicationState: found.replication_state,
    syncStandby: found.sync_standby === true,
    quorumStandby: found.quorum_standby === true,
    connections: toConnections(found.replication),
    unlocked: found.cluster_unlocked === true,
    failsafeActive: found.failsafe_mode_is_active === true,
    dcsLastSeen: found.dcs_last_seen === null || found.dcs_last_seen <= 0 ? null : found.dcs_last_seen * 1000,
    paused: found.pause === true,
    pendingRestart: found.pending_restart === true || (toPending(found.pending_restart_reason)?.length ?? 0) > 0,
    pending: toPending(found.pending_restart_reason),
    scheduledRestart: toScheduledRestart(found.scheduled_restart),
    tags: toTags(found.tags),
    watchdogFailed: found.watchdog_failed === true,
    systemIdentifier: found.database_system_identifier,
    patroniVersion: patroni.version,
    scope: patroni.scope,
    name: patroni.name,
  };
}
