import type { ClusterFacts, DcsFacts, RestFacts } from '../fold/facts';

const PULSED: ReadonlySet<string> = new Set<keyof ClusterFacts>(['rest', 'dcs', 'lease']);

function sameMemberKeys(before: DcsFacts['members'], after: DcsFacts['members']): boolean {
  return (
    before.size === after.size &&
    [...after].every(([name, { key }]) => {
      const old = before.get(name)?.key;
      return (
        old !== undefined &&
        old.role === key.role &&
        old.stateText === key.stateText &&
        old.timeline === key.timeline &&
        old.pendingRestart === key.pendingRestart
      );
    })
  );
}

function sameDcs(before: DcsFacts, after: DcsFacts): boolean {
  return (
    before.state.kind === after.state.kind &&
    before.seen === after.seen &&
    before.leader?.name === after.leader?.name &&
    before.config === after.config &&
    before.sync === after.sync &&
    before.failover === after.failover &&
    before.history === after.history &&
    before.initialize === after.initialize &&
    before.failsafe === after.failsafe &&
    sameMemberKeys(before.members, after.members)
  );
}

function sameAnswer({ answer: before }: RestFacts, { answer: after }: RestFacts): boolean {
  return (
    before !== null &&
    after !== null &&
    before.role === after.role &&
    before.stateText === after.stateText &&
    before.timeline === after.timeline &&
    before.paused === after.paused &&
    before.pendingRestart === after.pendingRestart
  );
}

function sameRest(before: ClusterFacts['rest'], after: ClusterFacts['rest']): boolean {
  return (
    before.size === after.size &&
    [...after].every(([name, rest]) => {
      const old = before.get(name);
      return (
        old !== undefined && (old === rest || (old.error === null && rest.error === null && sameAnswer(old, rest)))
      );
    })
  );
}

/**
 * Whether an update reports only what each loop of Patroni reports: positions, lag, leases and times. Roles, states, timelines, settings
 * and failures are more than that. Pure.
 */
export function isHeartbeat(before: ClusterFacts, change: Partial<ClusterFacts>): boolean {
  if (Object.keys(change).some((key) => !PULSED.has(key))) return false;
  return (
    (change.dcs === undefined || sameDcs(before.dcs, change.dcs)) &&
    (change.rest === undefined || sameRest(before.rest, change.rest))
  );
}
