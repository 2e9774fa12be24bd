import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { RunFiles } from './run-journal';

/** The journals of two places as one: runs on servers that `passes` names go to `passing`, all others to `own`. */
export function separateRunFiles(own: RunFiles, passing: RunFiles, passes: (spec: ClusterSpec) => boolean): RunFiles {
  const placeOf = (runId: string): RunFiles => (passing.read(runId) === null ? own : passing);
  return {
    create: (record) => (passes(record.spec) ? passing : own).create(record),
    open: (runId) => placeOf(runId).open(runId),
    read: (runId) => passing.read(runId) ?? own.read(runId),
    list: () => [...own.list(), ...passing.list()],
    remove: (runId) => placeOf(runId).remove(runId),
  };
}
