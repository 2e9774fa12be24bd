import type { ClusterSpec, SpecProblem } from '../../../model/spec/cluster-spec';
import { problem } from './problem';

/** What a spec can say but a deployment does not do: it is refused before anything is done, never left out in silence. */
export function notOfferedProblems(spec: ClusterSpec): readonly SpecProblem[] {
  const { repositories, etcd, patroni } = spec.sources;
  return [
    ...(repositories.length > 0 ? [problem('source_not_offered', 'sources.repositories', 'Matriarch does not add apt repositories to a server.', 'Add the repository and its key on the servers yourself: what apt offers there is then found. Take it out of the spec.')] : []),
    ...(etcd.kind === 'archive' ? [problem('source_not_offered', 'sources.etcd', 'Matriarch does not install etcd from a release archive.', 'Use the package of the servers\' own sources.')] : []),
    ...(patroni.kind === 'pip' ? [problem('source_not_offered', 'sources.patroni', 'Matriarch does not install Patroni by pip.', 'Use the package of the servers\' own sources.')] : []),
    ...(spec.vip === undefined ? [] : [problem('vip_not_offered', 'vip', 'Matriarch does not set up a virtual address.', 'Let applications connect to HAProxy on any of its servers, or to all of them by a list of hosts.')]),
  ];
}
