import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import type { ServerRole, ServerSpec } from '../../../model/deploy/spec/server-spec';
import { hasEvenMembership } from '../../etcd/quorum';
import { countEtcdMembers } from '../roles/etcd-size';
import { rolesByImportance } from '../roles/role-names';

/** A change that somebody has begun to ask for; a form fills in the rest. */
export type ChangeRequest =
  | { readonly kind: 'add' }
  | { readonly kind: 'roles' | 'remove' | 'remove_etcd' | 'replace_etcd'; readonly name: string };

/** One change of a server as a menu lists it. `why` is the reason it cannot be made now, or null. */
export interface ChangeOffer {
  readonly label: string;
  readonly request: ChangeRequest;
  readonly why: string | null;
}

/**
 * Roles a server does not have yet; Prometheus has a change of its own. In a cluster that others set up only the role of a
 * member can be added.
 */
export function missingRoles(spec: ClusterSpec, roles: readonly ServerRole[]): readonly ServerRole[] {
  const own = rolesByImportance.filter((role) => role !== 'prometheus');
  const offered = spec.adopted.length > 0 ? own.slice(0, 1) : own;
  return offered.filter((role) => !roles.includes(role));
}

/** Every change of one server of the cluster, with the reason where it cannot be made. */
export function offerChanges(spec: ClusterSpec, server: ServerSpec): readonly ChangeOffer[] {
  const { name } = server;
  const foreign = spec.adopted.length > 0 ? 'The etcd of this cluster was set up by others and is not changed.' : null;
  const lastEtcd =
    server.roles.includes('etcd') && countEtcdMembers(spec) === 1
      ? 'It is the only etcd member: replace it instead.'
      : null;
  const etcd: readonly ChangeOffer[] =
    server.roles.includes('etcd') || foreign !== null
      ? [
          { label: 'Replace in etcd with another server', request: { kind: 'replace_etcd', name }, why: foreign },
          { label: 'Remove from etcd', request: { kind: 'remove_etcd', name }, why: foreign ?? lastEtcd },
        ]
      : [];
  return [
    {
      label: 'Add a role',
      request: { kind: 'roles', name },
      why: missingRoles(spec, server.roles).length === 0 ? 'It has every role already.' : null,
    },
    ...etcd,
    {
      label: 'Remove from the cluster',
      request: { kind: 'remove', name },
      why: isLastMember(spec, server) ? 'It is the only member: undo the set-up instead.' : lastEtcd,
    },
  ];
}

function isLastMember(spec: ClusterSpec, server: ServerSpec): boolean {
  return server.roles.includes('postgres') && spec.servers.filter((one) => one.roles.includes('postgres')).length === 1;
}

/**
 * The roles that suit a further server: what the members run, and etcd where it shares their servers and its number of
 * members becomes odd, or is below three.
 */
export function suggestRoles(spec: ClusterSpec, kind: 'add' | 'replace_etcd'): readonly ServerRole[] {
  if (kind === 'replace_etcd') return ['etcd'];
  const members = spec.servers.filter((server) => server.roles.includes('postgres'));
  const etcd = countEtcdMembers(spec);
  const isShared = members.some((server) => server.roles.includes('etcd'));
  const common = members.flatMap((server) => server.roles);
  return missingRoles(spec, []).filter((role) => {
    if (role === 'etcd') return isShared && (etcd < 3 || hasEvenMembership(etcd));
    return role === 'postgres' || common.includes(role);
  });
}
