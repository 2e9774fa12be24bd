import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { isManifestOf } from '../../../../shared/rules/deploy/manifest';
import { inspect, type SurveyDeps } from '../survey/survey';
import { idTaken, shareServer, type KnownCluster, type MachineOf } from './identify';

/** The known cluster that a spec's id belongs to, where it runs on none of the spec's servers; null where all is well. */
export function clusterElsewhere(
  spec: ClusterSpec,
  known: readonly KnownCluster[],
  machineOf: MachineOf,
): KnownCluster | null {
  const own = known.find((one) => one.id === spec.id);
  return own === undefined || shareServer(spec, own, machineOf) ? null : own;
}

/**
 * Rejects with `deploy.id_taken` for an id that belongs to a cluster on other servers. Servers that SSH reaches by
 * another address now are recognised by their manifests.
 */
export async function refuseTakenId(
  spec: ClusterSpec,
  known: readonly KnownCluster[],
  deps: SurveyDeps & { readonly machineOf: MachineOf },
): Promise<void> {
  const other = clusterElsewhere(spec, known, deps.machineOf);
  if (other === null) return;
  const { servers } = await inspect(spec, deps, new Map());
  const own = Object.values(servers).some(
    ({ manifest }) => manifest?.cluster !== undefined && isManifestOf(manifest, spec.id),
  );
  if (!own) throw idTaken(spec, other);
}
