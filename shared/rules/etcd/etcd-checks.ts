import type { EtcdAction } from '../../model/etcd/etcd-action';
import type { EtcdMemberView, EtcdReading } from '../../model/etcd/etcd-view';
import type { OperationCheck } from '../../model/operate/operation';
import { namesInWords } from '../words/wording';
import { defragmentOrder, etcdMemberName, findEtcdMember, leaderSuccessor, newestRevision } from './etcd-members';
import { quorumInWords, quorumNow, quorumOf, type EtcdQuorum } from './etcd-quorum';
import { isNearlyFull } from './etcd-sizes';

const ok = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'ok', sentence });
const warns = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'warns', sentence });
const refuses = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'refuses', sentence });

/** How many entries of the log a member may miss and still take the lead at once. */
const NEARLY_ALL = 1_000;

/** What the state of etcd says about an action: what forbids it, what warns, and what is in order. */
export function checkEtcdAction(reading: EtcdReading, action: EtcdAction): readonly OperationCheck[] {
  switch (action.kind) {
    case 'move_leader':
      return [...wholeQuorum(reading), ...checkSuccessor(reading, action.to)];
    case 'defragment':
      return checkDefragment(reading, action.member);
    case 'compact':
      return [...wholeQuorum(reading), ...checkCompact(reading, action.keep)];
    case 'disarm':
      return [...wholeQuorum(reading), ...checkDisarm(reading)];
    case 'free_space':
      return checkDefragment(reading, null);
    case 'snapshot':
      return checkSnapshot(reading, action.member);
    case 'add_member':
      return [...wholeQuorum(reading), ...checkNewcomer(reading, action.peerUrl, null)];
    case 'promote_member':
      return [...wholeQuorum(reading), ...checkPromote(reading, action.member)];
    case 'remove_member':
      return checkRemove(reading, action.member);
    case 'replace_member':
      return [
        ...checkRemove(reading, action.member),
        ...checkIsLost(reading, action.member),
        ...checkNewcomer(reading, action.peerUrl, action.member),
      ];
  }
}

/** The quorum after the action, where it changes who has a vote. */
export function quorumAfter(reading: EtcdReading, action: EtcdAction): EtcdQuorum | null {
  const { voters, working } = quorumNow(reading);
  switch (action.kind) {
    case 'add_member':
      return quorumOf(voters, working);
    case 'promote_member':
      return quorumOf(voters + 1, working + 1);
    case 'remove_member':
    case 'replace_member':
      return quorumWithout(reading, action.member);
    default:
      return null;
  }
}

function quorumWithout(reading: EtcdReading, id: string): EtcdQuorum {
  return quorumNow({ members: reading.members.filter((member) => member.id !== id) });
}

function wholeQuorum(reading: EtcdReading): readonly OperationCheck[] {
  const quorum = quorumNow(reading);
  const words = quorumInWords(quorum);
  return [quorum.mayFail < 0 ? refuses('etcd.no_quorum', words) : ok('quorum', words)];
}

function silent(reading: EtcdReading): readonly EtcdMemberView[] {
  return reading.members.filter((member) => member.status === null);
}

const notThere = refuses('etcd.no_member', 'This member is not in the etcd cluster any more.');

function checkSuccessor(reading: EtcdReading, to: string): readonly OperationCheck[] {
  const member = findEtcdMember(reading, to);
  if (member === undefined) return [notThere];
  const name = etcdMemberName(member);
  if (member.learner) return [refuses('etcd.learner', `${name} is a learner: it has no vote and cannot lead.`)];
  if (member.leader === true) return [refuses('etcd.leads_already', `${name} leads already.`)];
  if (member.status === null) return [refuses('etcd.silent', `${name} does not answer.`)];
  const newest = Math.max(...reading.members.map((one) => one.status?.raftIndex ?? 0));
  return newest - member.status.raftApplied > NEARLY_ALL
    ? [warns('etcd.behind', `${name} is behind the leader's log; etcd waits until it has caught up, or gives up.`)]
    : [ok('etcd.successor', `${name} answers and has the leader's log.`)];
}

function checkDefragment(reading: EtcdReading, id: string | null): readonly OperationCheck[] {
  const target = id === null ? undefined : findEtcdMember(reading, id);
  if (id !== null && target === undefined) return [notThere];
  if (target !== undefined && target.status === null)
    return [refuses('etcd.silent', `${etcdMemberName(target)} does not answer.`)];
  const lost = silent(reading).filter((member) => member.id !== id);
  const checks = [...wholeQuorum(reading)];
  if (lost.length > 0)
    checks.push(
      refuses(
        'etcd.member_lost',
        `${namesInWords(lost.map(etcdMemberName))} ${lost.length === 1 ? 'does' : 'do'} not answer. A member that is ` +
          'defragmented blocks, which would be one more.',
      ),
    );
  const { voters, mayFail } = quorumNow(reading);
  if (lost.length === 0 && mayFail < 1)
    checks.push(
      warns(
        'etcd.no_margin',
        `With ${voters} voting ${voters === 1 ? 'member' : 'members'}, etcd takes no writes while one of them is ` +
          'defragmented. Patroni bridges that for retry_timeout seconds; after it the primary steps down.',
      ),
    );
  return checks;
}

