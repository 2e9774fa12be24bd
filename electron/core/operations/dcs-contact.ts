import type { ClusterState, EtcdMember } from '../../../shared/model/cluster-state';
import type { Member } from '../../../shared/model/member';
import { leaderOf } from '../../../shared/rules/member-facts';
import { spanInWords } from '../../../shared/rules/wording';
import type { PrimaryWatch } from './primary-watch';
import { settleMs, stateOf, ttlMs, type Run } from './run';

const TICK_MS = 250;
const REFRESH_MS = 1000;

/** Whether a member of etcd is told to clients by this host. */
function isOn(etcd: EtcdMember, host: string): boolean {
  return etcd.clientUrls.some((url) => URL.canParse(url) && new URL(url).hostname.replace(/^\[|\]$/g, '') === host);
}

/** Whether a member of etcd may have gone with this member's server; yes where etcd's members are not known. */
function mayShareServerWithEtcd(state: ClusterState, { host }: Member): boolean {
  if (state.dcs.kind !== 'live' || state.dcs.members.length === 0 || host === null) return true;
  return state.dcs.members.some((etcd) => isOn(etcd, host));
}

/** Whether the leader lock has less than a third of its time left: an election is near, and what is to decide it must be sent. */
function runsOut({ leader }: ClusterState, run: Run): boolean {
  if (leader.leaseLeft === null || leader.askedAt === null) return false;
  return leader.leaseLeft - (run.now() - leader.askedAt) < ttlMs(run.before) / 3;
}

/** Until when the other members may still hold a connection to the etcd that went with the leader, ms since the epoch; null: nothing to wait for. */
function contactBy(run: Run, watch: PrimaryWatch): number | null {
  const state = stateOf(run);
  const leader = leaderOf(state);
  if (leader?.restAsOf == null || watch.answers(leader.name) || runsOut(state, run)) return null;
  return mayShareServerWithEtcd(state, leader) ? leader.restAsOf + settleMs(run) : null;
}

/**
 * Before a failover away from a leader that fell silent a moment ago: waits until the others have had one round of Patroni to find
 * another member of etcd. Patroni writes the request only once and answers 503 when its etcd is the one that just went with
 * the leader's server (patroni/dcs/etcd3.py, set_failover_value has no retry; api.py, "failed to write failover key into DCS"). The
 * leader lock outlasts this wait, so that it delays nothing. Rejects when the job is cancelled.
 */
export async function waitForContact(run: Run, watch: PrimaryWatch): Promise<void> {
  let readAt = -Infinity;
  for (let by = contactBy(run, watch); by !== null && run.now() < by; by = contactBy(run, watch)) {
    run.context.signal.throwIfAborted();
    if (readAt === -Infinity) tell(run, by - run.now());
    if (run.now() - readAt >= REFRESH_MS) {
      readAt = run.now();
      void run.hub.refresh(run.clusterId).catch(() => undefined);
    }
    await new Promise((resolve) => { setTimeout(resolve, TICK_MS); });
  }
}

function tell(run: Run, leftMs: number): void {
  run.context.log('info', `The leader fell silent a moment ago. Nothing is sent for up to ${spanInWords(leftMs)}, until the others have found another member of etcd.`);
  run.context.detail('Waiting until the other members have found another member of etcd. The leader lock has to run out anyway.');
}
