import type { ClusterState } from '../../model/cluster/cluster-state';
import type { Member, PendingParameter } from '../../model/cluster/member';
import { hasLeaderRole } from '../cluster/member-facts';
import { sharedMemoryParameters } from '../configure/shared-memory-parameters';
import { namesInWords } from '../words/wording';

/** The order of a rolling restart with its reason. Members come once; `leaderFirst` says which way round. */
export interface RestartOrder {
  readonly members: readonly string[];
  readonly leaderFirst: boolean;
  readonly reason: string;
}

function direction(parameter: PendingParameter): 'up' | 'down' | null {
  if (!sharedMemoryParameters.has(parameter.name) || parameter.oldValue === null || parameter.newValue === null)
    return null;
  const before = Number(parameter.oldValue);
  const after = Number(parameter.newValue);
  if (!Number.isFinite(before) || !Number.isFinite(after) || before === after) return null;
  return after < before ? 'down' : 'up';
}

function changed(members: readonly Member[], wanted: 'up' | 'down'): string[] {
  const names = members.flatMap((member) =>
    (member.pendingRestart ?? [])
      .filter((parameter) => direction(parameter) === wanted)
      .map((parameter) => parameter.name),
  );
  return [...new Set(names)];
}

/** Asynchronous replicas first: restarting a synchronous one waits until another has taken its place (ha.py, while_not_sync_standby). */
function rank(member: Member): number {
  if (hasLeaderRole(member)) return 2;
  return member.role === 'sync_standby' || member.role === 'quorum_standby' ? 1 : 0;
}

function reasonFor(up: readonly string[], down: readonly string[]): string {
  if (up.length > 0 && down.length > 0) {
    return (
      `Replicas first, because ${namesInWords(up)} grows; they are restarted once more after the leader, ` +
      `because ${namesInWords(down)} shrinks.`
    );
  }
  if (down.length > 0)
    return `The leader first, because ${namesInWords(down)} shrinks: a replica keeps the old value until the leader has the new one.`;
  if (up.length > 0)
    return `Replicas first, because ${namesInWords(up)} grows: a replica with less than its leader stops replaying.`;
  return 'Replicas first, the leader last: the leader restarts only after every replica has come back.';
}

/** Whether the member waits for a restart. */
export function waitsForRestart(member: Member): boolean {
  return member.pendingRestartFlag || (member.pendingRestart?.length ?? 0) > 0;
}

/**
 * Who is restarted, in which order: replicas first (asynchronous, then synchronous), the leader last; the
 * leader first when a shared-memory parameter only shrinks. Where growing and shrinking meet, replicas go first.
 */
export function restartOrder(
  state: ClusterState,
  choice: { readonly pendingOnly: boolean; readonly role: 'any' | 'leader' | 'replica' },
): RestartOrder {
  const wanted = state.members
    .filter((member) => !choice.pendingOnly || waitsForRestart(member))
    .filter((member) => choice.role === 'any' || (choice.role === 'leader') === hasLeaderRole(member));
  const up = changed(state.members, 'up');
  const down = changed(state.members, 'down');
  const leaderFirst = down.length > 0 && up.length === 0;
  const sign = leaderFirst ? -1 : 1;
  const ordered = [...wanted].sort((a, b) => {
    const leaders = (hasLeaderRole(a) ? 1 : 0) - (hasLeaderRole(b) ? 1 : 0);
    return leaders * sign || rank(a) - rank(b) || a.name.localeCompare(b.name);
  });
  return { members: ordered.map((member) => member.name), leaderFirst, reason: reasonFor(up, down) };
}
