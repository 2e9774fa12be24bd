import type { Finding } from '../../../model/cluster/cluster-state';
import { dcsTrouble, failsafe, noSyncStandby, paused, timing } from './cluster';
import type { FindingRule, FindingView } from './finding-view';
import { leaderInTrouble, leaderWithoutMember, noLeader, twoLeaders } from './leadership';
import {
  brokenReplica,
  foreignSystem,
  lockTakeBack,
  memberConditions,
  pendingRestart,
  replayPaused,
  slotCollision,
  tooFarBehind,
  versionDrift,
  watchdog,
  wrongName,
} from './members';

const RULES: readonly FindingRule[] = [
  noLeader,
  twoLeaders,
  leaderInTrouble,
  leaderWithoutMember,
  dcsTrouble,
  failsafe,
  brokenReplica,
  foreignSystem,
  wrongName,
  slotCollision,
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
];

const ORDER: Readonly<Record<Finding['severity'], number>> = { critical: 0, warning: 1, info: 2 };

/** Everything that is not as it should be, worst first. Pure. */
export function findAll(view: FindingView): readonly Finding[] {
  const found = RULES.flatMap((rule) => rule(view));
  return found.toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity]);
}
