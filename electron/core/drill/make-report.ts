import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { DrillMeasure, DrillReport } from '../../../shared/model/drill/drill';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { leaderOf, memberOf } from '../../../shared/rules/cluster/member-facts';
import { concludeDrill } from '../../../shared/rules/drill/conclude-drill';
import { howRejoined } from '../../../shared/rules/drill/read-rejoin';
import type { Healed } from './clean-up';
import type { DrillRun } from './drill-run';
import type { DrillRecord } from './drill-store';

/** What a drill has come to. */
export interface DrillOutcome {
  readonly record: DrillRecord;
  /** The state at the end. */
  readonly state: ClusterState;
  readonly healed: Healed | null;
  readonly primaryAfterMs: number | null;
  readonly steps: DrillReport['rejoin']['steps'];
  readonly streamsAfterMs: number | null;
  /** What the former leader's Patroni wrote since the fault; null where it could not be read. */
  readonly lines: readonly string[] | null;
  readonly measures: readonly DrillMeasure[];
  /** Why Patroni refused a switchover; null where it did not. */
  readonly refused: string | null;
}

/** The report of a drill. What it made is not removed yet. */
export function makeReport(run: DrillRun, outcome: DrillOutcome): DrillReport {
  const { deps, clusterId, choice, leader, server, ways, id } = run;
  const { record, measures, refused } = outcome;
  const struckAt = record.struckAt ?? record.startedAt;
  const report: Omit<DrillReport, 'sentence'> = {
    version: 1,
    id,
    clusterId,
    who: deps.user,
    fault: choice.fault,
    startedAt: record.startedAt,
    struckAt,
    endedAt: deps.now(),
    leaderBefore: leader,
    server: server.name,
    ways: [...ways],
    limitSeconds: choice.limitSeconds,
    ...beforeTheFault(run),
    ...afterTheFault(run, outcome),
    ...healingOf(outcome, struckAt),
    measures: [...measures],
    removed: false,
  };
  return { ...report, sentence: concludeDrill(report, refused) };
}

function beforeTheFault({
  before,
  leader,
}: DrillRun): Pick<DrillReport, 'cluster' | 'timelineBefore' | 'patroniVersion' | 'times' | 'synchronous'> {
  const { config } = before;
  const member = memberOf(before, leader);
  return {
    cluster: clusterName(before),
    timelineBefore: member?.timeline ?? null,
    patroniVersion: member?.patroniVersion ?? null,
    times: config === null ? null : { ttl: config.ttl, loopWait: config.loopWait, retryTimeout: config.retryTimeout },
    synchronous: before.sync?.mode ?? 'not known',
  };
}

function afterTheFault(
  { leader }: DrillRun,
  { state, primaryAfterMs, steps, streamsAfterMs, lines }: DrillOutcome,
): Pick<DrillReport, 'leaderAfter' | 'timelineAfter' | 'primaryAfterMs' | 'rejoin'> {
  const now = leaderOf(state);
  const stayed = now?.name === leader;
  return {
    leaderAfter: now?.name ?? null,
    timelineAfter: now?.timeline ?? null,
    primaryAfterMs: stayed ? null : primaryAfterMs,
    rejoin: {
      how: howRejoined({ stayed, streams: streamsAfterMs !== null, lines }),
      steps: [...steps],
      streamsAfterMs,
    },
  };
}

function healingOf({ healed }: DrillOutcome, struckAt: number): Pick<DrillReport, 'healing' | 'healedAfterMs'> {
  if (healed === null) return { healing: 'not_known', healedAfterMs: null };
  return { healing: healed.healing, healedAfterMs: healed.at === null ? null : healed.at - struckAt };
}
