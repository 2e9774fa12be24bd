import type { ClusterState } from '../../model/cluster/cluster-state';
import type { DrillChoice, DrillFault, DrillServer, DrillWay } from '../../model/drill/drill';
import type { OperationCheck } from '../../model/operate/operation';
import { candidatesFor } from '../cluster/candidates';
import { isRunning, isSilent, leaderOf } from '../cluster/member-facts';
import { isPatroniAtLeast } from '../cluster/patroni-version';
import type { EtcdQuorum } from '../etcd/etcd-quorum';
import { namesInWords } from '../words/wording';
import { drillWayWords } from './drill-words';

/** What the leader's server has that a fault needs. */
export interface DrillTools {
  /** systemd-run and systemctl are there, and systemd is what runs the server. */
  readonly systemd: boolean;
  readonly nft: boolean;
  /** The unit that Patroni runs in; null where Patroni was not found by its REST port. */
  readonly patroniUnit: string | null;
  /** Whether systemd starts Patroni again by itself. */
  readonly patroniRestarts: boolean;
  readonly postgresFound: boolean;
}

/** All that decides whether a drill may be held. */
export interface DrillFacts {
  readonly state: ClusterState;
  readonly choice: DrillChoice;
  readonly ways: readonly DrillWay[];
  readonly servers: readonly DrillServer[];
  /** What the leader's server has; or why it is not known. Null tools and no reason: they were not needed. */
  readonly tools: { readonly found: DrillTools | null; readonly why: string | null };
  /** The quorum of etcd as its members told just now; or why it is not known. */
  readonly quorum: EtcdQuorum | { readonly unknown: string };
  /** The title of another job that works on the cluster; null where there is none. */
  readonly otherJob: string | null;
  /** Whether a drill that was broken off still has to be cleaned up after. */
  readonly left: boolean;
}

const ok = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'ok', sentence });
const warns = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'warns', sentence });
const refuses = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'refuses', sentence });

/** Faults after which the leader's server is not reached by the others. */
export function takesServerAway(fault: DrillFault): boolean {
  return fault === 'server_rebooted' || fault === 'network_cut';
}

/** Faults that last until they are taken away, and for which the server gets a switch that does so by itself. */
export function hasSwitch(fault: DrillFault): boolean {
  return fault === 'patroni_frozen' || fault === 'network_cut' || fault === 'patroni_killed';
}

function quietChecks({ state, otherJob, left }: DrillFacts): readonly (OperationCheck | null)[] {
  return [
    state.readOnly
      ? refuses(
          'operation.read_only',
          'This cluster is read-only in this app. Change that under Cluster settings, or under Settings where all clusters are.',
        )
      : null,
    otherJob === null ? null : refuses('job.busy', `Another job is at work on this cluster: ${otherJob}.`),
    left ? refuses('drill.left_over', 'A drill was broken off here. Clean up after it first.') : null,
    state.failoverRequest === null
      ? null
      : refuses('operation.under_way', 'Patroni is carrying out a switchover or failover. Wait until it has ended.'),
    state.scheduledSwitchover === null
      ? null
      : refuses('operation.scheduled', 'A switchover is scheduled. Cancel it, or wait until it is done.'),
  ];
}

function pauseCheck({ paused }: ClusterState): OperationCheck {
  if (paused === true)
    return refuses('patroni.paused', 'Automatic failover is paused: nobody would take over. Resume it first.');
  if (paused === null)
    return refuses('operation.not_known', 'Whether automatic failover is paused is not known, so no fault is made.');
  return ok('paused', 'Automatic failover is on.');
}

function leaderCheck(state: ClusterState): OperationCheck {
  const leader = leaderOf(state);
  if (!state.leader.known || leader === null)
    return refuses('operation.leader_unknown', 'Who leads is not known now, so no fault is made.');
  if (state.config === null)
    return refuses('operation.not_known', 'The configuration of Patroni is not known, so no fault is made.');
  if (state.config.standbyCluster)
    return refuses('patroni.standby_cluster', 'This is a standby cluster: it takes no writes that could be measured.');
  if (isSilent(leader) || !isRunning(leader) || leader.stale)
    return refuses(
      'patroni.leader_silent',
      `${leader.name} leads, but is not well. A drill begins with a healthy leader.`,
    );
  return ok('leader', `${leader.name} leads and is well.`);
}

function candidateCheck(state: ClusterState): OperationCheck {
  const candidates = candidatesFor(state, 'switchover');
  const able = candidates.filter(({ verdict }) => verdict === 'ok').map(({ member }) => member);
  if (able.length > 0) return ok('candidate.any', `${namesInWords(able)} may take over.`);
  const why = candidates.map(({ member, reasons }) => `${member}: ${reasons[0] ?? ''}`).join(' ');
  return refuses('patroni.no_candidate', `No replica is sure to be able to take over. ${why}`.trim());
}

function syncChecks({ sync }: ClusterState): readonly (OperationCheck | null)[] {
  if (sync === null)
    return [refuses('operation.not_known', 'Whether replication is synchronous is not known, so no fault is made.')];
  if (sync.mode === 'off')
    return [
      warns(
        'drill.asynchronous',
        'Replication is asynchronous: writes that were acknowledged just before the fault may be lost, those of applications too.',
      ),
    ];
  if (sync.standbys.length > 0) return [ok('sync', `${namesInWords(sync.standbys)} is synchronous.`)];
  if (!sync.strict)
    return [warns('drill.no_sync_standby', 'No replica is synchronous now: acknowledged writes may be lost.')];
  return [
    refuses(
      'patroni.no_sync_standby',
      'Synchronous mode is strict and no replica is synchronous: without the leader nobody could take over without loss.',
    ),
  ];
}

