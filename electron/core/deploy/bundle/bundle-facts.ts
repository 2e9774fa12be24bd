import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
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
    const [manifest, sum] = await Promise.all([readManifest(route.file), sumOf(route.file)]);
    return {
      servers: offering(servers, bundleCandidates(manifest)),
      checks: [originCheck(manifest, sum), ...Object.values(servers).map((facts) => fitCheck(manifest, facts))],
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

/** Whose packages they are is judged by apt on each server before anything is installed, so that it need not be asked here. */
function originCheck({ madeFrom }: BundleManifest, sum: string): PreflightCheck {
  return {
    ...named,
    server: null,
    verdict: 'ok',
    evidence:
      `It says that it was made on ${madeFrom}; its SHA-256 is ${sum}. Each server compares its packages with the lists that their ` +
      'archives signed, by the keys it trusts, before it installs any.',
    reason: '',
  };
}

async function sumOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

function fitCheck(manifest: BundleManifest, facts: ServerFacts): PreflightCheck {
  const misfit = bundleMisfit(manifest, { ...facts.os, architecture: facts.architecture });
  return misfit === null
    ? {
        ...named,
        server: facts.server,
        verdict: 'ok',
        evidence: `${manifest.packages.length} packages for ${manifest.release.codename} ${manifest.architecture}.`,
        reason: '',
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
