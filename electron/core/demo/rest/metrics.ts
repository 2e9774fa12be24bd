import { syncStandbys } from '../model/keys';
import { answersQueries, isWritable } from '../model/postgres';
import { flagOf, syncModeOf } from '../model/settings';
import type { Sim } from '../model/sim';
import type { MemberState } from '../model/types';
import { atLeast } from '../model/version';
import { serverVersion } from './patroni-status';

type Sample = readonly [name: string, type: 'gauge' | 'counter', value: number, since?: string];

/** The text of GET /metrics: the values an observer needs, under the names of the cluster's version (patroni/api.py, do_GET_metrics). */
export function metrics(sim: Sim, member: MemberState): string {
  const { version, scope } = sim.spec;
  const labels = atLeast(version, '3.2.0') ? `scope="${scope}",name="${member.name}"` : `scope="${scope}"`;
  const present = samples(sim, member).filter(([, , , since]) => since === undefined || atLeast(version, since));
  return present
    .map(
      ([name, type, value]) =>
        `# HELP ${name} ${name.replaceAll('_', ' ')}.\n# TYPE ${name} ${type}\n${name}{${labels}} ${value}\n`,
    )
    .join('');
}

function samples(sim: Sim, member: MemberState): Sample[] {
  const is = (condition: boolean): number => (condition ? 1 : 0);
  const position = answersQueries(member) ? sim.position(member) : 0;
  const primary = isWritable(member);
  const replica = answersQueries(member) && member.role === 'replica';
  const sync = syncStandbys(sim).includes(member.name);
  const master: Sample[] = atLeast(sim.spec.version, '4.0.0') ? [] : [['patroni_master', 'gauge', is(primary)]];
  return [
    ['patroni_version', 'gauge', numberOfVersion(sim.spec.version)],
    ['patroni_postgres_running', 'gauge', is(answersQueries(member))],
    ['patroni_postmaster_start_time', 'gauge', member.startedAt / 1000],
    ...master,
    ['patroni_primary', 'gauge', is(primary), '3.0.0'],
    ['patroni_replica', 'gauge', is(replica)],
    ['patroni_standby_leader', 'gauge', 0],
    ['patroni_sync_standby', 'gauge', is(sync && syncModeOf(member.config) === 'on'), '3.0.2'],
    ['patroni_quorum_standby', 'gauge', is(sync && syncModeOf(member.config) === 'quorum'), '4.0.0'],
    ['patroni_xlog_location', 'counter', primary ? position : 0],
    ['patroni_xlog_received_location', 'counter', replica ? position : 0],
    ['patroni_xlog_replayed_location', 'counter', replica ? position : 0],
    ['patroni_xlog_replayed_timestamp', 'gauge', replica ? (sim.now - 400) / 1000 : 0],
    ['patroni_xlog_paused', 'gauge', 0],
    ...streaming(member),
    ['patroni_postgres_server_version', 'gauge', serverVersion(sim)],
    ['patroni_cluster_unlocked', 'gauge', is(sim.leaderName() === null || !sim.dcsReachable(member))],
    ['patroni_failsafe_mode_is_active', 'gauge', is(member.failsafe), '3.0.0'],
    ['patroni_postgres_timeline', atLeast(sim.spec.version, '4.1.4') ? 'gauge' : 'counter', member.timeline],
    ['patroni_dcs_last_seen', 'gauge', Math.floor(member.lastDcs / 1000), '2.1.2'],
    ['patroni_pending_restart', 'gauge', is(Object.keys(member.pending).length > 0), '2.1.3'],
    ['patroni_is_paused', 'gauge', is(flagOf(member.config, 'pause')), '2.1.3'],
  ];
}

/** Told only while PostgreSQL answers (patroni/api.py). */
function streaming(member: MemberState): Sample[] {
  if (!answersQueries(member)) return [];
  return [
    ['patroni_postgres_streaming', 'gauge', member.streaming ? 1 : 0, '3.0.4'],
    ['patroni_postgres_in_archive_recovery', 'gauge', 0, '3.0.4'],
  ];
}

function numberOfVersion(version: string): number {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return major * 10_000 + minor * 100 + patch;
}
