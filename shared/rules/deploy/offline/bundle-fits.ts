import type { BundleManifest } from '../../../model/deploy/bundle';

/** The system of a server, as far as packages depend on it. */
export interface PackageSystem {
  readonly id: string;
  readonly codename: string;
  readonly architecture: string;
}

/** Why a bundle is not for a server, or null when it is. */
export function bundleMisfit(
  manifest: Pick<BundleManifest, 'release' | 'architecture'>,
  system: PackageSystem,
): string | null {
  const { release, architecture } = manifest;
  if (release.id === system.id && release.codename === system.codename && architecture === system.architecture)
    return null;
  return (
    `It is for ${release.id} ${release.codename} ${architecture}, and the server is ${system.id} ` +
    `${system.codename} ${system.architecture}.`
  );
}

/** The version of each package that a bundle offers, by name. */
export function bundleCandidates(manifest: Pick<BundleManifest, 'packages'>): Readonly<Record<string, string>> {
  return Object.fromEntries(manifest.packages.map((entry) => [entry.name, entry.version]));
}