function checkCompact(reading: EtcdReading, keep: number): readonly OperationCheck[] {
  const revision = newestRevision(reading);
  return revision > keep
    ? [ok('etcd.compact', `The revision is ${revision}: what is older than ${revision - keep} goes.`)]
    : [refuses('etcd.nothing_to_compact', `The revision is ${revision}: there are no more than ${keep} to keep.`)];
}

function checkDisarm(reading: EtcdReading): readonly OperationCheck[] {
  const alarms = reading.alarms ?? [];
  if (alarms.some(({ kind }) => kind === 'corrupt'))
    return [
      refuses(
        'etcd.corrupt',
        'A CORRUPT alarm is raised: the data of the members differ. Replace the member that is wrong; do not disarm.',
      ),
    ];
  if (alarms.length === 0) return [refuses('etcd.no_alarm', 'No alarm is raised.')];
  const full = reading.members.filter(({ status }) => status !== null && isNearlyFull(status));
  if (full.length > 0)
    return [
      refuses(
        'etcd.still_full',
        `The database is still nearly full on ${namesInWords(full.map(etcdMemberName))}. Compact and defragment ` +
          'first: etcd would raise the alarm again with the next write.',
      ),
    ];
  return reading.members.some(({ status }) => status !== null && status.quota === null)
    ? [
        warns(
          'etcd.quota_unknown',
          'etcd did not say its quota, so that of an etcd without a setting is taken. Disarm only after space was freed.',
        ),
      ]
    : [ok('etcd.has_space', 'Every database is well below its quota.')];
}

function checkSnapshot(reading: EtcdReading, id: string | null): readonly OperationCheck[] {
  const from = id === null ? defragmentOrder(reading)[0] : findEtcdMember(reading, id);
  if (from === undefined) return [notThere];
  if (from.status === null) return [refuses('etcd.silent', `${etcdMemberName(from)} does not answer.`)];
  const quorum = quorumNow(reading);
  return [
    quorum.mayFail < 0
      ? warns('etcd.no_quorum', 'There is no quorum: the snapshot has what this member knows, which may be old.')
      : ok('quorum', quorumInWords(quorum)),
  ];
}

function checkNewcomer(reading: EtcdReading, peerUrl: string, replaced: string | null): readonly OperationCheck[] {
  const others = reading.members.filter((member) => member.id !== replaced);
  if (others.some((member) => member.peerUrls.includes(peerUrl)))
    return [refuses('etcd.known_peer', `${peerUrl} is the address of a member already.`)];
  const learner = others.find((member) => member.learner);
  if (learner !== undefined)
    return [
      refuses(
        'etcd.has_learner',
        `${etcdMemberName(learner)} is a learner already, and etcd takes one at a time. Promote or remove it first.`,
      ),
    ];
  const lost = silent({ ...reading, members: others });
  return lost.length > 0
    ? [
        warns(
          'etcd.member_lost',
          `${namesInWords(lost.map(etcdMemberName))} does not answer. Repair or replace it first.`,
        ),
      ]
    : [ok('etcd.newcomer', 'The new member begins as a learner: it copies the data and changes no quorum.')];
}

function checkPromote(reading: EtcdReading, id: string): readonly OperationCheck[] {
  const member = findEtcdMember(reading, id);
  if (member === undefined) return [notThere];
  const name = etcdMemberName(member);
  if (!member.learner) return [refuses('etcd.votes_already', `${name} has a vote already.`)];
  if (member.status === null) return [refuses('etcd.silent', `${name} does not answer: start etcd on it first.`)];
  return [ok('etcd.learner', `${name} answers. etcd promotes it only when it has nearly all of the leader's log.`)];
}

function checkRemove(reading: EtcdReading, id: string): readonly OperationCheck[] {
  const member = findEtcdMember(reading, id);
  if (member === undefined) return [notThere];
  const before = quorumNow(reading);
  if (before.mayFail < 0) return wholeQuorum(reading);
  if (member.learner) return [ok('quorum', 'A learner has no vote: the quorum stays as it is.')];
  const after = quorumWithout(reading, id);
  if (after.voters === 0) return [refuses('etcd.last_member', 'The last member of etcd cannot be removed.')];
  if (after.mayFail < 0)
    return [
      refuses(
        'etcd.no_quorum_after',
        `Afterwards: ${quorumInWords(after)} Bring the members that are lost back first.`,
      ),
    ];
  if (member.leader === true && leaderSuccessor(reading) === undefined)
    return [refuses('etcd.no_successor', `${etcdMemberName(member)} leads, and nobody can take over.`)];
  return [
    after.mayFail < before.mayFail
      ? warns('etcd.less_margin', `Afterwards: ${quorumInWords(after)}`)
      : ok('quorum', `Afterwards: ${quorumInWords(after)}`),
  ];
}

function checkIsLost(reading: EtcdReading, id: string): readonly OperationCheck[] {
  const member = findEtcdMember(reading, id);
  if (member === undefined || member.status === null) return [];
  return [
    refuses(
      'etcd.answers',
      `${etcdMemberName(member)} answers. Add the new member first, and remove this one when the new one votes.`,
    ),
  ];
}
