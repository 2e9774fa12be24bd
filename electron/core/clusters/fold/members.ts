import type { Member, MemberRole, PatroniRole, PostgresState } from '../../../../shared/model/cluster/member';
import { exceedsLagLimit, tagIsOn } from '../../../../shared/rules/cluster/member-facts';
import type { ConditionContext } from './condition';
import { conditionOf, isRunningState } from './condition';
import type { ClusterFacts, FoldMemory } from './facts';
import { leaseMs, loopWaitMs } from './facts';
import { lagOf, positionOf, receivedPosition } from './lag';
import type { Upstream } from './topology';
import { observeUpstreams } from './topology';
import type { MemberView } from './view';
import { best, dcsIsLive, memberViews } from './view';

/** A healthy replica may be on the old timeline for a loop and a reconnect after a change of leader. */
const PATIENCE_BEYOND_LOOP_MS = 3_000;
/** Between two leaders' readings a walreceiver may connect again (wal_retrieve_retry_interval is 5 s, the first retry comes at once). */
const RECONNECT_MS = 3_000;
/** Patroni starts a stopped PostgreSQL in its next loop; a rewind or a crash recovery begins within it. */
const REJOIN_MS = 10_000;

function ownRole(view: MemberView): PatroniRole {
  return (
    best(
      view,
      (answer) => (answer.role === 'unknown' ? null : answer.role),
      (key) => (key.role === 'unknown' ? null : key.role),
    ) ?? 'unknown'
  );
}

/** A member that says so itself, and answers now, leads; the words of others about one that denies it do not count. */
function saysItLeads(view: MemberView): boolean {
  return view.fresh?.role === 'primary' || view.fresh?.role === 'standby_leader';
}

/** The member that leads: the lock's holder; without a view of the lock, the one that says it is the primary. */
function leaderView(facts: ClusterFacts, views: readonly MemberView[]): MemberView | null {
  if (dcsIsLive(facts)) return views.find((view) => view.holdsLock) ?? null;
  return views.find(saysItLeads) ?? views.find((view) => view.holdsLock && view.fresh === null) ?? null;
}

/** The sync key's word; Patroni hides it in standby clusters (from 3.3.1). */
function syncRoleInDcs(view: MemberView, facts: ClusterFacts): MemberRole | null {
  const { sync, config } = facts.dcs;
  if (sync === null || config === null || config.syncMode === 'off' || config.config.standbyCluster) return null;
  if (!sync.standbys.includes(view.name)) return null;
  return config.syncMode === 'quorum' ? 'quorum_standby' : 'sync_standby';
}

function syncRole(view: MemberView, facts: ClusterFacts): MemberRole | null {
  if (view.fresh?.quorumStandby === true) return 'quorum_standby';
  if (view.fresh?.syncStandby === true) return 'sync_standby';
  if (dcsIsLive(facts)) return syncRoleInDcs(view, facts);
  return view.listed?.role === 'sync_standby' || view.listed?.role === 'quorum_standby' ? view.listed.role : null;
}

function roleOf(view: MemberView, leader: MemberView | null, facts: ClusterFacts): MemberRole {
  const own = ownRole(view);
  if (view.name === leader?.name)
    return own === 'standby_leader' || facts.dcs.config?.config.standbyCluster === true ? 'standby_leader' : 'leader';
  if (own === 'unknown' && view.key === null && view.listed === null) return 'unknown';
  return syncRole(view, facts) ?? 'replica';
}

function stateOf(view: MemberView): { readonly state: PostgresState; readonly text: string } {
  const found = best(
    view,
    (answer) => ({ state: answer.state, text: answer.stateText }),
    (key) => ({ state: key.state, text: key.stateText }),
    (listed) => ({ state: listed.state, text: listed.stateText }),
  );
  return found ?? { state: 'unknown', text: '' };
}

function timelineOf(view: MemberView): number | null {
  return best(
    view,
    (answer) => answer.timeline,
    (key) => key.timeline,
    (listed) => listed.timeline,
  );
}

/** A replica that should stream and that nobody who answers lists. */
function isAbsent(
  view: MemberView,
  leader: MemberView | null,
  upstream: Upstream,
  state: PostgresState,
  tags: Member['tags'],
): boolean {
  const shouldStream =
    leader !== null && view.name !== leader.name && isRunningState(state) && !tagIsOn({ tags }, 'nostream');
  return shouldStream && upstream.known && upstream.from === null;
}

interface Folded {
  readonly members: readonly Member[];
  readonly memory: Pick<FoldMemory, 'absentSince' | 'behindSince' | 'stoppedSince'>;
}

