import { appError } from '../../../../shared/model/app-error';
import type { ServerFacts } from '../../../../shared/model/deploy/facts';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { isManifestOf } from '../../../../shared/rules/deploy/manifest';

/**
 * Refuses a spec that takes servers of another cluster of the same scope for its own, by the ids in their manifests. Servers that were
 * set up by others are left alone anyway.
 */
export function refuseOtherCluster(spec: ClusterSpec, servers: Readonly<Record<string, ServerFacts>>): void {
  for (const { name } of spec.servers.filter((server) => !spec.adopted.includes(server.name))) {
    const manifest = servers[name]?.manifest ?? null;
    if (manifest === null || isManifestOf(manifest, spec.id)) continue;
    throw appError(
      'deploy.other_cluster',
      `${name} belongs to another cluster of the scope ${spec.scope}: its manifest names the id ${manifest.cluster ?? ''}.`,
      {
        target: name,
        hint:
          `If that is the cluster you mean, write the line id: ${manifest.cluster ?? ''} into its file. ` +
          'Nothing was changed on any server.',
      },
    );
  }
}
