import { appError } from '../../../../shared/model/app-error';
import type { AssessmentReport } from '../../../../shared/model/upgrade/assessment';
import { clusterName } from '../../../../shared/rules/citus/citus-names';
import { hasLeaderRole } from '../../../../shared/rules/cluster/member-facts';
import { concludeAssessment, type AssessmentFindings } from '../../../../shared/rules/upgrade/read-assessment';
import { bytesInWords, spanInWords } from '../../../../shared/rules/words/wording';
import type { JobEnd } from '../../jobs/job-engine';
import { readLogicalSlots, type AssessmentLookDeps, type PreparedAssessment } from './look-for-assessment';

/** An assessment whose work has come to its end. */
interface Ended {
  readonly deps: AssessmentLookDeps;
  readonly prepared: PreparedAssessment;
  readonly id: string;
  readonly startedAt: number;
}

/** The report of what was found; the leader is asked for its logical slots. */
export async function makeAssessmentReport(
  run: Ended,
  findings: AssessmentFindings,
  end: { readonly left: readonly string[]; readonly removed: boolean },
): Promise<AssessmentReport> {
  const { deps, prepared, id, startedAt } = run;
  const { look, state, remote } = prepared;
  const { copied, pgUpgrade: _code, errors: _errors, isWhole: _whole, ...found } = findings;
  const { member, target, maxRateMb } = look.choice;
  return {
    ...found,
    ...concludeAssessment(findings, { member, target, why: null }),
    version: 1,
    id,
    clusterId: state.clusterId,
    cluster: clusterName(state),
    scope: state.scope,
    startedAt,
    endedAt: deps.now(),
    member,
    server: remote.name,
    from: look.asked.version,
    target,
    logicalSlots: await readLogicalSlots(deps, state.clusterId),
    replicas: state.members.filter((one) => !hasLeaderRole(one)).map(({ name }) => name),
    copy: copied === null ? null : { ...copied, maxRateMb },
    notOffered: [...look.found.without],
    left: [...end.left],
    installed: [...(look.apt?.added ?? [])],
    packagesRemoved: end.removed,
  };
}

/** How the job of a report ends. */
export function assessmentEnd(report: AssessmentReport): JobEnd {
  const { copy, checkMs, sentence, verdict, left } = report;
  const result = {
    sentence,
    withoutPrimaryMs: null,
    facts: {
      'New version': report.targetVersion,
      Copied: copy === null ? 'not known' : `${bytesInWords(copy.bytes)} in ${spanInWords(copy.ms)}`,
      'Checks of pg_upgrade': checkMs === null ? 'not known' : spanInWords(checkMs),
    },
  };
  if (verdict === 'failed')
    return {
      status: 'failed',
      error: appError('upgrade.not_assessed', sentence, {
        target: report.server,
        hint: 'The cluster was not touched. The report under Upgrades has all that pg_upgrade printed.',
      }).data,
      result,
    };
  const isWell =
    verdict === 'clean' && left.length === 0 && report.unknownParameters.length + report.missingExtensions.length === 0;
  return { status: isWell ? 'done' : 'warning', result };
}
