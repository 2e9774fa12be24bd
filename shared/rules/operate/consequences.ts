import type { ClusterState } from '../../model/cluster/cluster-state';
import type { Operation } from '../../model/operate/operation';
import { candidatesFor } from '../cluster/candidates';
import { describeConfigChanges } from '../configure/config-rules';
import { hasLeaderRole, leaderOf, memberOf } from '../cluster/member-facts';
import { restartOrder } from './restart-order';
import { siteChangeConsequences, siteChangeTitle } from '../standby/site-change';
import { bytesInWords, momentInWords } from '../words/wording';
import { clusterName } from '../citus/citus-names';

/** What the operation is called on the page, in the history and in `job.busy`. */
export function operationTitle(state: ClusterState, operation: Operation): string {
  const title = clusterName(state);
  switch (operation.kind) {
    case 'switchover':
      return `Switch over ${title} from ${operation.leader} to ${operation.candidate ?? 'the best replica'}`;
    case 'schedule_switchover':
      return `Schedule a switchover of ${title} from ${operation.leader} to ${operation.candidate ?? 'the best replica'}`;
    case 'failover':
      return `Fail over ${title} to ${operation.candidate}`;
    case 'reinit':
      return `Reinitialize ${operation.member} of ${title}`;
    case 'restart':
      return `Restart PostgreSQL on ${operation.member} of ${title}`;
    case 'schedule_restart':
      return `Schedule a restart of PostgreSQL on ${operation.member} of ${title}`;
    case 'rolling_restart':
      return `Restart ${title} member by member`;
    case 'reload':
      return `Reload the configuration of ${title}`;
    case 'promote_cluster':
    case 'demote_cluster':
      return siteChangeTitle(state, operation);
    default:
      return simpleTitle(title, operation);
  }
}

function simpleTitle(
  title: string,
  operation: Extract<
    Operation,
    { kind: 'pause' | 'resume' | 'cancel_switchover' | 'cancel_restart' | 'change_config' }
  >,
): string {
  switch (operation.kind) {
    case 'pause':
      return `Pause automatic failover of ${title}`;
    case 'resume':
      return `Resume automatic failover of ${title}`;
    case 'cancel_switchover':
      return `Cancel the scheduled switchover of ${title}`;
    case 'cancel_restart':
      return `Cancel the scheduled restart of ${operation.member} of ${title}`;
    case 'change_config':
      return `Change the dynamic configuration of ${title}`;
  }
}

/** The member, candidate or null that a job about the operation is listed under. */
export function operationTarget(operation: Operation): string | null {
  switch (operation.kind) {
    case 'switchover':
    case 'schedule_switchover':
    case 'failover':
      return operation.candidate;
    case 'reinit':
    case 'restart':
    case 'schedule_restart':
    case 'cancel_restart':
      return operation.member;
    default:
      return null;
  }
}

/** Whether applications cannot write for a while because of it. */
export function interruptsWrites(state: ClusterState, operation: Operation): boolean {
  switch (operation.kind) {
    case 'switchover':
    case 'schedule_switchover':
    case 'failover':
    case 'demote_cluster':
      return true;
    case 'restart':
    case 'schedule_restart':
      return leads(state, operation.member);
    case 'rolling_restart':
      return restartOrder(state, operation).members.some((name) => leads(state, name));
    default:
      return false;
  }
}

function leads(state: ClusterState, name: string): boolean {
  const member = memberOf(state, name);
  return state.leader.holder === name || (member !== null && hasLeaderRole(member));
}

function lagSentences(state: ClusterState, candidate: string | null): string[] {
  const lag = candidate === null ? null : (memberOf(state, candidate)?.lag?.replay ?? null);
  return lag === null || lag === 0
    ? []
    : [`${candidate} is ${bytesInWords(lag)} behind now; Patroni waits until it has everything.`];
}

