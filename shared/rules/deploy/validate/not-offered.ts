import type { ClusterSpec, SpecProblem } from '../../../model/spec/cluster-spec';
import { problem } from './problem';

/** What a spec can say but a deployment does not do: it is refused before anything is done, never left out in silence. */
export function notOfferedProblems(spec: ClusterSpec): readonly SpecProblem[] {
  return spec.vip === undefined ? [] : [problem('vip_not_offered', 'vip', 'Matriarch does not set up a virtual address.', 'Let applications connect to HAProxy on any of its servers, or to all of them by a list of hosts.')];
}
