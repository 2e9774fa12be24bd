import type { ClusterHealth, ClusterState, Finding, ObservedCluster } from '../../model/cluster/cluster-state';
import type { Member } from '../../model/cluster/member';
import { bytesInWords, namesInWords } from '../words/wording';
import { isSwitching } from './member-facts';
import { writesInWords, writeStatusOf, type WriteStatus } from './write-status';

/** Something of the cluster answers now: etcd, or at least one member. */
export function isHeard(state: ObservedCluster): boolean {
  return state.sources.some((source) => source.kind !== 'ssh' && source.status === 'live');
}

/**
 * This app took the cluster away, and no member has answered since. An etcd of others goes on answering, so it says nothing;
 * a member that answers was set up again.
 */
export function isRemoved(state: ObservedCluster): boolean {
  if (state.removedAt === undefined) return false;
  return !state.sources.some((source) => source.kind === 'rest' && source.status === 'live');
}

/** The last word that was heard is not old yet, or nothing has had the time to answer. */
function isConnecting(state: ObservedCluster): boolean {
  const asked = state.sources.filter((source) => source.kind !== 'ssh' && source.status !== 'off');
  return (
    asked.every((source) => source.status === 'connecting') ||
    (asked.some((source) => source.status === 'connecting') && asked.every((source) => source.asOf === null))
  );
}

function isConnectingTo(state: ObservedCluster, member: string): boolean {
  return state.sources.some((source) => source.id === `rest:${member}` && source.status === 'connecting');
}

/** Replicas that stream, and how far the slowest is. */
function replicasInWords(state: ObservedCluster): string {
  const replicas = state.members.filter((member) => member.name !== state.leader.holder);
  const well = replicas.filter((member) => member.condition === 'healthy');
  const lags = replicas.flatMap((member) => (member.lag?.replay == null ? [] : [member.lag.replay]));
  const lag = lags.length === 0 ? '' : `, largest lag ${bytesInWords(Math.max(...lags))}`;
  if (replicas.length === 0) return 'it has no replicas';
  const silent = replicas.filter((member) => member.condition === 'unknown').length;
  const heard = silent === 0 ? '' : `, ${String(silent)} not heard from yet`;
  return `${String(well.length)} of ${String(replicas.length)} ${replicas.length === 1 ? 'replica' : 'replicas'} healthy${heard}${lag}`;
}

const BUSY: Partial<Record<Member['condition'], string>> = {
  creating: 'being copied',
  starting: 'starting',
  stopping: 'stopping',
};

const isBusy = (member: Member): boolean => BUSY[member.condition] !== undefined;

/** Between the lock and the first write of a new primary there is a promotion, which takes a second or two, ms. */
const PROMOTION_MS = 10_000;

/** Changes that are expected are no alarm: a switchover that was asked for, and the promotion of who took the lock. */
function expectedChange(state: ObservedCluster, writes: WriteStatus): ClusterHealth | null {
  if (writes.kind !== 'no') return null;
  if (isSwitching(state)) return { level: 'warning', sentence: switchInWords(state) };
  const { holder, heldSince } = state.leader;
  const justTaken = heldSince !== null && state.at - heldSince <= PROMOTION_MS;
  if (writes.cause !== 'read_only' || !justTaken) return null;
  return { level: 'warning', sentence: `${holder ?? ''} took the leader lock and is being promoted.` };
}

function switchInWords({ failoverRequest: request }: ObservedCluster): string {
  const to = request?.to == null ? '' : ` to ${request.to}`;
  return request?.from == null ? `Failing over${to}.` : `Switching over from ${request.from}${to}.`;
}

function ofFinding(finding: Finding): ClusterHealth {
  return { level: finding.severity === 'critical' ? 'critical' : 'warning', sentence: finding.sentence };
}

