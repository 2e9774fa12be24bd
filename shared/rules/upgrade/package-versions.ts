import type { InstalledPackage, UpgradePart } from '../../model/upgrade/upgrade';

/** The part of a cluster that a Debian package belongs to; null: none that is upgraded here. */
export function partOfPackage(name: string): UpgradePart | null {
  if (/^postgresql(-client|-contrib|-server-dev)?-\d+(\.\d+)?$/.test(name)) return 'postgresql';
  switch (name) {
    case 'patroni':
      return 'patroni';
    case 'etcd-server':
    case 'etcd-client':
    case 'etcd':
      return 'etcd';
    case 'haproxy':
      return 'haproxy';
    case 'pgbouncer':
      return 'pgbouncer';
    default:
      return null;
  }
}

/**
 * The version of the program within that of its package: without Debian's epoch, revision and suffix of a repackaged source
 * (deb-version(7)), e.g. `1:3.3.2-1+b2` is `3.3.2` and `3.5.16+dfsg-2` is `3.5.16`.
 */
export function upstreamVersion(version: string): string {
  const withoutEpoch = version.replace(/^\d+:/, '');
  const at = withoutEpoch.lastIndexOf('-');
  return (at < 0 ? withoutEpoch : withoutEpoch.slice(0, at)).replace(/[+~](dfsg|ds|repack).*$/, '');
}

/** The numbers at the front of a version, e.g. 3, 5 and 16. */
function versionNumbers(version: string): readonly number[] {
  return (/^\d+(\.\d+)*/.exec(upstreamVersion(version))?.[0] ?? '').split('.').filter(Boolean).map(Number);
}

/** Whether apt would put another version in the place of the installed one. */
export function isOffered({ installed, offered }: Pick<InstalledPackage, 'installed' | 'offered'>): boolean {
  return offered !== null && offered !== installed;
}

/** Whether a package has the program that runs, and not only what is used beside it. */
export function hasProgram(name: string): boolean {
  return /^(postgresql-\d+(\.\d+)?|patroni|etcd-server|etcd|haproxy|pgbouncer)$/.test(name);
}

/**
 * How far a step is: `minor` is what a rolling upgrade is for. `skips` leaves out a minor version of etcd, which etcd does not
 * support (its upgrade guides go one minor version at a time); `major` is a new major version.
 */
export type UpgradeStride = 'minor' | 'skips' | 'major';

/** How far it is from the installed version to the offered one. */
export function strideOf(part: UpgradePart, installed: string, offered: string): UpgradeStride {
  const [before = 0, beforeMinor = 0] = versionNumbers(installed);
  const [after = 0, afterMinor = 0] = versionNumbers(offered);
  if (before !== after) return 'major';
  return part === 'etcd' && Math.abs(afterMinor - beforeMinor) > 1 ? 'skips' : 'minor';
}
