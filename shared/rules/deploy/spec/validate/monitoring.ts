import type { ClusterSpec, SpecProblem } from '../../../../model/deploy/spec/cluster-spec';
import { serversWith } from '../../layout';
import { problem, warning } from './problem';

/** Prometheus: on one server, of a cluster that was set up here and takes writes. */
export function monitoringProblems(spec: ClusterSpec): readonly SpecProblem[] {
  const [first, second] = serversWith(spec, 'prometheus');
  if (first === undefined) return [];
  return [
    ...(second === undefined
      ? []
      : [
          problem(
            'prometheus_twice',
            'prometheus',
            `Prometheus is to run on ${first.name} and on ${second.name}.`,
            'Choose one of them.',
          ),
        ]),
    ...(spec.adopted.length === 0
      ? []
      : [
          problem(
            'prometheus_adopted',
            'prometheus',
            'Servers that others set up get no exporters from here.',
            'Add the files under Health, Prometheus, to a Prometheus of yours.',
          ),
        ]),
    ...(spec.standby === undefined
      ? []
      : [
          problem(
            'prometheus_standby',
            'prometheus',
            'The role by which postgres_exporter logs in cannot be made in a standby cluster.',
            'Leave Prometheus out, and add it after a promotion.',
          ),
        ]),
    ...(spec.servers.length > 1 && first.roles.length > 1
      ? [
          warning(
            'prometheus_together',
            'prometheus',
            `Prometheus shares ${first.name} with the cluster: when that server is lost, nobody tells.`,
            'A server of its own, or one that watches from elsewhere, tells of that too.',
          ),
        ]
      : []),
  ];
}
