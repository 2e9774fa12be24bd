import { z } from 'zod';
import { hostPortOfUrl } from '../../../../shared/model/connect/host-port';
import type {
  PatroniRole,
  PendingParameter,
  PostgresState,
  ScheduledRestart,
} from '../../../../shared/model/cluster/member';
import {
  anything,
  countable,
  fields,
  flag,
  fromJson,
  lsn,
  text,
  toPatroniRole,
  toPending,
  toScheduledRestart,
  toState,
  toTags,
} from './fields';

/** The value of the key members/NAME (ha.py, touch_member). */
export interface MemberKey {
  readonly apiUrl: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly role: PatroniRole;
  readonly state: PostgresState;
  readonly stateText: string;
  readonly patroniVersion: string | null;
  readonly timeline: number | null;
  readonly location: number | null;
  readonly receiveLsn: number | null;
  readonly replayLsn: number | null;
  readonly replicationState: string | null;
  readonly pendingRestart: boolean;
  readonly pending: readonly PendingParameter[] | null;
  readonly scheduledRestart: ScheduledRestart | null;
  readonly tags: Readonly<Record<string, string | number | boolean>>;
  readonly paused: boolean;
}

const value = z.object({
  conn_url: text,
  api_url: text,
  state: text,
  role: text,
  version: text,
  tags: anything,
  pending_restart: flag,
  pending_restart_reason: anything,
  xlog_location: lsn,
  receive_lsn: lsn,
  replay_lsn: lsn,
  replication_state: text,
  timeline: countable,
  scheduled_restart: anything,
  pause: flag,
});

const POSTGRES_PORT = 5432;

/** Host and port of a conn_url such as `postgres://10.0.0.11:5432/postgres`. */
function parseConnUrl(connUrl: string | null): { readonly host: string | null; readonly port: number | null } {
  return hostPortOfUrl(connUrl ?? '', POSTGRES_PORT) ?? { host: null, port: null };
}

/** Reads the key's text; a text that is no JSON object is read as a member of which nothing is known. */
export function parseMemberKey(textOfKey: string): MemberKey {
  const found = value.parse(fields.parse(fromJson(textOfKey)));
  const pending = toPending(found.pending_restart_reason);
  return {
    apiUrl: found.api_url,
    ...parseConnUrl(found.conn_url),
    role: toPatroniRole(found.role),
    state: toState(found.state),
    stateText: found.state ?? '',
    patroniVersion: found.version,
    timeline: found.timeline === 0 ? null : found.timeline,
    location: found.xlog_location,
    receiveLsn: found.receive_lsn,
    replayLsn: found.replay_lsn,
    replicationState: found.replication_state,
    pendingRestart: found.pending_restart === true || (pending?.length ?? 0) > 0,
    pending,
    scheduledRestart: toScheduledRestart(found.scheduled_restart),
    tags: toTags(found.tags),
    paused: found.pause === true,
  };
}
