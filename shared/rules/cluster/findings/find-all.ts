import type { Finding } from '../../../model/cluster/cluster-state';
import { dcsTrouble, etcdMemberLost, failsafe, noSyncStandby, paused, timing } from './cluster';
import { etcdAlarms, etcdSpace, etcdVersions } from './etcd';
import { isRemoved } from '../health';
import type { FindingRule, FindingView } from './finding-view';
import { reportedFindings } from './reported';
import {
  leaderInTrouble,
  leaderWithoutMember,
  noLeader,
  nobodyCanTakeOver,
  silentPrimary,
  twoLeaders,
} from './leadership';
import {
  brokenReplica,
  foreignSystem,
  lockTakeBack,
  memberConditions,
  pendingRestart,
  replayPaused,
  slotCollision,
  staleKey,
  tooFarBehind,
  versionDrift,
  watchdog,
  wrongName,
} from './members';

const RULES: readonly FindingRule[] = [
  noLeader,
  twoLeaders,
  silentPrimary,
  leaderInTrouble,
  leaderWithoutMember,
  nobodyCanTakeOver,
  dcsTrouble,
  failsafe,
  etcdMemberLost,
  etcdAlarms,
  etcdSpace,
  brokenReplica,
  foreignSystem,
  wrongName,
  slotCollision,
  staleKey,
  memberConditions,
  tooFarBehind,
  noSyncStandby,
  watchdog,
  replayPaused,
  timing,
  paused,
  lockTakeBack,
  pendingRestart,
  versionDrift,
  etcdVersions,
  reportedFindings,
];

const ORDER: Readonly<Record<Finding['severity'], number>> = { critical: 0, warning: 1, info: 2 };

/** What is no news of its own while etcd has no quorum. */
const FOLLOWS_FROM_LOST_QUORUM: ReadonlySet<string> = new Set([
  'member.dcs_unreachable',
  'cluster.failsafe',
  'cluster.nobody_can_take_over',
]);

/** The leader's trouble is etcd's own when the leader only cannot see it. */
function followsFromLostQuorum(finding: Finding, view: FindingView): boolean {
  if (finding.code !== 'cluster.leader_in_trouble') return FOLLOWS_FROM_LOST_QUORUM.has(finding.code);
  const leader = view.state.members.find((member) => member.name === finding.member);
  return leader?.condition === 'dcs_unreachable';
}

/** Each cause once, with what follows from it in its evidence: a person must see first what is to be repaired. */
function foldIntoCause(found: readonly Finding[], view: FindingView): readonly Finding[] {
  const noQuorum = found.find((finding) => finding.code === 'dcs.no_quorum');
  if (noQuorum === undefined) return found;
  const [following, others] = [
    found.filter((finding) => followsFromLostQuorum(finding, view)),
    found.filter((finding) => finding !== noQuorum && !followsFromLostQuorum(finding, view)),
  ];
  if (following.length === 0) return found;
  const consequences = following.map((finding) => finding.sentence).join(' ');
  return [{ ...noQuorum, evidence: `${noQuorum.evidence} What follows from it: ${consequences}` }, ...others];
}

/** Everything that is not as it should be, worst first, each cause once; nothing of a cluster that was taken away. Pure. */
export function findAll(view: FindingView): readonly Finding[] {
  if (isRemoved(view.state)) return [];
  const found = foldIntoCause(
    RULES.flatMap((rule) => rule(view)),
    view,
  );
  return found.toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity]);
}
