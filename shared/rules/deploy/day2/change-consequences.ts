import type { Day2Change } from '../../../model/deploy/day2';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import { hasEvenMembership, toleratedLosses } from '../../etcd/quorum';
import { countEtcdMembers, lossesInWords } from '../roles/etcd-size';
import { listRoleNames } from '../roles/role-names';

/** Whether a change interrupts something or removes what does not come back by itself. */
export function isDestructiveChange(change: Day2Change): boolean {
  return change.kind !== 'add_server' && change.kind !== 'add_monitoring';
}

/** What a change means for the cluster, in sentences. `before` is its spec now, `after` its spec once the change is made. */
export function describeChangeConsequences(
  change: Day2Change,
  before: ClusterSpec,
  after: ClusterSpec,
): readonly string[] {
  return [...describeOwnConsequence(change, before), ...describeEtcdConsequence(before, after)];
}

function describeOwnConsequence(change: Day2Change, spec: ClusterSpec): readonly string[] {
  switch (change.kind) {
    case 'add_server':
      return change.server.roles.includes('postgres')
        ? [
            `${change.server.name} copies all data from a member and then follows the leader. ` +
              'The copy loads the network and the disks while it runs.',
          ]
        : [`${change.server.name} gets ${listRoleNames(change.server.roles)}.`];
    case 'add_monitoring':
      return [
        `${change.server.name} gets Prometheus and Alertmanager, and every member node_exporter and postgres_exporter.`,
        ...(spec.tls === 'on' && countEtcdMembers(spec) > 0
          ? ['The members of etcd restart one after another, because each gets a port for its metrics.']
          : []),
      ];
    case 'remove_server':
      return describeRemoval(change, spec);
    case 'remove_etcd':
      return [`${change.name} leaves etcd and keeps its other roles.`];
    case 'replace_etcd':
      return [`${change.server.name} replaces ${change.name} in etcd.`];
    case 'convert':
      return [
        `PostgreSQL on ${change.name} stops once, for a few seconds: applications are disconnected and must reconnect.`,
      ];
  }
}

function describeRemoval(change: Extract<Day2Change, { kind: 'remove_server' }>, spec: ClusterSpec): readonly string[] {
  const roles = spec.servers.find((server) => server.name === change.name)?.roles ?? [];
  const left = spec.servers.filter((server) => server.roles.includes('postgres') && server.name !== change.name).length;
  const members = left === 1 ? 'One member is left: there is no replica to fail over to.' : `${left} members are left.`;
  return [
    ...(roles.includes('postgres') ? [members] : []),
    ...(change.keepData
      ? []
      : [`Everything set up on ${change.name} is deleted, including its copy of the data. This cannot be undone.`]),
  ];
}

function describeEtcdConsequence(before: ClusterSpec, after: ClusterSpec): readonly string[] {
  const members = countEtcdMembers(after);
  if (countEtcdMembers(before) === members || members === 0) return [];
  const losses = toleratedLosses(members);
  const size = `etcd then has ${members} ${members === 1 ? 'member' : 'members'}`;
  const tolerance = losses === 0 ? 'and cannot lose any of them' : `and keeps running if ${lossesInWords(losses)}`;
  const even = hasEvenMembership(members) ? '. An even number of members is only an intermediate step' : '';
  return [`${size} ${tolerance}${even}.`];
}
