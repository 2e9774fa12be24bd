import type { ClusterState, EtcdMember } from '../../../shared/model/cluster-state';
import type { Member } from '../../../shared/model/member';
import { leaderOf } from '../../../shared/rules/member-facts';
import { spanInWords } from '../../../shared/rules/wording';
import type { PrimaryWatch } from './primary-watch';
import { settleMs, stateOf, type Run } from './run';

const TICK_MS = 250;

/** Whether a member of etcd is told to clients by this host. */
function isOn(etcd: EtcdMember, host: string): boolean {
  return etcd.clientUrls.some((url) => URL.canParse(url) && new URL(url).hostname.replace(/^\[|\]$/g, '') === host);
}

/** Whether a member of etcd may have gone with this member's server; yes where etcd's members are not known. */
function mayShareServerWithEtcd(state: ClusterState, { host }: Member): boolean {
  if (state.dcs.kind !== 'live' || state.dcs.members.length === 0 || host === null) return true;
  return state.dcs.members.some((etcd) => isOn(etcd, host));
}

/** Until when the other members may still hold a connection to the etcd that went with the leader, ms since the epoch; null: nothing to wait for. */
function contactBy(run: Run, watch: PrimaryWatch): number | null {
  const state = stateOf(run);
  const leader = leaderOf(state);
  if (leader?.restAsOf == null || watch.answers(leader.name)) return null;
  return mayShareServerWithEtcd(state, leader) ? leader.restAsOf + settleMs(run) : null;
}

/**
 * Before a failover away from a leader that fell silent a moment ago: waits until the others have had one round of Patroni to find
 * another member of etcd. Patroni writes the request only once and answers 503 when its etcd is the one that just went with
 * the leader's server (patroni/dcs/etcd3.py, set_failover_value has no retry; api.py, "failed to write failover key into DCS"). The
 * leader lock outlasts this wait, so that it delays nothing. Rejects when the job is cancelled.
 */
export async function waitForContact(run: Run, watch: PrimaryWatch): Promise<void> {
  let told = false;
  for (let by = contactBy(run, watch); by !== null && run.now() < by; by = contactBy(run, watch)) {
    run.context.signal.throwIfAborted();
    if (!told) run.context.log('info', `The leader fell silent a moment ago. Nothing is sent for ${spanInWords(by - run.now())}, until the others have found another member of etcd.`);
    told = true;
    run.context.detail('Waiting until the other members have found another member of etcd. The leader lock has to run out anyway.');
    await new Promise((resolve) => { setTimeout(resolve, TICK_MS); });
  }
}
