import { appError } from '../../../shared/model/app-error';
import type { ScopeKey, ScopeKeys } from '../../../shared/model/repair/repair';
import { scopePrefix } from '../../../shared/rules/cluster/scope-prefix';
import type { EtcdClient, EtcdKey } from '../etcd/etcd-client';
import type { EtcdScene, RepairScene } from './repair-work';

/** The scene with its etcd. Throws `etcd.not_configured`. */
export function etcdSceneOf(scene: RepairScene): EtcdScene {
  const etcd = scene.deps.hub.etcd(scene.entry.id);
  if (etcd !== null) return { ...scene, etcd };
  throw appError('etcd.not_configured', 'The app has no access to the etcd of this cluster.', {
    hint: 'Add the addresses of its etcd members in the settings of the cluster.',
  });
}

/** All keys of the cluster with what is left of their leases. Rejects with `etcd.*`. */
export async function readScope({ etcd, entry, deps }: EtcdScene): Promise<ScopeKeys> {
  const prefix = scopePrefix(entry.namespace, entry.scope, entry.citusGroup);
  const at = deps.now();
  const { entries, revision } = await etcd.range(prefix);
  const keys = await Promise.all(entries.map((one) => withLease(etcd, prefix, one)));
  return { prefix, keys, revision, at };
}

async function withLease(
  etcd: EtcdClient,
  prefix: string,
  { key, value, lease, modRevision }: EtcdKey,
): Promise<ScopeKey> {
  const left = lease === '0' ? null : await etcd.leaseTime(lease);
  // A lease that ended between the two questions takes its key with it.
  const leased = lease === '0' ? null : (left ?? { leftMs: 0, ttlMs: 0 });
  return { name: key.slice(prefix.length), value, modRevision, lease: leased };
}