/** A cluster whose primary is not known to serve: never better than its writes. */
function withoutWrites(state: ObservedCluster, writes: WriteStatus, worst: Finding | undefined): ClusterHealth | null {
  if (writes.kind === 'yes' || (writes.kind === 'no' && writes.cause === 'standby_cluster')) return null;
  if (worst?.severity === 'critical') return ofFinding(worst);
  const primary = writes.kind === 'not_known' ? writes.primary : null;
  if (primary !== null && isConnectingTo(state, primary))
    return { level: 'connecting', sentence: `Connecting: ${primary} has not answered yet.` };
  const sentence = `Takes writes: ${lowerFirst(writesInWords(writes, state.at))}`;
  return { level: writes.kind === 'no' ? 'critical' : 'unknown', sentence };
}

const lowerFirst = (words: string): string => words.charAt(0).toLowerCase() + words.slice(1);

/** What the row of a member says at once, where a finding waits until it lasts. */
const SEEN: Partial<Record<Member['condition'], string>> = {
  not_streaming: 'not streaming',
  behind_timeline: 'on an older timeline',
  lagging: 'far behind the leader',
  postgres_down: 'without a running PostgreSQL',
};

/** The headline is never surer than the rows: a member that is marked is named, and one that has not answered yet is waited for. */
function ofMembers(state: ObservedCluster): ClusterHealth | null {
  const seen = state.members.find(({ condition }) => SEEN[condition] !== undefined);
  if (seen !== undefined)
    return {
      level: 'warning',
      sentence: `${seen.name} is ${SEEN[seen.condition] ?? ''}; whether that lasts is not known yet.`,
    };
  const busy = state.members.find(isBusy);
  if (busy !== undefined) return { level: 'warning', sentence: `${busy.name} is ${BUSY[busy.condition] ?? 'busy'}.` };
  const waited = state.members.filter(({ name, condition }) => condition === 'unknown' && isConnectingTo(state, name));
  if (waited.length === 0) return null;
  const names = namesInWords(waited.map(({ name }) => name));
  return {
    level: 'connecting',
    sentence: `Looking: ${names} ${waited.length === 1 ? 'has' : 'have'} not answered yet.`,
  };
}

/** One word and one sentence for the fleet: the worst finding, or who leads; never surer than the sources they rest on. */
export function healthOf(state: ObservedCluster, findings: readonly Finding[]): ClusterHealth {
  const whole = ofWhole(state, findings) ?? ofMembers(state);
  return whole ?? { level: 'healthy', sentence: `${state.leader.holder ?? ''} leads; ${replicasInWords(state)}.` };
}

/** Whether a cluster is looked at for the first time: what comes next was there already, and has not happened now. */
export function isFirstSight(state: ClusterState): boolean {
  if (state.members.length === 0 || state.dcs.kind === 'connecting') return true;
  return ofWhole(state, state.findings)?.level === 'connecting';
}

/** What is said of the cluster as a whole: whether it answers, whether it takes writes, and what was found. */
function ofWhole(state: ObservedCluster, findings: readonly Finding[]): ClusterHealth | null {
  if (state.onHold === true)
    return { level: 'unknown', sentence: 'On hold: it came from a file, and nothing of it was contacted.' };
  if (isRemoved(state))
    return { level: 'unknown', sentence: 'Matriarch removed this cluster from its servers. It is only in this list.' };
  if (isConnecting(state) || (state.dcs.kind === 'connecting' && state.leader.holder === null))
    return { level: 'connecting', sentence: 'Connecting: nothing has answered yet.' };
  if (!isHeard(state))
    return { level: 'unknown', sentence: 'Neither etcd nor any member answers: what is shown is old.' };
  const writes = writeStatusOf(state);
  const expected = expectedChange(state, writes);
  if (expected !== null) return expected;
  const worst = findings.find((finding) => finding.severity !== 'info');
  const silent = withoutWrites(state, writes, worst);
  if (silent !== null) return silent;
  return worst === undefined ? null : ofFinding(worst);
}