/** A member with what the next fold must remember of it: since when each of these holds, or null. */
interface FoldedMember {
  readonly member: Member;
  readonly absent: number | null;
  readonly behind: number | null;
  readonly stopped: number | null;
}

interface Scene {
  readonly facts: ClusterFacts;
  readonly memory: FoldMemory;
  readonly leader: MemberView | null;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly now: number;
}

function since(before: ReadonlyMap<string, number>, name: string, holds: boolean, now: number): number | null {
  return holds ? (before.get(name) ?? now) : null;
}

function patience(scene: Scene): number {
  return loopWaitMs(scene.facts) + PATIENCE_BEYOND_LOOP_MS;
}

function isCalm(scene: Scene): boolean {
  const changedAt = Math.max(scene.memory.leaderChangedAt ?? -Infinity, scene.facts.dcs.heldSince ?? -Infinity);
  return scene.now - changedAt <= patience(scene);
}

/** What was seen for longer than a loop; right after a change of leader everything gets one loop more. */
function outlasts(start: number | null, scene: Scene): boolean {
  return start !== null && scene.now - start > patience(scene) && !isCalm(scene);
}

/** The first that is known. */
function first<T>(...values: readonly (T | null | undefined)[]): T | null {
  return values.find((value) => value !== null && value !== undefined) ?? null;
}

/*
 * A member is put together by functions of which each lays its fields over those before, `...base` first: V8 then keeps all in one
 * hidden class. Fields that are spread in after others would make it a dictionary of ten times the size.
 */

type Identity = Pick<Member, 'name' | 'serverId' | 'apiUrl' | 'host' | 'port' | 'inDcs' | 'keyUnleased'>;

function identity({ name, entry, inDcs, key, listed, keyUnleased }: MemberView): Identity {
  return {
    name,
    inDcs,
    keyUnleased: keyUnleased && inDcs === true,
    serverId: first(entry?.serverId),
    apiUrl: first(key?.apiUrl, listed?.apiUrl, entry?.apiUrl),
    host: first(key?.host, listed?.host, entry?.postgresHost),
    port: first(key?.port, listed?.port, entry?.postgresPort),
  };
}

type OwnWords = Identity &
  Pick<Member, 'postgresVersion' | 'systemIdentifier' | 'dcsLastSeen' | 'watchdogFailed' | 'postmasterStart'>;

function withOwnWords(base: Identity, { rest: { answer } }: MemberView): OwnWords {
  return {
    ...base,
    postgresVersion: answer?.postgresVersion ?? null,
    systemIdentifier: answer?.systemIdentifier ?? null,
    dcsLastSeen: answer?.dcsLastSeen ?? null,
    watchdogFailed: answer?.watchdogFailed ?? null,
    postmasterStart: answer?.postmasterStart ?? null,
  };
}

type PatroniFacts = OwnWords &
  Pick<Member, 'patroniVersion' | 'pausedSeen' | 'tags' | 'scheduledRestart' | 'pendingRestart' | 'pendingRestartFlag'>;

function withPatroniFacts(base: OwnWords, view: MemberView): PatroniFacts {
  const flagged =
    best(
      view,
      (one) => one.pendingRestart,
      (one) => one.pendingRestart,
      (one) => one.pendingRestart,
    ) ?? false;
  return {
    ...base,
    patroniVersion: best(
      view,
      (one) => one.patroniVersion,
      (one) => one.patroniVersion,
    ),
    pausedSeen: best(
      view,
      (one) => one.paused,
      (one) => one.paused,
    ),
    tags:
      best(
        view,
        (one) => one.tags,
        (one) => one.tags,
        (one) => one.tags,
      ) ?? {},
    scheduledRestart: view.fresh !== null ? view.fresh.scheduledRestart : first(view.key?.scheduledRestart),
    pendingRestartFlag: flagged,
    pendingRestart: flagged
      ? best(
          view,
          (one) => one.pending,
          (one) => one.pending,
          (one) => one.pending,
        )
      : [],
  };
}

type Replication = PatroniFacts &
  Pick<
    Member,
    | 'timeline'
    | 'lsn'
    | 'receivedLsn'
    | 'lag'
    | 'replicationState'
    | 'upstream'
    | 'upstreamKnown'
    | 'connections'
    | 'replayPaused'
    | 'replayedAt'
  >;

