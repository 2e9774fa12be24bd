/** What a job holds that changes a cluster, whoever started it: operations, set-ups, changes, rotations and undos exclude each other. */
export function clusterLock(clusterId: string): `cluster:${string}` {
  return `cluster:${clusterId}`;
}
