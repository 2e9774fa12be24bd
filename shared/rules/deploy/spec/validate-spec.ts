import type { ClusterSpec, SpecProblem } from '../../../model/deploy/spec/cluster-spec';
import { portProblems } from './validate/ports';
import { etcdProblems, memberProblems, nameProblems } from './validate/names';
import { replicationProblems } from './validate/replication';
import { sourceProblems } from './validate/sources';
import { patroniProblems, settingProblems } from './validate/settings';
import { standbyProblems } from './validate/standby';
import { monitoringProblems } from './validate/monitoring';
import { vipProblems } from './validate/vip';

/** Everything that is wrong or doubtful about a spec as one thing. Errors stop a deployment, warnings do not. */
export function validateSpec(spec: ClusterSpec): readonly SpecProblem[] {
  return [
    nameProblems,
    memberProblems,
    etcdProblems,
    portProblems,
    patroniProblems,
    settingProblems,
    replicationProblems,
    sourceProblems,
    vipProblems,
    standbyProblems,
    monitoringProblems,
  ].flatMap((rule) => rule(spec));
}
