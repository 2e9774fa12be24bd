import { compact, isObject, parseJson } from '../model/json';
import type { Json, JsonObject } from '../model/json';
import { syncStandbys } from '../model/keys';
import { flagOf, syncModeOf } from '../model/settings';
import type { Sim } from '../model/sim';
import { atLeast } from '../model/version';
import { prefixRange, toStoreKey } from '../etcd-store/store';

interface MemberRecord {
  readonly name: string;
  readonly data: JsonObject;
}

/** The body of GET /cluster: made from the DCS alone, as Patroni makes it (patroni/utils.py, cluster_as_json). */
export function clusterView(sim: Sim): JsonObject {
  const config = sim.config();
  const failover = sim.failover();
  return compact({
    members: memberRecords(sim).map((record) => memberView(sim, record)),
    scope: atLeast(sim.spec.version, '3.2.0') ? sim.spec.scope : undefined,
    pause: flagOf(config, 'pause') ? true : undefined,
    scheduled_switchover:
      failover === null || failover.scheduledAt === null
        ? undefined
        : compact({
            at: failover.scheduledAt,
            from: failover.leader ?? undefined,
            to: failover.member ?? undefined,
          }),
  });
}

function memberRecords(sim: Sim): MemberRecord[] {
  const prefix = toStoreKey(`${sim.prefix}members/`);
  return sim.store.range(prefixRange(prefix)).flatMap((kv) => {
    const data = parseJson(kv.value.toString('utf8'));
    return isObject(data) ? [{ name: Buffer.from(kv.key.slice(prefix.length), 'latin1').toString('utf8'), data }] : [];
  });
}

function memberView(sim: Sim, { name, data }: MemberRecord): JsonObject {
  const role = clusterRole(sim, name);
  const address = addressOf(data.conn_url);
  return compact({
    name,
    role,
    state: role !== 'leader' && typeof data.replication_state === 'string' ? data.replication_state : data.state,
    api_url: data.api_url,
    host: address?.host,
    port: address?.port,
    timeline: data.timeline,
    pending_restart: data.pending_restart,
    pending_restart_reason: data.pending_restart_reason,
    scheduled_restart: data.scheduled_restart,
    tags: data.tags,
    ...(role === 'leader' ? leaderWal(sim, data) : lags(sim, data)),
  });
}

function clusterRole(sim: Sim, name: string): string {
  if (sim.leaderName() === name) return sim.followsOther() ? 'standby_leader' : 'leader';
  if (!syncStandbys(sim).includes(name)) return 'replica';
  return syncModeOf(sim.config()) === 'quorum' ? 'quorum_standby' : 'sync_standby';
}

function leaderWal(sim: Sim, data: JsonObject): JsonObject {
  return atLeast(sim.spec.version, '4.1.0') && typeof data.xlog_location === 'number'
    ? { lsn: printedLsn(data.xlog_location) }
    : {};
}

function lags(sim: Sim, data: JsonObject): JsonObject {
  const optime = Number(sim.readObject('status')?.optime ?? 0);
  const lag = (position: Json | undefined): Json =>
    typeof position === 'number' ? Math.max(0, optime - position) : 'unknown';
  const printed = (position: Json | undefined): Json =>
    typeof position === 'number' ? printedLsn(position) : 'unknown';
  const base = { lag: lag(data.xlog_location) };
  if (!atLeast(sim.spec.version, '4.1.0')) return base;
  return {
    ...base,
    lsn: printed(data.xlog_location),
    receive_lsn: printed(data.receive_lsn),
    receive_lag: lag(data.receive_lsn),
    replay_lsn: printed(data.replay_lsn),
    replay_lag: lag(data.replay_lsn),
  };
}

/** A position as PostgreSQL prints it, e.g. `0/5000060`. */
export function printedLsn(position: number): string {
  const high = Math.floor(position / 4_294_967_296);
  return `${high.toString(16).toUpperCase()}/${(position % 4_294_967_296).toString(16).toUpperCase()}`;
}

function addressOf(connUrl: Json | undefined): { host: string; port: number } | null {
  const match = /^postgres:\/\/([^:/]+):(\d+)/.exec(typeof connUrl === 'string' ? connUrl : '');
  return match === null ? null : { host: match[1] ?? '', port: Number(match[2]) };
}
