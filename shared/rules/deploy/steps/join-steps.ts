import type { EtcdMemberResource, Step } from '../../../model/deploy/plan';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { peerUrl } from '../files/etcd';
import { endpoints, layoutOf, serversWith } from '../layout';
import type { PlanInput } from './plan-input';
import { etcdEntry, leavesFirst } from './etcd-entry';

/** The step that lets a new member into etcd. */
export function etcdAddId(server: string): string {
  return `${server}/etcd-add`;
}

/** The step after which a new member counts for the majority. */
export function etcdPromoteId(server: string): string {
  return `${server}/etcd-promote`;
}

/** The step that takes a member out of etcd. */
export function etcdLeaveId(server: string): string {
  return `cluster/etcd-leave-${server}`;
}

/**
 * A new member is let in when all it needs is on its server, as a learner, and becomes a full member when it has what
 * the others have: until then the majority does not depend on it. etcd takes one learner at a time.
 */
export function joinSteps(input: PlanInput, server: ServerSpec): Step[] {
  const named = (name: string): string => `${server.name}/${name}`;
  const before = serversWith(input.spec, 'etcd')
    .slice(0, serversWith(input.spec, 'etcd').indexOf(server))
    .filter((other) => etcdEntry(input, other).joins);
  const last = before.at(-1);
  const dead = (input.leaving ?? [])
    .filter((entry) => leavesFirst(input, entry))
    .map((entry) => etcdLeaveId(entry.server.name));
  const own = ['etcd-settings', 'etcd-drop-in', 'etcd-data', 'etcd-certificate'].map(named);
  return [
    {
      id: etcdAddId(server.name),
      server: server.name,
      label: 'etcd: let this member in',
      dependsOn: [...own, ...dead, ...(last === undefined ? [] : [etcdPromoteId(last.name)])],
      resource: memberResource(input, server, 'add', etcdEntry(input, server).forget),
    },
    {
      id: etcdPromoteId(server.name),
      server: server.name,
      label: 'etcd: count this member for the majority',
      dependsOn: [named('etcd')],
      resource: memberResource(input, server, 'promote', null),
    },
  ];
}

/** Asks go to the members that answer now and stay. */
export function memberResource(
  input: PlanInput,
  server: ServerSpec,
  part: EtcdMemberResource['part'],
  forget: string | null,
): EtcdMemberResource {
  const { spec, facts } = input;
  const well = endpoints(spec, 'etcd', spec.etcd.clientPort).filter(
    (member) => member.server !== server.name && facts.cluster.etcdHealthy[member.server] === true,
  );
  return {
    kind: 'etcd_member',
    part,
    member: server.name,
    peerUrl: peerUrl(spec, server),
    forget,
    dataDirectory: layoutOf(spec).etcdData,
    via: well,
  };
}
