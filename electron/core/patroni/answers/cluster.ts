import { z } from 'zod';
import type { MemberRole, PendingParameter, PostgresState } from '../../../../shared/model/cluster/member';
import type { ScheduledSwitchover } from '../../../../shared/model/cluster/cluster-state';
import {
  anything,
  countable,
  fields,
  flag,
  list,
  lsn,
  text,
  time,
  toPatroniRole,
  toPending,
  toState,
  toTags,
} from './fields';

/** One member as GET /cluster lists it (utils.py, cluster_as_json). */
export interface ListedMember {
  readonly name: string;
  readonly role: MemberRole;
  readonly state: PostgresState;
  readonly stateText: string;
  readonly apiUrl: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly timeline: number | null;
  /** Bytes; null for the leader and for "unknown". */
  readonly lag: number | null;
  /** From 4.1. */
  readonly receiveLag: number | null;
  readonly replayLag: number | null;
  readonly replayLsn: number | null;
  readonly receiveLsn: number | null;
  readonly pendingRestart: boolean;
  readonly pending: readonly PendingParameter[] | null;
  readonly tags: Readonly<Record<string, string | number | boolean>>;
}

/** GET /cluster in one form for all versions. */
export interface ClusterAnswer {
  readonly members: readonly ListedMember[];
  readonly paused: boolean;
  readonly scheduledSwitchover: ScheduledSwitchover | null;
  /** From 3.2. */
  readonly scope: string | null;
}

const answer = z.object({ members: list, pause: flag, scheduled_switchover: anything, scope: text });
const row = z.object({
  name: text,
  role: text,
  state: text,
  api_url: text,
  host: text,
  port: countable,
  timeline: countable,
  lag: countable,
  receive_lag: countable,
  replay_lag: countable,
  replay_lsn: lsn,
  receive_lsn: lsn,
  pending_restart: flag,
  pending_restart_reason: anything,
  tags: anything,
});
const switchover = z.object({ at: time, from: text, to: text });

/** The role in a listing, with the words of all versions. */
function toMemberRole(value: string | null): MemberRole {
  if (value === 'leader' || toPatroniRole(value) === 'primary') return 'leader';
  switch (value) {
    case 'standby_leader':
    case 'sync_standby':
    case 'quorum_standby':
    case 'replica':
      return value;
    default:
      return 'unknown';
  }
}

function toMember(value: unknown): ListedMember[] {
  const found = row.parse(fields.parse(value));
  if (found.name === null || found.name === '') return [];
  const pending = toPending(found.pending_restart_reason);
  return [
    {
      name: found.name,
      role: toMemberRole(found.role),
      state: toState(found.state),
      stateText: found.state ?? '',
      apiUrl: found.api_url,
      host: found.host,
      port: found.port,
      timeline: found.timeline === 0 ? null : found.timeline,
      lag: found.lag,
      receiveLag: found.receive_lag,
      replayLag: found.replay_lag,
      replayLsn: found.replay_lsn,
      receiveLsn: found.receive_lsn,
      pendingRestart: found.pending_restart === true || (pending?.length ?? 0) > 0,
      pending,
      tags: toTags(found.tags),
    },
  ];
}

/** So many rows of an answer are read: a cluster has a few dozen members at most. */
const MOST_ROWS = 1_000;

/** Reads an answer of any version; null when it lists no members at all. */
export function parseCluster(value: unknown): ClusterAnswer | null {
  if (typeof value !== 'object' || value === null || !('members' in value) || !Array.isArray(value.members))
    return null;
  const found = answer.parse(value);
  const planned = switchover.parse(fields.parse(found.scheduled_switchover));
  return {
    members: found.members.slice(0, MOST_ROWS).flatMap(toMember),
    paused: found.pause === true,
    scope: found.scope,
    scheduledSwitchover: planned.at === null ? null : { at: planned.at, from: planned.from, to: planned.to },
  };
}
