import type { ClusterHealth, ClusterState, Finding } from '../../model/cluster/cluster-state';
import type { Member } from '../../model/cluster/member';
import { bytesInWords } from '../words/wording';

type Bare = Omit<ClusterState, 'findings' | 'health' | 'revision'>;

/** Something answers now: etcd, or at least one member. */
function isHeard(state: Bare): boolean {
  return state.sources.some((source) => source.kind !== 'ssh' && source.status === 'live');
}

/** The last word that was heard is not old yet, or nothing has had the time to answer. */
function isConnecting(state: Bare): boolean {
  const asked = state.sources.filter((source) => source.kind !== 'ssh' && source.status !== 'off');
  return (
    asked.every((source) => source.status === 'connecting') ||
    (asked.some((source) => source.status === 'connecting') && asked.every((source) => source.asOf === null))
  );
}

/** Replicas that stream, and how far the slowest is. */
function replicasInWords(state: Bare): string {
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

/** A leader that starts or stops serves nobody meanwhile. */
function busyHealth(member: Member, holder: string | null): ClusterHealth {
  const doing = BUSY[member.condition] ?? 'busy';
  if (member.name !== holder) return { level: 'warning', sentence: `${member.name} is ${doing}.` };
  return { level: 'critical', sentence: `${member.name} holds the leader lock but is ${doing}: no primary is seen.` };
}

/** One word and one sentence for the fleet: the worst finding, or who leads. */
export function healthOf(state: Bare, findings: readonly Finding[]): ClusterHealth {
  if (isConnecting(state) || (state.dcs.kind === 'connecting' && state.leader.holder === null))
    return { level: 'connecting', sentence: 'Connecting: nothing has answered yet.' };
  if (!isHeard(state))
    return { level: 'unknown', sentence: 'Neither etcd nor any member answers: what is shown is old.' };
  const worst = findings.find((finding) => finding.severity !== 'info');
  if (worst !== undefined)
    return { level: worst.severity === 'critical' ? 'critical' : 'warning', sentence: worst.sentence };
  const busy =
    state.members.find((member) => member.name === state.leader.holder && isBusy(member)) ?? state.members.find(isBusy);
  if (busy !== undefined) return busyHealth(busy, state.leader.holder);
  if (state.leader.holder === null) return { level: 'unknown', sentence: 'It is not known who leads.' };
  return { level: 'healthy', sentence: `${state.leader.holder} leads; ${replicasInWords(state)}.` };
}
