import type { InstalledPackage } from '../../model/upgrade/upgrade';

/** What apt would do beyond the packages that were chosen. */
export interface AptPlan {
  /** Upgrades of other packages of the same source, e.g. a library of the same PostgreSQL. */
  readonly sameSource: readonly string[];
  /** What is not allowed: another package installed, upgraded or removed, each as the end of a sentence. */
  readonly others: readonly string[];
}

/** Reads `Inst name [old] (new ...)` and `Remv name ...` lines of `apt-get -s`, and `Source name source` lines. */
export function judgeAptPlan(lines: readonly string[], packages: readonly InstalledPackage[]): AptPlan {
  const sourceOf = new Map(lines.flatMap(sourceLine));
  const chosen = new Set(packages.map(({ name }) => name));
  const sources = new Set(packages.flatMap(({ name }) => sourceOf.get(name) ?? []));
  const sameSource: string[] = [];
  const others: string[] = [];
  for (const line of lines) {
    const [, verb, full = '', old] = /^(Inst|Remv) (\S+)( \[[^\]]*\])?/.exec(line) ?? [];
    const name = full.replace(/:.*$/, '');
    if (verb === undefined || (verb === 'Inst' && chosen.has(name))) continue;
    if (verb === 'Remv') others.push(`remove ${name}`);
    else if (old === undefined) others.push(`install ${name}, which is not there yet`);
    else if (sources.has(sourceOf.get(name) ?? '')) sameSource.push(name);
    else others.push(`upgrade ${name} as well`);
  }
  return { sameSource, others };
}

function sourceLine(line: string): readonly (readonly [string, string])[] {
  const [, name, source] = /^Source (\S+) (\S+)$/.exec(line) ?? [];
  return name === undefined || source === undefined ? [] : [[name, source]];
}

/**
 * What apt would do beside installing packages that are not there: each is refused, as the end of a sentence. A package that is there
 * would be another one for what runs. `lines` are those of `apt-get -s`.
 */
export function judgeAddition(lines: readonly string[]): {
  readonly added: readonly string[];
  readonly others: readonly string[];
} {
  const found = lines.flatMap((line) => {
    const [, verb, full = '', old] = /^(Inst|Remv|Purg) (\S+)( \[[^\]]*\])?/.exec(line) ?? [];
    return verb === undefined ? [] : [{ verb, name: full.replace(/:.*$/, ''), isThere: old !== undefined }];
  });
  const others = found.flatMap(({ verb, name, isThere }) => {
    if (verb !== 'Inst') return [`remove ${name}`];
    return isThere ? [`put another version of ${name} in place`] : [];
  });
  return { added: found.flatMap(({ verb, name, isThere }) => (verb === 'Inst' && !isThere ? [name] : [])), others };
}

/** What apt would remove beside the packages that are named, each as the end of a sentence. */
export function judgeRemoval(lines: readonly string[], names: readonly string[]): readonly string[] {
  const named = new Set(names);
  return lines.flatMap((line) => {
    const [, verb, full = ''] = /^(Inst|Remv|Purg) (\S+)/.exec(line) ?? [];
    const name = full.replace(/:.*$/, '');
    if (verb === undefined || (verb !== 'Inst' && named.has(name))) return [];
    return verb === 'Inst' ? [`install ${name}`] : [`remove ${name}`];
  });
}
