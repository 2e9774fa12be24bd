import type { ClusterState } from '../../model/cluster/cluster-state';
import type { Member } from '../../model/cluster/member';
import type { Operation } from '../../model/operate/operation';
import { candidatesFor } from '../cluster/candidates';
import { hasLeaderRole } from '../cluster/member-facts';
import { checkOperation, firstRefusal } from './operation-checks';
import { endangersData } from './endangers-data';

/** An action as it stands in a menu. `why` says why it is not offered now; null means that it is. */
export interface Offer {
  readonly operation: Operation;
  readonly label: string;
  readonly why: string | null;
  readonly danger: boolean;
  /** Whether its candidate is only the best one now, which another may be by the time it is confirmed. */
  readonly suggested?: true;
}

/** The cluster as offers see it. `busy` is the title of a job at work on it. */
export interface Scene {
  readonly state: ClusterState;
  readonly busy: string | null;
  readonly now: number;
}

const HOUR_MS = 3_600_000;

function offer(scene: Scene, operation: Operation, label: string): Offer {
  return { operation, label, why: whyNot(scene, operation), danger: endangersData(operation) };
}

/** Why an operation is not offered now; null when it is. A schedule without a time yet is judged for one hour from now. */
export function whyNot(scene: Scene, operation: Operation): string | null {
  if (scene.busy !== null) return `Another job is at work: ${scene.busy}. Wait until it has ended.`;
  const timed = 'at' in operation && operation.at === 0 ? { ...operation, at: scene.now + HOUR_MS } : operation;
  const checks = checkOperation(scene.state, timed, scene.now);
  const judged =
    operation.kind === 'change_config' && Object.keys(operation.patch).length === 0
      ? checks.filter((check) => check.code !== 'config.no_change')
      : checks;
  return firstRefusal(judged)?.sentence ?? null;
}

/** The switchover that is offered first: from the present leader to the best member; null while nobody is known to lead. */
export function bestSwitchover(scene: Scene): Offer | null {
  const leader = scene.state.leader.holder;
  if (leader === null) return null;
  const candidate = candidatesFor(scene.state, 'switchover').find((each) => each.verdict !== 'refuses')?.member ?? null;
  const why = whyNot(scene, { kind: 'switchover', leader, candidate });
  return {
    operation: { kind: 'switchover', leader, candidate: null },
    label: 'Switch over to another member',
    why,
    danger: false,
  };
}

/** What a replica's row offers by a button: to switch over to it, or to fail over to it while nobody leads. */
export function takeOver(scene: Scene, member: Member): Offer {
  const leader = scene.state.leader.holder;
  if (leader === null && scene.state.leader.known)
    return offer(scene, { kind: 'failover', candidate: member.name }, 'Fail over to this member');
  return offer(
    scene,
    { kind: 'switchover', leader: leader ?? '', candidate: member.name },
    'Switch over to this member',
  );
}

/** Everything that may be asked of one member, offered or not. */
export function memberOffers(scene: Scene, member: Member): readonly Offer[] {
  const { name } = member;
  const leads = scene.state.leader.holder === name;
  const best = leads ? bestSwitchover(scene) : null;
  const planned =
    member.scheduledRestart === null
      ? offer(scene, { kind: 'schedule_restart', member: name, pendingOnly: false, at: 0 }, 'Schedule a restart')
      : offer(scene, { kind: 'cancel_restart', member: name }, 'Cancel the scheduled restart');
  return [
    ...(best === null ? [] : [best]),
    ...(leads ? [] : [takeOver(scene, member)]),
    offer(scene, { kind: 'restart', member: name, pendingOnly: false }, 'Restart PostgreSQL'),
    planned,
    offer(scene, { kind: 'reload', members: [name] }, 'Reload the configuration'),
    ...(leads || scene.state.leader.holder === null
      ? []
      : [offer(scene, { kind: 'failover', candidate: name }, 'Fail over to this member')]),
    ...(leads || hasLeaderRole(member)
      ? []
      : [offer(scene, { kind: 'reinit', member: name, fromLeader: false }, 'Reinitialize from a copy')]),
  ];
}

/** Everything that may be asked of the whole cluster beside a switchover. */
export function clusterOffers(scene: Scene): readonly Offer[] {
  const { state } = scene;
  const leader = state.leader.holder;
  const failover = candidatesFor(state, 'failover')[0]?.member ?? null;
  return [
    ...(leader === null
      ? []
      : [offer(scene, { kind: 'schedule_switchover', leader, candidate: null, at: 0 }, 'Schedule a switchover')]),
    ...(failover === null
      ? []
      : [{ ...offer(scene, { kind: 'failover', candidate: failover }, 'Failover'), suggested: true as const }]),
    offer(
      scene,
      { kind: 'rolling_restart', pendingOnly: state.members.some((member) => member.pendingRestartFlag), role: 'any' },
      'Rolling restart',
    ),
    offer(scene, { kind: 'reload', members: state.members.map((member) => member.name) }, 'Reload all members'),
    offer(scene, { kind: 'change_config', patch: {} }, 'Change one parameter'),
    ...(state.config?.standbyCluster === true
      ? [offer(scene, { kind: 'promote_cluster', cutOff: false }, 'Promote this standby cluster')]
      : []),
    state.paused === true
      ? offer(scene, { kind: 'resume' }, 'Resume automatic failover')
      : offer(scene, { kind: 'pause' }, 'Pause automatic failover'),
  ];
}
