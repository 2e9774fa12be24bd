import { compact } from '../model/json';
import type { JsonObject } from '../model/json';
import { reasonOf, replicationState, roleWord, syncStandbys } from '../model/keys';
import { answersQueries, isReceiver, isWritable } from '../model/postgres';
import { flagOf, syncModeOf } from '../model/settings';
import type { Sim } from '../model/sim';
import type { MemberState } from '../model/types';
import { atLeast } from '../model/version';

const serverVersions: Readonly<Record<string, number>> = { '2': 130_014, '3': 150_012, '4': 170_006 };

/** The PostgreSQL that goes with a version of Patroni in the demo, as `server_version` says it. */
export function serverVersion(sim: Sim): number {
  return serverVersions[sim.spec.version.split('.')[0] ?? '4'] ?? 170_006;
}

/** The major version of that PostgreSQL. */
export function postgresMajor(sim: Sim): number {
  return Math.floor(serverVersion(sim) / 10_000);
}

/** The body of GET /patroni and of every health check (patroni/api.py, get_postgresql_status). */
export function patroniStatus(sim: Sim, member: MemberState): JsonObject {
  const unlocked = sim.leaderName() === null || !sim.dcsReachable(member);
  return compact({
    state: member.state,
    ...(answersQueries(member) ? runningFields(sim, member) : {}),
    role: roleWord(sim, member),
    cluster_unlocked: unlocked ? true : undefined,
    failsafe_mode_is_active: member.failsafe ? true : undefined,
    pause: flagOf(member.config, 'pause') ? true : undefined,
    dcs_last_seen: Math.floor(member.lastDcs / 1000),
    tags: Object.keys(member.tags).length > 0 ? member.tags : undefined,
    pending_restart: Object.keys(member.pending).length > 0 ? true : undefined,
    pending_restart_reason: reasonOf(sim, member),
    scheduled_restart: member.scheduledRestart?.fields,
    database_system_identifier: sim.systemIdentifier,
    patroni: compact({
      version: sim.spec.version,
      scope: sim.spec.scope,
      name: atLeast(sim.spec.version, '3.2.0') ? member.name : undefined,
    }),
  });
}

function runningFields(sim: Sim, member: MemberState): JsonObject {
  const standbys = isWritable(member) ? replicationRows(sim, member) : rowsOfCascade(sim, member);
  return compact({
    postmaster_start_time: postgresTime(member.startedAt),
    server_version: serverVersion(sim),
    xlog: walOf(sim, member),
    timeline: member.timeline,
    replication_state: replicationState(sim, member),
    ...syncFields(sim, member),
    replication: standbys.length > 0 ? standbys : undefined,
  });
}

function walOf(sim: Sim, member: MemberState): JsonObject {
  const position = sim.position(member);
  if (!isReceiver(member)) return { location: position };
  return {
    received_location: position,
    replayed_location: position,
    replayed_timestamp: postgresTime(sim.now - 400),
    paused: false,
  };
}

function syncFields(sim: Sim, member: MemberState): JsonObject {
  const mode = syncModeOf(member.config);
  if (mode === 'off' || !syncStandbys(sim).includes(member.name)) return {};
  return mode === 'quorum' ? { quorum_standby: true } : { sync_standby: true };
}

function rowsOfCascade(sim: Sim, member: MemberState): JsonObject[] {
  return member.streaming ? replicationRows(sim, member) : [];
}

/** Who streams from a member, as pg_stat_replication says. */
function replicationRows(sim: Sim, member: MemberState): JsonObject[] {
  const mode = syncModeOf(member.config);
  const sync = mode === 'off' ? [] : syncStandbys(sim);
  const syncState = mode === 'quorum' ? 'quorum' : 'sync';
  return [...ownRows(sim, member, { sync, syncState }), ...(isWritable(member) ? siteRows(sim) : [])];
}

/** The standby leaders of other sites. */
function siteRows(sim: Sim): JsonObject[] {
  return sim.receivers().map(({ member }) => ({
    usename: 'replicator',
    application_name: member.name,
    client_addr: member.ip,
    state: 'streaming',
    sync_state: 'async',
    sync_priority: 0,
  }));
}

function ownRows(
  sim: Sim,
  member: MemberState,
  { sync, syncState }: { readonly sync: readonly string[]; readonly syncState: string },
): JsonObject[] {
  return sim.members
    .filter((other) => other.streaming && other.follows === member.name)
    .map((other) => ({
      usename: 'replicator',
      application_name: other.name,
      client_addr: other.ip,
      state: other.wal.kind === 'catch_up' && sim.now < other.wal.until ? 'catchup' : 'streaming',
      sync_state: sync.includes(other.name) ? syncState : 'async',
      sync_priority: sync.includes(other.name) ? 1 : 0,
    }));
}

/** A time as PostgreSQL prints it: `2025-01-31 12:00:00.123456+00:00`. */
function postgresTime(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '000+00:00');
}

/** What decides the health checks. */
interface Health {
  readonly primary: boolean;
  readonly replica: boolean;
  readonly sync: boolean;
  readonly quorum: boolean;
  readonly running: boolean;
}

const healthChecks: Readonly<Record<string, (health: Health) => boolean>> = {
  '': (h) => h.primary,
  primary: (h) => h.primary,
  master: (h) => h.primary,
  leader: (h) => h.primary,
  'read-write': (h) => h.primary,
  replica: (h) => h.replica,
  'read-only': (h) => h.primary || h.replica,
  sync: (h) => h.sync,
  synchronous: (h) => h.sync,
  'read-only-sync': (h) => h.primary || h.sync,
  quorum: (h) => h.quorum,
  'read-only-quorum': (h) => h.primary || h.quorum,
  async: (h) => h.replica && !h.sync && !h.quorum,
  asynchronous: (h) => h.replica && !h.sync && !h.quorum,
  health: (h) => h.running,
};

/** Whether a health check of Patroni says yes (patroni/api.py, do_GET). Unknown names say no. */
export function healthCheck(sim: Sim, member: MemberState, name: string, query: URLSearchParams): boolean {
  const holdsLock = sim.leaderName() === member.name && sim.dcsReachable(member);
  const chosen = syncStandbys(sim).includes(member.name) && answersQueries(member);
  const mode = syncModeOf(member.config);
  return (
    healthChecks[name]?.({
      primary: isWritable(member) && (holdsLock || member.failsafe),
      replica: isReplicaFor(sim, member, query),
      sync: mode === 'on' && chosen,
      quorum: mode === 'quorum' && chosen,
      running: answersQueries(member),
    }) ?? false
  );
}

function isReplicaFor(sim: Sim, member: MemberState, query: URLSearchParams): boolean {
  if (!answersQueries(member) || member.role !== 'replica' || member.tags.noloadbalance === true) return false;
  for (const [key, value] of query) {
    if (key.startsWith('tag_') && String(member.tags[key.slice(4)] ?? '').toLowerCase() !== value.toLowerCase())
      return false;
  }
  const most = bytesOf(query.get('lag'));
  return most === null || Number((sim.readObject('status') ?? {}).optime ?? 0) - sim.position(member) <= most;
}

/** Bytes from `lag=`: a number, or a number with kB, MB or GB. Null when there is none or it is none. */
export function bytesOf(text: string | null): number | null {
  const match = /^\s*(\d+)\s*(B|kB|MB|GB|TB)?\s*$/.exec(text ?? '');
  if (match === null) return null;
  const power = ['B', 'kB', 'MB', 'GB', 'TB'].indexOf(match[2] ?? 'B');
  return Number(match[1]) * 1024 ** power;
}
