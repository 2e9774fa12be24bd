import type { ServerFactsView } from '../../../shared/model/deploy/deploy-views';
import type { Server } from '../../../shared/model/connect/server';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import type { ServerRole, ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import { hasEvenMembership } from '../../../shared/rules/cluster/quorum';
import { formOf } from '../deploy/form/form';
import { knownServer } from '../deploy/form/portable';
import { serverKey } from '../deploy/form/server-key';
import { withFacts, withServers } from '../deploy/form/servers';
import { missingRoles } from './changes';

/** Servers of the inventory that are not part of the cluster yet. */
export function freeServers(spec: ClusterSpec, inventory: readonly Server[]): readonly Server[] {
  const taken = new Set(spec.servers.flatMap((server) => knownServer(server, inventory)?.id ?? []));
  return inventory.filter((server) => !taken.has(server.id));
}

/** A server of the inventory as a member to be: its name and address are guessed, and better known after a look. */
export function memberToBe(spec: ClusterSpec, server: Server, facts: ServerFactsView | null): ServerSpec | null {
  const form = withServers(formOf(spec, true), [server]);
  const seen = facts === null ? form : withFacts(form, server.id, facts);
  return seen.spec.servers.find((one) => serverKey(one) === server.id) ?? null;
}

/** The roles that suit a further server: what the members run; etcd where the number of its members becomes odd, or three are not reached. */
export function suggestedRoles(spec: ClusterSpec, wish: 'add' | 'replace_etcd'): readonly ServerRole[] {
  if (wish === 'replace_etcd') return ['etcd'];
  const members = spec.servers.filter((server) => server.roles.includes('postgres'));
  const etcd = spec.servers.filter((server) => server.roles.includes('etcd')).length;
  const together = members.some((server) => server.roles.includes('etcd'));
  const common = members.flatMap((server) => server.roles);
  return missingRoles(spec, []).filter((role) =>
    role === 'etcd' ? together && (etcd < 3 || hasEvenMembership(etcd)) : role === 'postgres' || common.includes(role),
  );
}