function withReplication(base: PatroniFacts, view: MemberView, scene: Scene): Replication {
  const upstream = scene.upstreams.get(view.name) ?? { from: null, known: false };
  return {
    ...base,
    timeline: timelineOf(view),
    lsn: positionOf(view),
    receivedLsn: best(
      view,
      (one) => receivedPosition(one.receivedLsn, one.replayedLsn),
      (one) => receivedPosition(one.receiveLsn, one.replayLsn),
      (one) => receivedPosition(one.receiveLsn, one.replayLsn),
    ),
    lag: lagOf(view, scene.leader, scene.facts),
    replicationState: best(
      view,
      (one) => one.replicationState,
      (one) => one.replicationState,
    ),
    upstream: upstream.from,
    upstreamKnown: upstream.known,
    connections: view.fresh?.connections ?? [],
    replayPaused: view.fresh?.replayPaused ?? null,
    // The last that is known counts: while the member does not answer, it says how much is there at least.
    replayedAt: view.rest.answer?.replayedAt ?? null,
  };
}

/** Patroni answers and has its PostgreSQL stopped for less than a loop: it is about to rejoin, unless somebody paused Patroni. */
function isRejoining(view: MemberView, state: PostgresState, stopped: number | null, scene: Scene): boolean {
  if (stopped === null || state !== 'stopped' || view.holdsLock || view.fresh?.paused === true) return false;
  return scene.now - stopped <= REJOIN_MS;
}

/** Whether a running member's timeline is older than the leader's. */
function isOnOldTimeline(member: Replication, state: PostgresState, leader: MemberView | null): boolean {
  const newest = leader === null ? null : timelineOf(leader);
  return member.timeline !== null && newest !== null && member.timeline < newest && isRunningState(state);
}

type Signs = Omit<FoldedMember, 'member'>;

function contextOf(
  view: MemberView,
  streams: Replication,
  state: PostgresState,
  signs: Signs,
  scene: Scene,
): ConditionContext {
  const { facts, now } = scene;
  const { absent, behind, stopped } = signs;
  return {
    lockHeld: facts.dcs.leader !== null && dcsIsLive(facts),
    noQuorum: facts.dcs.state.kind === 'no_quorum',
    calm: isCalm(scene),
    ttlMs: leaseMs(facts),
    now,
    notStreaming: absent !== null && now - absent > RECONNECT_MS && !isCalm(scene),
    behindTimeline: outlasts(behind, scene),
    lagging: !isCalm(scene) && exceedsLagLimit(streams.lag, (facts.dcs.config ?? facts.restConfig)?.config ?? null),
    isRejoining: isRejoining(view, state, stopped, scene),
  };
}

function signsOf(view: MemberView, streams: Replication, state: PostgresState, scene: Scene): Signs {
  const { leader, memory, now } = scene;
  const upstream = { from: streams.upstream, known: streams.upstreamKnown };
  const { name } = view;
  return {
    absent: since(memory.absentSince, name, isAbsent(view, leader, upstream, state, streams.tags), now),
    behind: since(memory.behindSince, name, isOnOldTimeline(streams, state, leader), now),
    stopped: since(memory.stoppedSince, name, view.fresh !== null && state === 'stopped', now),
  };
}

function foldMember(view: MemberView, scene: Scene): FoldedMember {
  const { facts, leader } = scene;
  const { state, text } = stateOf(view);
  const streams = withReplication(withPatroniFacts(withOwnWords(identity(view), view), view), view, scene);
  const signs = signsOf(view, streams, state, scene);
  const member: Member = {
    ...streams,
    role: roleOf(view, leader, facts),
    postgresAccepts: view.postgresUp,
    primarySeen: ownRole(view) === 'primary' && isRunningState(state),
    state,
    stateText: text,
    condition: conditionOf(view, state, contextOf(view, streams, state, signs, scene)),
    dcsAsOf: view.inDcs === true ? facts.dcs.asOf : view.keyAt,
    restAsOf: view.rest.asOf,
    stale: view.fresh === null && view.inDcs !== true,
  };
  return { member, ...signs };
}

/** All members with what is concluded about each, and what the next fold must remember. */
export function foldMembers(
  facts: ClusterFacts,
  memory: FoldMemory,
  now: number,
): Folded & { readonly leader: MemberView | null; readonly views: readonly MemberView[] } {
  const views = memberViews(facts, now);
  const leader = leaderView(facts, views);
  const scene: Scene = { facts, memory, leader, upstreams: observeUpstreams(views), now };
  const folded = views.map((view) => foldMember(view, scene));
  const remember = (pick: (one: (typeof folded)[number]) => number | null): ReadonlyMap<string, number> =>
    new Map(
      folded.flatMap((one) => {
        const at = pick(one);
        return at === null ? [] : [[one.member.name, at] as const];
      }),
    );
  return {
    members: folded.map((one) => one.member),
    memory: {
      absentSince: remember((one) => one.absent),
      behindSince: remember((one) => one.behind),
      stoppedSince: remember((one) => one.stopped),
    },
    leader,
    views,
  };
}
