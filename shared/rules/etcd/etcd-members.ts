import type { EtcdMemberView, EtcdReading } from '../../model/etcd/etcd-view';

/** What a member is called: its name, or while it has none its peer address. */
export function etcdMemberName(member: Pick<EtcdMemberView, 'id' | 'name' | 'peerUrls'>): string {
  return member.name === '' ? (member.peerUrls[0] ?? member.id) : member.name;
}

/** A member by its id. */
export function findEtcdMember(reading: Pick<EtcdReading, 'members'>, id: string): EtcdMemberView | undefined {
  return reading.members.find((member) => member.id === id);
}

/** The member that leads; undefined where nobody says. */
export function etcdLeader({ members }: Pick<EtcdReading, 'members'>): EtcdMemberView | undefined {
  return members.find((member) => member.leader === true);
}

/** The members in the order in which they are defragmented: each blocks while it is, so the leader comes last. */
export function defragmentOrder({ members }: Pick<EtcdReading, 'members'>): readonly EtcdMemberView[] {
  return members
    .filter((member) => member.status !== null)
    .toSorted((a, b) => Number(a.leader === true) - Number(b.leader === true));
}

/** Who takes the lead over from the present leader: a voter that works and has nearly all of the log; undefined for nobody. */
export function leaderSuccessor({ members }: Pick<EtcdReading, 'members'>): EtcdMemberView | undefined {
  return members
    .filter((member) => !member.learner && member.leader === false && member.status !== null)
    .toSorted((a, b) => (b.status?.raftApplied ?? 0) - (a.status?.raftApplied ?? 0))[0];
}

/** The member a snapshot is read from when none was chosen: a follower, so that the leader is not kept busy. */
export function snapshotSource(reading: Pick<EtcdReading, 'members'>): EtcdMemberView | undefined {
  return leaderSuccessor(reading) ?? reading.members.find((member) => member.status !== null && !member.learner);
}

/** The revision of the member that knows most; 0 when none answered. */
export function newestRevision({ members }: Pick<EtcdReading, 'members'>): number {
  return Math.max(0, ...members.map((member) => member.status?.revision ?? 0));
}

/** What the decision about an action rests on: who the members are, who leads, and which alarms are raised. */
export function etcdFingerprint(reading: EtcdReading): string {
  const members = reading.members.map(
    ({ id, learner, leader, status }) =>
      `${id}:${learner ? 'learner' : 'voter'}:${leader === true ? 'leads' : ''}:${status === null ? 'silent' : ''}`,
  );
  const alarms = (reading.alarms ?? []).map(({ memberId, kind }) => `${memberId}:${kind}`);
  return [reading.clusterId, ...members.toSorted(), ...alarms.toSorted()].join(' ');
}
