import { slotName } from '../../../../shared/rules/cluster/slot-name';
import { numberOf, flagOf, pendingParameters, syncModeOf } from './settings';
import { compact } from './json';
import type { JsonObject } from './json';
import { durations, answersQueries, isReceiver } from './postgres';
import type { Sim } from './sim';
import type { SimHistoryRow, MemberState } from './types';
import { atLeast, primaryRole } from './version';

/** What Patroni keeps in memory of a member, in the words of its version. */
export function roleWord(sim: Sim, member: MemberState): string {
  return member.role === 'primary' ? primaryRole(sim.spec.version) : member.role;
}

function apiUrl({ spec }: Sim, member: MemberState): string {
  return `${spec.tls === true ? 'https' : 'http'}://${member.ip}:${spec.ports?.rest ?? 8008}/patroni`;
}

/** The value of `members/NAME` (patroni/ha.py, touch_member). */
function memberValue(sim: Sim, member: MemberState): JsonObject {
  const { version } = sim.spec;
  const running = answersQueries(member);
  const lsn = sim.position(member);
  return compact({
    conn_url: `postgres://${member.ip}:${sim.spec.ports?.postgres ?? 5432}/postgres`,
    api_url: apiUrl(sim, member),
    state: member.state,
    role: roleWord(sim, member),
    version,
    tags: Object.keys(member.tags).length > 0 ? member.tags : undefined,
    pending_restart: Object.keys(member.pending).length > 0 ? true : undefined,
    pending_restart_reason: reasonOf(sim, member),
    scheduled_restart: member.scheduledRestart?.fields,
    xlog_location: running ? lsn : undefined,
    ...(running && isReceiver(member) ? replicaLsns(sim, lsn) : {}),
    replication_state: replicationState(sim, member),
    timeline: running && member.timeline > 0 ? member.timeline : undefined,
    pause: flagOf(member.config, 'pause') ? true : undefined,
  });
}

function replicaLsns(sim: Sim, lsn: number): JsonObject {
  return atLeast(sim.spec.version, '4.1.0') ? { receive_lsn: lsn, replay_lsn: lsn } : {};
}

/** The parameters that wait for a restart, where this version says so (3.3.0). */
export function reasonOf(sim: Sim, member: MemberState): JsonObject | undefined {
  if (!atLeast(sim.spec.version, '3.3.0') || Object.keys(member.pending).length === 0) return undefined;
  return Object.fromEntries(Object.entries(member.pending).map(([name, value]) => [name, { ...value }]));
}

/** `streaming`, or nothing (3.0.4). */
export function replicationState(sim: Sim, member: MemberState): string | undefined {
  return atLeast(sim.spec.version, '3.0.4') && isReceiver(member) && member.streaming ? 'streaming' : undefined;
}

/** The leader's position as last written to the DCS, in bytes. */
export function optime(sim: Sim): number {
  return Number(sim.readObject('status')?.optime ?? 0);
}

/** Writes the member's own key, held by its lease. */
export function touchMember(sim: Sim, member: MemberState): void {
  const value = memberValue(sim, member);
  // The fault of a stale replica: it reports the position that the leader last reported.
  const shown = member.broken ? { ...value, xlog_location: optime(sim) } : value;
  sim.write(`members/${member.name}`, shown, leaseOf(sim, member));
}

/** The member's lease, granted anew where it is gone. */
export function leaseOf(sim: Sim, member: MemberState): string {
  const { leases } = sim.store;
  if (member.lease !== null && leases.keepAlive(member.lease, sim.now)) return member.lease;
  const before = sim.nextDue();
  const lease = leases.grant(numberOf(member.config, 'ttl', 30), sim.now, sim.timeScale);
  member.lease = lease?.id ?? null;
  if (sim.nextDue() < before) sim.onEarlier();
  return member.lease ?? '0';
}

/** What the leader writes each loop: status, sync, failsafe. */
export function writeLeaderKeys(sim: Sim, leader: MemberState): void {
  const lsn = sim.position(leader);
  const others = sim.members.filter((member) => member !== leader && sim.read(`members/${member.name}`) !== null);
  const slots: Record<string, number> = { [slotName(leader.name)]: lsn };
  for (const member of others) slots[slotName(member.name)] = sim.position(member);
  const retained = atLeast(sim.spec.version, '4.0.0')
    ? { retain_slots: sim.members.map((member) => slotName(member.name)) }
    : {};
  sim.write('status', { optime: lsn, slots, ...retained });
  if (flagOf(leader.config, 'failsafe_mode'))
    sim.write('failsafe', Object.fromEntries(sim.members.map((m) => [m.name, apiUrl(sim, m)])));
  writeSync(sim, leader);
}

function writeSync(sim: Sim, leader: MemberState): void {
  const mode = syncModeOf(leader.config);
  if (mode === 'off') {
    if (sim.read('sync') !== null) sim.remove('sync');
    return;
  }
  const candidates = sim.members.filter((m) => m.streaming && !m.lagging && m.tags.nosync !== true);
  const count = mode === 'quorum' ? candidates.length : numberOf(leader.config, 'synchronous_node_count', 1);
  const standbys = candidates.slice(0, count).map((m) => m.name);
  const value = { leader: leader.name, sync_standby: standbys.length > 0 ? standbys.join(',') : null };
  sim.write('sync', mode === 'quorum' ? { ...value, quorum: Math.max(0, standbys.length - 1) } : value);
}

/** The names in the `sync` key. */
export function syncStandbys(sim: Sim): string[] {
  const names = sim.readObject('sync')?.sync_standby;
  return typeof names === 'string' ? names.split(',').filter((name) => name !== '') : [];
}

/** Adds a timeline to the `history` key. */
export function writeHistory(sim: Sim, leader: MemberState, lsn: number): void {
  const text = sim.read('history');
  const rows = text === null ? [] : (JSON.parse(text) as SimHistoryRow[]);
  const when = new Date(sim.now).toISOString().replace('Z', '000+00:00');
  sim.write('history', [...rows, [leader.timeline - 1, lsn, 'no recovery target specified', when, leader.name]]);
}

/** Reads the dynamic configuration into the member, as its loop does. */
export function readConfig(sim: Sim, member: MemberState): void {
  const text = sim.read('config');
  if (text === null || text === JSON.stringify(member.config)) return;
  member.config = sim.config();
  if (member.effective.max_connections !== undefined) member.pending = pendingParameters(member);
}

/** How soon a member notices a change in the DCS that wakes it, with some scatter. */
export function wakeDelay(sim: Sim): number {
  return durations.wake + sim.random() * 120;
}
