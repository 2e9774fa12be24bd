/** The numbers of a version; the fork of CYBERTEC has four parts, pre-releases end in letters. */
function parts(version: string): number[] {
  return (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '')
    .split('.')
    .filter((part) => part !== '')
    .map(Number);
}

/** Whether a Patroni version is at least `wanted`, e.g. `4.1.0`; null when the version is not known or not a version. */
export function isPatroniAtLeast(version: string | null, wanted: string): boolean | null {
  const have = version === null ? [] : parts(version);
  if (have.length === 0) return null;
  const needed = parts(wanted);
  for (let index = 0; index < Math.max(have.length, needed.length); index += 1) {
    const difference = (have[index] ?? 0) - (needed[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** The lowest Patroni version among members: what a command for all of them must be right for. Null when none is known. */
export function lowestPatroniVersion(versions: readonly (string | null)[]): string | null {
  const known = versions.filter((version): version is string => version !== null && parts(version).length > 0);
  return known.reduce<string | null>(
    (lowest, version) => (lowest === null || isPatroniAtLeast(version, lowest) === false ? version : lowest),
    null,
  );
}
