/** What names a cluster or one group of a Citus cluster: its title and, where it has one, its group. */
export interface NamedCluster {
  readonly title: string;
  readonly citusGroup?: number | undefined;
}

/** The coordinator is always group 0 (Patroni's documentation, citus.rst). */
export const COORDINATOR_GROUP = 0;

/** What a group does in its Citus cluster. */
export function citusRole(group: number): 'coordinator' | 'worker' {
  return group === COORDINATOR_GROUP ? 'coordinator' : 'worker';
}

/** A cluster by its title; a group of a Citus cluster by the title and its number, as in `shop group 1`. */
export function clusterName({ title, citusGroup }: NamedCluster): string {
  return citusGroup === undefined ? title : `${title} group ${citusGroup}`;
}

/** A group by its number and role, as in `Group 1, worker`. */
export function groupInWords(group: number): string {
  return `Group ${group}, ${citusRole(group)}`;
}

/** What a Citus cluster consists of, as in `coordinator and 2 workers`. */
export function groupsInWords(groups: readonly number[]): string {
  const workers = groups.filter((group) => citusRole(group) === 'worker').length;
  const counted = `${workers} ${workers === 1 ? 'worker' : 'workers'}`;
  if (workers === groups.length) return `${counted}, no coordinator`;
  return workers === 0 ? 'coordinator alone' : `coordinator and ${counted}`;
}
