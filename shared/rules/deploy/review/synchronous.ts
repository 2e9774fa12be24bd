import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import { serversWith } from '../layout';

/** How many replicas must confirm a commit, of how many, and what happens when one is lost (Patroni's docs/replication_modes.rst). */
export function synchronousSentence(spec: ClusterSpec): string {
  const { synchronousMode, synchronousNodeCount, synchronousModeStrict } = spec.patroni;
  const replicas = Math.max(serversWith(spec, 'postgres').length - 1, 0);
  if (synchronousMode === 'off' || replicas === 0) return 'No commit waits for a replica.';
  const needed = Math.min(synchronousNodeCount, replicas);
  const whose =
    synchronousMode === 'quorum' ? 'whichever are the fastest' : 'which Patroni chooses and which may change';
  return `Each commit waits for ${needed} of ${counted(replicas)}, ${whose}. ${whenLost(needed, replicas, synchronousModeStrict)}`;
}

function counted(replicas: number): string {
  return replicas === 1 ? '1 replica' : `${replicas} replicas`;
}

function whenLost(needed: number, replicas: number, strict: boolean): string {
  if (replicas > needed)
    return `When one is lost, the ${replicas - 1 === 1 ? 'other confirms' : 'others confirm'} in its place.`;
  if (strict && needed === 1) return 'When it is lost, writes stop until it is back.';
  return needed === 1
    ? 'When it is lost, writes go on without a second copy until it is back.'
    : `When one is lost, ${needed - 1} ${needed === 2 ? 'confirms' : 'confirm'} until it is back.`;
}
