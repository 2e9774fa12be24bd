import type { ClusterState } from '../model/cluster-state';
import type { Operation, OperationKind } from '../model/operation';
import { candidatesFor } from './candidates';
import { hasLeaderRole } from './member-facts';
import { checkOperation, firstRefusal } from './operation-checks';

/** One action as the page offers it now. `reason` says why it is not allowed; null when it is. */
export interface Offer {
  readonly kind: OperationKind;
  readonly allowed: boolean;
  readonly reason: string | null;
}

/** All actions of a cluster: its own, and those of each member by name. */
export interface Offers {
  readonly cluster: readonly Offer[];
  readonly members: Readonly<Record<string, readonly Offer[]>>;
}

interface Scene {
  readonly state: ClusterState;
  /** The title of the job that works on this cluster now. */
  readonly busy: string | null;
  readonly now: number;
}

function offer(scene: Scene, operation: Operation): Offer {
  if (scene.busy !== null) return { kind: operation.kind, allowed: false, reason: `Another job is at work: ${scene.busy}. Wait until it has ended.` };
  const refusal = firstRefusal(checkOperation(scene.state, operation, scene.now));
  return { kind: operation.kind, allowed: refusal === null, reason: refusal?.sentence ?? null };
}

/** A time that any scheduled operation accepts, so that an offer does not depend on one. */
const soon = (scene: Scene): number => scene.now + 3_600_000;

function failoverOffer(scene: Scene): Offer {
  const offers = candidatesFor(scene.state, 'failover').map((candidate) => offer(scene, { kind: 'failover', candidate: candidate.member }));
  return offers.find((one) => one.allowed) ?? offers[0] ?? { kind: 'failover', allowed: false, reason: 'There is no other member that could take over.' };
}

function clusterOffers(scene: Scene): Offer[] {
  const leader = scene.state.leader.holder ?? '';
  const candidate = candidatesFor(scene.state, 'switchover').find((one) => one.verdict !== 'refuses')?.member ?? null;
  return [
    offer(scene, { kind: 'switchover', leader, candidate }),
    offer(scene, { kind: 'schedule_switchover', leader, candidate, at: soon(scene) }),
    failoverOffer(scene),
    offer(scene, { kind: 'rolling_restart', pendingOnly: false, role: 'any' }),
    offer(scene, { kind: 'reload', members: scene.state.members.map((member) => member.name) }),
    offer(scene, scene.state.paused === true ? { kind: 'resume' } : { kind: 'pause' }),
    ...(scene.state.scheduledSwitchover ? [offer(scene, { kind: 'cancel_switchover' })] : []),
    configOffer(scene),
  ];
}

/** A change of configuration is judged by its values when it is made; here only by whether any could be made. */
function configOffer(scene: Scene): Offer {
  if (scene.busy !== null) return offer(scene, { kind: 'change_config', patch: {} });
  const checks = checkOperation(scene.state, { kind: 'change_config', patch: {} }, scene.now);
  const refusal = firstRefusal(checks.filter((check) => check.code !== 'config.no_change'));
  return { kind: 'change_config', allowed: refusal === null, reason: refusal?.sentence ?? null };
}

function memberOffers(scene: Scene, name: string): Offer[] {
  const member = scene.state.members.find((one) => one.name === name);
  const leads = member !== undefined && (hasLeaderRole(member) || scene.state.leader.holder === name);
  const leader = scene.state.leader.holder ?? '';
  const takeOver: Operation[] = leads ? [] : [{ kind: 'switchover', leader, candidate: name }, { kind: 'failover', candidate: name }];
  const copy: Operation[] = leads ? [] : [{ kind: 'reinit', member: name, fromLeader: false }];
  const planned: Operation[] = member?.scheduledRestart ? [{ kind: 'cancel_restart', member: name }] : [{ kind: 'schedule_restart', member: name, pendingOnly: false, at: soon(scene) }];
  const rest: Operation[] = [{ kind: 'restart', member: name, pendingOnly: false }, ...planned, { kind: 'reload', members: [name] }];
  return [...takeOver, ...copy, ...rest].map((operation) => offer(scene, operation));
}

/** Which actions are offered now, and why the others are not. `busy` is the title of a job at work on the cluster; `now` is ms since the epoch. */
export function offersFor(state: ClusterState, busy: string | null, now: number): Offers {
  const scene: Scene = { state, busy, now };
  const members = state.members.map((member) => [member.name, memberOffers(scene, member.name)] as const);
  return { cluster: clusterOffers(scene), members: Object.fromEntries(members) };
}