function switchoverConsequences(
  state: ClusterState,
  operation: Extract<Operation, { kind: 'switchover' | 'schedule_switchover' }>,
): string[] {
  const when =
    operation.kind === 'schedule_switchover'
      ? [
          `It happens at ${momentInWords(operation.at)}, if the leader is still ${operation.leader} and a ` +
            'candidate is healthy then; otherwise Patroni drops it and says so only in its log.',
        ]
      : [];
  return [
    ...when,
    `${operation.leader} stops accepting writes, hands over to ` +
      `${operation.candidate ?? 'the replica Patroni finds best'} and comes back as a replica. Nothing ` +
      'that was committed is lost.',
    'Applications lose their connections and cannot write for some seconds.',
    ...lagSentences(state, operation.candidate),
  ];
}

function lossInWords(bytes: number | null): string {
  if (bytes === null) return 'How much may be lost is not known.';
  if (bytes === 0) return 'By the last known positions nothing would be lost.';
  return `By the last known positions ${bytesInWords(bytes)} of WAL would be lost.`;
}

function failoverConsequences(state: ClusterState, candidate: string): string[] {
  const loss = candidatesFor(state, 'failover').find((one) => one.member === candidate)?.estimatedLoss ?? null;
  const old = leaderOf(state);
  return [
    `${candidate} becomes the leader, whether or not it has everything that was committed. ${lossInWords(loss)}`,
    old
      ? `${old.name} is demoted if it still runs; when it comes back it may need pg_rewind or a reinit.`
      : 'The cluster has no leader now.',
    'Applications lose their connections to the old leader.',
  ];
}

function restartConsequences(state: ClusterState, member: string): string[] {
  return leads(state, member)
    ? [
        `PostgreSQL on the leader ${member} stops and starts: applications lose their connections and cannot ` +
          'write until it is back. If it does not come back in time, Patroni fails over.',
      ]
    : [`PostgreSQL on ${member} stops and starts: sessions that read from it are cut.`];
}

function rollingConsequences(
  state: ClusterState,
  operation: Extract<Operation, { kind: 'rolling_restart' }>,
): string[] {
  const order = restartOrder(state, operation);
  const outage = order.members.some((name) => leads(state, name))
    ? ['When the leader restarts, applications cannot write until it is back.']
    : [];
  return [
    `One after the other: ${order.members.join(', ')}. ${order.reason}`,
    'The next one starts only when all replicas stream again; at the first failure the rest is left alone.',
    ...outage,
  ];
}

/** What applications and people will see, as sentences for the confirmation. */
export function consequencesOf(state: ClusterState, operation: Operation): readonly string[] {
  switch (operation.kind) {
    case 'switchover':
    case 'schedule_switchover':
      return switchoverConsequences(state, operation);
    case 'failover':
      return failoverConsequences(state, operation.candidate);
    case 'reinit':
      return [
        `All data of ${operation.member} is deleted and copied again from ` +
          `${operation.fromLeader ? 'the leader' : 'another member'}. It does not serve reads until the copy ` +
          'has ended and it streams.',
        'The copy puts load on its source and on the network.',
      ];
    case 'restart':
      return restartConsequences(state, operation.member);
    case 'schedule_restart':
      return [
        `It happens at ${momentInWords(operation.at)}; Patroni drops it if PostgreSQL is restarted before.`,
        ...restartConsequences(state, operation.member),
      ];
    case 'rolling_restart':
      return rollingConsequences(state, operation);
    case 'change_config':
      return describeConfigChanges(state.config?.raw ?? {}, operation.patch);
    case 'promote_cluster':
    case 'demote_cluster':
      return siteChangeConsequences(state, operation);
    default:
      return simpleConsequences(operation);
  }
}

function simpleConsequences(
  operation: Extract<Operation, { kind: 'reload' | 'pause' | 'resume' | 'cancel_switchover' | 'cancel_restart' }>,
): string[] {
  switch (operation.kind) {
    case 'reload':
      return ['Patroni reads its file again and PostgreSQL reloads. What needs a restart shows as pending.'];
    case 'pause':
      return [
        'Until it is resumed nobody takes over when the leader fails, and Patroni neither starts nor stops PostgreSQL.',
      ];
    case 'resume':
      return ['Patroni takes over again: it starts what is down and fails over when the leader is lost.'];
    case 'cancel_switchover':
      return ['The switchover does not happen.'];
    case 'cancel_restart':
      return ['The restart does not happen.'];
  }
}