function quorumCheck({ quorum, choice: { fault } }: DrillFacts): OperationCheck {
  if ('unknown' in quorum)
    return refuses('etcd.not_known', `The quorum of etcd is not known, so no fault is made: ${quorum.unknown}`);
  const { voters, working, mayFail } = quorum;
  const sums = `${working} of ${voters} voting members of etcd work together`;
  if (mayFail < 0) return refuses('etcd.no_quorum', `${sums}: there is no quorum.`);
  if (mayFail >= 1) return ok('quorum', `${sums}; ${mayFail === 1 ? 'one' : mayFail} may fail.`);
  const oneAway = warns('etcd.one_away', `${sums}, and none may fail: if one more goes, nobody can take over.`);
  return fault === 'switchover' ? oneAway : { ...oneAway, verdict: 'refuses' };
}

function switchChecks(fault: DrillFault, tools: DrillTools): readonly (OperationCheck | null)[] {
  if (!hasSwitch(fault)) return [];
  if (!tools.systemd)
    return [
      refuses(
        'drill.no_switch',
        "The leader's server has no systemd, so nothing there could take the fault away by itself. It is not made without that.",
      ),
    ];
  return [ok('drill.switch', 'The server takes the fault away by itself, whatever becomes of this computer.')];
}

function toolChecks({ choice: { fault }, tools: { found, why } }: DrillFacts): readonly (OperationCheck | null)[] {
  if (fault === 'switchover') return [];
  if (found === null)
    return [
      refuses('drill.not_looked_at', `The leader's server could not be looked at: ${why ?? 'it was not asked.'}`),
    ];
  const needsPatroni = fault === 'patroni_killed' || fault === 'patroni_frozen';
  return [
    ...switchChecks(fault, found),
    fault === 'network_cut' && !found.nft
      ? refuses('drill.no_nft', "nft is not installed on the leader's server, so its network cannot be cut.")
      : null,
    needsPatroni && found.patroniUnit === null
      ? refuses('drill.no_process', "The process of Patroni was not found on the leader's server by its REST port.")
      : null,
    fault === 'postgres_killed' && !found.postgresFound
      ? refuses('drill.no_process', "The process of PostgreSQL was not found on the leader's server.")
      : null,
    fault === 'patroni_killed' && found.patroniRestarts
      ? warns(
          'drill.starts_again',
          'systemd starts Patroni again at once there: the drill may show no interruption at all.',
        )
      : null,
    fault === 'server_rebooted' && found.patroniUnit === null
      ? warns('drill.not_known', 'Whether Patroni starts by itself after a reboot is not known.')
      : null,
  ];
}

function frozenChecks({ state, choice: { fault } }: DrillFacts): readonly (OperationCheck | null)[] {
  if (fault !== 'patroni_frozen') return [];
  return [
    takesLockBack(state)
      ? refuses(
          'drill.takes_lock_back',
          'With this version of Patroni (3.0.0 to 3.0.2) a leader that was frozen takes the lock back from its successor, ' +
            'and what applications wrote there is lost. Upgrade Patroni to 3.0.3 or later first.',
        )
      : null,
    warns(
      'drill.two_primaries',
      'A frozen Patroni cannot stop its PostgreSQL: without a watchdog it goes on taking writes beside the new leader. ' +
        'What applications write there by a direct connection is lost when the server rejoins.',
    ),
  ];
}

/** Patroni's PR 2689: a leader that wakes up after its lease takes the lock back (seen with 3.0.2). */
function takesLockBack(state: ClusterState): boolean {
  const version = leaderOf(state)?.patroniVersion ?? null;
  return isPatroniAtLeast(version, '3.0.0') === true && isPatroniAtLeast(version, '3.0.3') === false;
}

function serverChecks({ state, choice, servers }: DrillFacts): readonly (OperationCheck | null)[] {
  const server = servers.find(({ serverId }) => serverId === choice.serverId);
  if (server === undefined)
    return [refuses('drill.no_server', 'Choose a server that writes. It must be one that the app reaches by SSH.')];
  const onLeader = server.member !== null && server.member === state.leader.holder;
  if (!onLeader) return [];
  const sentence = `${server.name} is the server of the leader`;
  return takesServerAway(choice.fault)
    ? [refuses('drill.on_leader', `${sentence}: it could not go on writing. Choose another one.`)]
    : [warns('drill.on_leader', `${sentence}: applications elsewhere may see something else.`)];
}

function wayChecks({ choice, ways }: DrillFacts): readonly (OperationCheck | null)[] {
  const chosen = ways.filter(({ kind }) => choice.ways.includes(kind));
  const there = chosen.filter(({ missing }) => missing === null);
  const gone = chosen.filter(({ missing }) => missing !== null);
  return [
    there.length === 0
      ? refuses('drill.no_way', 'None of the chosen ways in is there, so nothing could be measured.')
      : null,
    ...gone.map(({ kind, missing }) =>
      warns('drill.way_missing', `${drillWayWords[kind]} is left out: ${missing ?? ''}`),
    ),
  ];
}

/**
 * What speaks for and against a drill now. Whatever could leave the cluster without a leader refuses, and so does what is not
 * known: a drill must not be what takes a cluster down.
 */
export function checkDrill(facts: DrillFacts): readonly OperationCheck[] {
  const { state } = facts;
  return [
    ...quietChecks(facts),
    leaderCheck(state),
    pauseCheck(state),
    candidateCheck(state),
    ...syncChecks(state),
    quorumCheck(facts),
    ...serverChecks(facts),
    ...wayChecks(facts),
    ...toolChecks(facts),
    ...frozenChecks(facts),
  ].filter((check) => check !== null);
}
