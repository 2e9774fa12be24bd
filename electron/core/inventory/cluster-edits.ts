import { appError } from '../../../shared/model/app-error';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import { entriesWith } from '../../../shared/rules/citus/citus-clusters';
import type { Inventory } from './inventory';

/** What a user may change of a cluster's entry; what is undefined stays. */
export interface ClusterEdit {
  readonly title?: string | undefined;
  readonly production?: boolean | undefined;
  readonly readOnly?: boolean | undefined;
  readonly tags?: string[] | undefined;
  /** The user agrees that a cluster from a file is contacted. */
  readonly onHold?: false | undefined;
}

/** The cluster of this id. Throws `inventory.cluster_unknown`. */
export function knownCluster(inventory: Inventory, id: string): ClusterEntry {
  const cluster = inventory.cluster(id);
  if (cluster !== undefined) return cluster;
  throw appError('inventory.cluster_unknown', 'This cluster is not in the inventory.', {
    target: id,
    hint: 'It may have been removed in another window.',
  });
}

/** Changes what the inventory says of a cluster: of all its groups where it is one of Citus. */
export async function editCluster(inventory: Inventory, id: string, edit: ClusterEdit): Promise<ClusterEntry> {
  const asked = knownCluster(inventory, id);
  for (const entry of entriesWith(inventory.clusters(), asked)) await inventory.saveCluster(edited(entry, edit));
  return edited(asked, edit);
}

function edited({ onHold, ...old }: ClusterEntry, edit: ClusterEdit): ClusterEntry {
  return {
    ...old,
    ...(onHold === true && edit.onHold !== false ? { onHold } : {}),
    title: edit.title ?? old.title,
    production: edit.production ?? old.production,
    readOnly: edit.readOnly ?? old.readOnly,
    tags: edit.tags ?? old.tags,
  };
}

/** Takes a cluster out of the inventory, with all its groups where it is one of Citus. */
export async function removeCluster(inventory: Inventory, id: string): Promise<void> {
  for (const entry of entriesWith(inventory.clusters(), knownCluster(inventory, id)))
    await inventory.removeCluster(entry.id);
}

/** Keeps that this app took a cluster away from its servers; one that is not in the inventory needs no word. */
export async function markRemoved(inventory: Inventory, id: string, at: number): Promise<void> {
  const entry = inventory.cluster(id);
  if (entry !== undefined) await inventory.saveCluster({ ...entry, removedAt: at });
}

/** Says which server's connection leads to a member. */
export async function assignServer(
  inventory: Inventory,
  id: string,
  memberName: string,
  serverId: string | null,
): Promise<void> {
  const old = knownCluster(inventory, id);
  if (!old.members.some((member) => member.name === memberName)) {
    throw appError('inventory.member_unknown', `${old.title} has no member ${memberName}.`, { target: memberName });
  }
  if (serverId !== null && inventory.server(serverId) === undefined) {
    throw appError('inventory.server_unknown', 'This server is not in the inventory.', { target: serverId });
  }
  const members = old.members.map((member) => (member.name === memberName ? { ...member, serverId } : member));
  await inventory.saveCluster({ ...old, members });
}

/** Names the servers that run load balancers for a cluster beside those of its members; each once. */
export async function setBalancerServers(
  inventory: Inventory,
  id: string,
  serverIds: readonly string[],
): Promise<void> {
  const { balancerServers: _old, ...entry } = knownCluster(inventory, id);
  const unknown = serverIds.find((one) => inventory.server(one) === undefined);
  if (unknown !== undefined)
    throw appError('inventory.server_unknown', 'This server is not in the inventory.', { target: unknown });
  const balancerServers = [...new Set(serverIds)];
  await inventory.saveCluster(balancerServers.length === 0 ? entry : { ...entry, balancerServers });
}
