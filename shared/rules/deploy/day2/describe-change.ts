import type { WorkingRunKind } from '../../../model/deploy/deploy-views';
import type { ScopeFacts } from '../../../model/deploy/facts';
import type { Day2Change, ResolvedChange } from '../../../model/deploy/day2';
import type { ClusterSpec, SpecProblem } from '../../../model/deploy/spec/cluster-spec';
import { leads, replicates } from '../check/check-cluster';
import { serversWith } from '../layout';
import { validateSpec } from '../spec/validate-spec';

/** The kind of run that carries a change out. */
export function runKindOf(change: Day2Change): WorkingRunKind {
  switch (change.kind) {
    case 'add_server':
      return change.server.roles.includes('postgres') ? 'add_replica' : 'etcd_member';
    case 'add_monitoring':
      return 'monitoring';
    case 'remove_server':
      return 'remove_member';
    case 'remove_etcd':
    case 'replace_etcd':
      return 'etcd_member';
    case 'convert':
      return 'convert';
  }
}

/** A change in a few words. */
export function changeTitle(change: Day2Change, spec: ClusterSpec): string {
  const cluster = spec.title ?? spec.scope;
  switch (change.kind) {
    case 'add_server':
      return `Add ${change.server.name} to ${cluster}`;
    case 'add_monitoring':
      return `Set up Prometheus for ${cluster} on ${change.server.name}`;
    case 'remove_server':
      return `Remove ${change.name} from ${cluster}`;
    case 'remove_etcd':
      return `Remove ${change.name} from the etcd of ${cluster}`;
    case 'replace_etcd':
      return `Replace ${change.name} by ${change.server.name} in the etcd of ${cluster}`;
    case 'convert':
      return `Make ${change.name} the leader of ${cluster}`;
  }
}

/** What a person types before this is done: the name of the server that leaves or is converted. */
export function typedFor(change: Day2Change): string | null {
  switch (change.kind) {
    case 'add_server':
    case 'add_monitoring':
      return null;
    case 'remove_server':
    case 'remove_etcd':
    case 'replace_etcd':
    case 'convert':
      return change.name;
  }
}

/**
 * Problems of the cluster as it shall be. On a cluster that lives an even number of etcd members is a warning: it may
 * be a step on the way.
 */
export function changeProblems(spec: ClusterSpec): readonly SpecProblem[] {
  return validateSpec(spec).map((problem) =>
    problem.code === 'etcd_even' ? { ...problem, severity: 'warning' } : problem,
  );
}

/** Members that could lead instead: they stream from the leader now. */
export function candidates(resolved: ResolvedChange, facts: ScopeFacts): readonly string[] {
  const leader = Object.values(facts.patroni).find((member) => leads(member, resolved.spec.scope));
  if (leader === undefined || leader === null) return [];
  return serversWith(resolved.spec, 'postgres')
    .map((server) => server.name)
    .filter((name) => {
      const self = facts.patroni[name];
      return self !== null && self !== undefined && !leads(self, resolved.spec.scope) && replicates(self, leader, name);
    });
}

/** What stays, what is interrupted, and the way back. */
export function notesOf(change: Day2Change, absent: readonly string[]): readonly string[] {
  const dead = absent.map(
    (name) => `${name} did not answer: nothing is done on it. Do not let it start again with its old data.`,
  );
  switch (change.kind) {
    case 'add_server':
      return [
        'PostgreSQL keeps running everywhere: the other members only read their files again.',
        'The way back is to remove the server again.',
      ];
    case 'add_monitoring':
      return [
        'PostgreSQL keeps running everywhere.',
        'Prometheus and Alertmanager listen on loopback alone: this app reads them through its tunnel, and so does whoever logs in there.',
        'The exporters and the metrics of etcd listen on the address that the servers know each other by. Whoever reaches ' +
          'these ports reads figures, and can change nothing: close them with a firewall to all but Prometheus (the lines stand above).',
        'Alertmanager tells nobody until you name somebody in its file.',
        'The way back stands in docs/deployment.md, "Prometheus".',
      ];
    case 'remove_server':
      return [
        change.keepData
          ? 'Its data stays where it is; its units stay off.'
          : 'What was made on this server is taken away, its data too.',
        'Applications that are connected to this server are disconnected.',
        ...dead,
      ];
    case 'remove_etcd':
    case 'replace_etcd':
      return [
        'PostgreSQL keeps running everywhere.',
        'A member joins as a learner: until it follows, the majority does not depend on it.',
        ...dead,
      ];
    case 'convert':
      return [
        'PostgreSQL is stopped once, for a few seconds, after everything else is in place.',
        'If Patroni does not bring it up, it is started by itself again.',
        'The way back later: stop Patroni on the replicas, then on this server, put the file start.conf back ' +
          'from its copy and start the unit postgresql@VERSION-NAME. "undo" does this and keeps the data that ' +
          'was there before.',
      ];
  }
}
