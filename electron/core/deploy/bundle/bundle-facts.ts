import { toErrorData } from '../../../../shared/model/app-error';
import type { PreflightCheck } from '../../../../shared/model/deploy/deploy-views';
import type { BundleManifest } from '../../../../shared/model/deploy/bundle';
import type { ServerFacts } from '../../../../shared/model/deploy/facts';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { bundleCandidates, bundleMisfit } from '../../../../shared/rules/deploy/offline/bundle-fits';
import { neededPackages } from '../../../../shared/rules/deploy/steps/package-steps';
import { postgresVersion } from '../../../../shared/rules/deploy/facts/postgres-version';
import { readManifest } from './bundle-file';

type Servers = Readonly<Record<string, ServerFacts>>;

/**
 * With a bundle, what apt would install is what the bundle holds, and nothing else. Rejects as `readManifest` does
 * when the bundle cannot be read while something is still to be installed; a complete cluster needs it no more.
 */
export async function withBundleOffer(spec: ClusterSpec, servers: Servers): Promise<Servers> {
  const { route } = spec.sources;
  if (route.kind !== 'bundle') return servers;
  const bare = offering(servers, {});
  return isComplete(spec, bare) ? bare : offering(servers, bundleCandidates(await readManifest(route.file)));
}

/** The same for a preflight, where a bundle that cannot be used is a finding and not the end. */
export async function judgeBundle(
  spec: ClusterSpec,
  servers: Servers,
): Promise<{ readonly servers: Servers; readonly checks: readonly PreflightCheck[] }> {
  const { route } = spec.sources;
  if (route.kind !== 'bundle' || isComplete(spec, offering(servers, {}))) return { servers, checks: [] };
  try {
    const manifest = await readManifest(route.file);
    return {
      servers: offering(servers, bundleCandidates(manifest)),
      checks: Object.values(servers).map((facts) => fitCheck(manifest, facts)),
    };
  } catch (thrown) {
    const error = toErrorData(thrown);
    return {
      servers: offering(servers, {}),
      checks: [
        {
          ...named,
          server: null,
          verdict: 'blocks',
          evidence: error.message,
          reason: error.hint ?? 'Choose another bundle.',
        },
      ],
    };
  }
}

const named = { id: 'bundle', name: 'Bundle', fix: null } as const;

function fitCheck(manifest: BundleManifest, facts: ServerFacts): PreflightCheck {
  const misfit = bundleMisfit(manifest, { ...facts.os, architecture: facts.architecture });
  return misfit === null
    ? {
        ...named,
        server: facts.server,
        verdict: 'warning',
        evidence: `${manifest.packages.length} packages for ${manifest.release.codename} ${manifest.architecture}, made on ${manifest.madeFrom}.`,
        reason:
          'It proves that it is whole, not who made it: apt cannot verify a signature in it. Compare its SHA-256 with the one ' +
          'that was shown where it was made, unless it never left your hands.',
      }
    : {
        ...named,
        server: facts.server,
        verdict: 'blocks',
        evidence: misfit,
        reason: 'Collect a bundle for this release and architecture.',
      };
}

function offering(servers: Servers, candidates: Readonly<Record<string, string>>): Servers {
  return Object.fromEntries(Object.entries(servers).map(([name, facts]) => [name, { ...facts, candidates }]));
}

/** Whether every server has all it needs, so that nothing will be installed. */
function isComplete(spec: ClusterSpec, servers: Servers): boolean {
  const version = postgresVersion(spec, servers);
  return spec.servers.every((server) => {
    const installed = servers[server.name]?.packages ?? {};
    if (version === null && server.roles.includes('postgres')) return false;
    return neededPackages(spec, server, version).every((name) => installed[name] !== undefined);
  });
}
