import type { ClusterState, LeaderLock, SyncState } from '../../../../shared/model/cluster/cluster-state';
import { sortMembers } from '../../../../shared/rules/cluster/cluster-patch';
import { findAll } from '../../../../shared/rules/cluster/findings/find-all';
import { healthOf } from '../../../../shared/rules/cluster/health';
import type { ConfigKey } from '../../patroni/answers/keys';
import { isRunningState } from './condition';
import type { ClusterFacts, FoldMemory } from './facts';
import { loopWaitMs } from './facts';
import { foldMembers } from './members';
import { foldBlindSpots, foldSources } from './sources';
import type { MemberView } from './view';
import { dcsIsLive } from './view';
import { citusClusterOf } from '../../../../shared/rules/citus/citus-clusters';

function changeOf({ dcs }: ClusterFacts): Pick<LeaderLock, 'changeUnseen'> {
  return dcs.changeUnseen ? { changeUnseen: true } : {};
}

function foldLock(facts: ClusterFacts, leader: MemberView | null): LeaderLock {
  const { dcs, lease } = facts;
  if (!dcsIsLive(facts))
    return {
      holder: leader?.name ?? null,
      known: false,
      leaseLeft: null,
      leaseTtl: null,
      askedAt: null,
      heldSince: null,
      vacantSince: null,
    };
  const own = lease !== null && lease.holder === dcs.leader?.name ? lease : null;
  return {
    holder: dcs.leader?.name ?? null,
    known: true,
    leaseLeft: own?.leftMs ?? null,
    leaseTtl: own?.ttlMs ?? null,
    askedAt: own?.askedAt ?? null,
    heldSince: dcs.heldSince,
    vacantSince: dcs.vacantSince,
    ...changeOf(facts),
  };
}

function foldSync(facts: ClusterFacts, config: ConfigKey | null): SyncState | null {
  if (config === null) return null;
  const { sync } = facts.dcs;
  return {
    mode: config.syncMode,
    strict: config.strict,
    leader: sync?.leader ?? null,
    standbys: sync?.standbys ?? [],
    quorum: sync?.quorum ?? null,
  };
}

function foldPaused(facts: ClusterFacts, config: ConfigKey | null, views: readonly MemberView[]): boolean | null {
  if (config !== null) return config.paused;
  if (facts.listing.answer !== null) return facts.listing.answer.paused;
  const reported = views.flatMap((view) => (view.fresh === null ? [] : [view.fresh.paused]));
  return reported.length === 0 ? null : reported.includes(true);
}

function foldFailsafe(views: readonly MemberView[]): boolean | null {
  const reported = views.flatMap((view) => (view.fresh === null ? [] : [view.fresh.failsafeActive]));
  return reported.length === 0 ? null : reported.includes(true);
}

function nextMemory(
  memory: FoldMemory,
  leader: string | null,
  now: number,
): Pick<FoldMemory, 'leaderChangedAt' | 'lastLeader'> {
  if (leader === null || leader === memory.lastLeader)
    return { leaderChangedAt: memory.leaderChangedAt, lastLeader: memory.lastLeader };
  return { leaderChangedAt: memory.lastLeader === null ? memory.leaderChangedAt : now, lastLeader: leader };
}

function foldRequests(facts: ClusterFacts): Pick<ClusterState, 'scheduledSwitchover' | 'failoverRequest'> {
  if (!dcsIsLive(facts))
    return { scheduledSwitchover: facts.listing.answer?.scheduledSwitchover ?? null, failoverRequest: null };
  const { failover } = facts.dcs;
  return { scheduledSwitchover: failover?.scheduled ?? null, failoverRequest: failover?.request ?? null };
}

type Identity = Pick<
  ClusterState,
  | 'clusterId'
  | 'title'
  | 'scope'
  | 'namespace'
  | 'citusGroup'
  | 'citusCluster'
  | 'citusGroups'
  | 'production'
  | 'readOnly'
  | 'onHold'
  | 'origin'
  | 'removedAt'
  | 'tags'
>;

function identityOf({ entry, citusGroups }: ClusterFacts): Identity {
  const citusCluster = citusClusterOf(entry);
  return {
    clusterId: entry.id,
    title: entry.title,
    scope: entry.scope,
    namespace: entry.namespace,
    ...(entry.citusGroup === undefined ? {} : { citusGroup: entry.citusGroup }),
    ...(citusCluster === null ? {} : { citusCluster }),
    ...(citusGroups === null ? {} : { citusGroups }),
    production: entry.production,
    readOnly: entry.readOnly,
    ...(entry.onHold === true ? { onHold: true } : {}),
    origin: entry.origin,
    ...(entry.removedAt === undefined ? {} : { removedAt: entry.removedAt }),
    tags: entry.tags,
  };
}

/** The one truth about a cluster from all that is known, and what the next fold must remember. Pure. */
export function foldCluster(
  facts: ClusterFacts,
  memory: FoldMemory,
  now: number,
): { readonly state: Omit<ClusterState, 'revision'>; readonly memory: FoldMemory } {
  const { members, views, leader, memory: seen } = foldMembers(facts, memory, now);
  const changed = nextMemory(memory, leader?.name ?? null, now);
  const config = facts.dcs.config ?? facts.restConfig;
  const { scheduledSwitchover, failoverRequest } = foldRequests(facts);
  const bare = {
    ...identityOf(facts),
    at: now,
    sources: foldSources(facts, views, now),
    dcs: facts.dcs.state,
    leader: foldLock(facts, leader),
    members: sortMembers(members),
    paused: foldPaused(facts, config, views),
    failsafeActive: foldFailsafe(views),
    sync: foldSync(facts, config),
    scheduledSwitchover,
    failoverRequest,
    config: config?.config ?? null,
    systemIdentifier: facts.dcs.initialize,
    history: facts.dcs.history.length > 0 ? facts.dcs.history : facts.restHistory,
    pair: facts.pair,
    blindSpots: foldBlindSpots(facts, views),
  };
  const calm = changed.leaderChangedAt !== null && now - changed.leaderChangedAt <= loopWaitMs(facts) + 3_000;
  const primaries = views
    .filter((view) => view.fresh?.role === 'primary' && isRunningState(view.fresh.state) && !view.fresh.unlocked)
    .map((view) => view.name);
  const findings = findAll({
    state: bare,
    calm,
    now,
    primaries,
    absentSince: seen.absentSince,
    behindSince: seen.behindSince,
    postgresUp: facts.postgresUp,
    answeredNames: answeredNames(views),
    reported: [...facts.reported.values()],
  });
  return { state: { ...bare, findings, health: healthOf(bare, findings) }, memory: { ...seen, ...changed } };
}

/** Which name each member's REST says it has (from 3.2), to find an api_url that leads to another member. */
function answeredNames(views: readonly MemberView[]): ReadonlyMap<string, string> {
  return new Map(views.flatMap((view) => (view.fresh?.name == null ? [] : [[view.name, view.fresh.name] as const])));
}
