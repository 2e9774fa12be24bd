import type { EtcdReading } from '../../model/etcd/etcd-view';
import { quorumSize } from './quorum';

/** The quorum of an etcd cluster as sums. Learners have no vote and are not counted. */
export interface EtcdQuorum {
  readonly voters: number;
  /** How many of them answer and see a leader. */
  readonly working: number;
  readonly needed: number;
  /** How many more may fail; negative when the quorum is lost. */
  readonly mayFail: number;
}

/** The sums for so many voting members of which so many work. */
export function quorumOf(voters: number, working: number): EtcdQuorum {
  const needed = quorumSize(voters);
  return { voters, working, needed, mayFail: working - needed };
}

/** The quorum as it was when the members were asked. */
export function quorumNow({ members }: Pick<EtcdReading, 'members'>): EtcdQuorum {
  const voters = members.filter((member) => !member.learner);
  return quorumOf(voters.length, voters.filter((member) => member.status !== null && member.leader !== null).length);
}

const counts = ['No', 'One', 'Two', 'Three', 'Four'] as const;

/** How many more may fail, as a sentence. */
export function quorumInWords({ voters, working, needed, mayFail }: EtcdQuorum): string {
  const sums = `${working} of ${voters} voting members work together; ${needed} must agree on each write.`;
  if (mayFail < 0) return `${sums} There is no quorum: etcd takes no writes.`;
  if (mayFail === 0) return `${sums} None may fail.`;
  return `${sums} ${counts[mayFail] ?? mayFail} more may fail.`;
}
