import type { ClusterPair } from '../../model/cluster/cluster-pair';

/** A row of the fleet, as far as its place goes. */
export interface PairedRow {
  readonly clusterId: string;
  readonly pair?: ClusterPair | null;
}

/**
 * Rows in their order, but each standby cluster right after the cluster that it follows, where that has a row. Together they stand where
 * the first of them would: what is worst stays on top.
 */
export function pairRows<R extends PairedRow>(rows: readonly R[]): readonly R[] {
  const byId = new Map(rows.map((row) => [row.clusterId, row]));
  const above = (row: R): R | undefined => byId.get(row.pair?.follows?.site?.clusterId ?? '');
  const placed = new Set<R>();
  const withFollowers = (row: R): readonly R[] => {
    if (placed.has(row)) return [];
    placed.add(row);
    return [row, ...rows.filter((one) => above(one) === row).flatMap(withFollowers)];
  };
  const headOf = (row: R): R => {
    // Clusters that follow each other in a ring have no head: the walk ends where it began.
    const seen = new Set<R>();
    let head = row;
    for (let next = above(row); next !== undefined && !seen.has(next); next = above(next)) {
      seen.add(next);
      head = next;
    }
    return head;
  };
  const order = rows.flatMap((row) => (placed.has(row) ? [] : withFollowers(headOf(row))));
  return order.length === rows.length && order.every((row, index) => row === rows[index]) ? rows : order;
}
