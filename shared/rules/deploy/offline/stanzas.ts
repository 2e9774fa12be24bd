import type { BundledPackage } from '../../../model/deploy/bundle';

/** One package as a list of packages describes it: its fields by name, in their order. Continuation lines stay part of their field. */
export type Stanza = ReadonlyMap<string, string>;

/** Reads a list of packages (deb822, as `apt-cache show` prints it). */
export function readStanzas(text: string): readonly Stanza[] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    const fields = new Map<string, string>();
    let last = '';
    for (const line of block.split('\n')) {
      if (/^[ \t]/.test(line)) {
        if (last !== '') fields.set(last, `${fields.get(last) ?? ''}\n${line}`);
        continue;
      }
      const colon = line.indexOf(':');
      if (colon < 1) continue;
      last = line.slice(0, colon);
      fields.set(last, line.slice(colon + 1).trim());
    }
    return fields.has('Package') ? [fields] : [];
  });
}

/** Fields that say nothing to an installation. */
const leftOut: ReadonlySet<string> = new Set([
  'MD5sum',
  'SHA1',
  'SHA512',
  'Description-md5',
  'Tag',
  'Homepage',
  'APT-Sources',
  'Filename',
]);

/** A file that was fetched, by what apt calls it. */
export interface FetchedFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Packages with the list that apt shall read for them; `unknown` names files that the signed lists do not vouch for. */
export interface IndexedPackages {
  readonly packages: readonly BundledPackage[];
  readonly index: string;
  readonly unknown: readonly string[];
}

/** Joins the files that were fetched to what the signed lists say of them: by their hash, and by nothing else. */
export function indexPackages(fetched: readonly FetchedFile[], stanzas: readonly Stanza[]): IndexedPackages {
  const byHash = new Map(stanzas.map((stanza) => [stanza.get('SHA256') ?? '', stanza]));
  const packages: BundledPackage[] = [];
  const texts: string[] = [];
  const unknown: string[] = [];
  for (const { file, bytes, sha256 } of fetched) {
    const stanza = byHash.get(sha256);
    if (stanza === undefined) {
      unknown.push(file);
      continue;
    }
    const inside = `debs/${file}`;
    packages.push({
      name: stanza.get('Package') ?? '',
      version: stanza.get('Version') ?? '',
      architecture: stanza.get('Architecture') ?? '',
      file: inside,
      bytes,
      sha256,
    });
    texts.push(
      [
        ...[...stanza].filter(([name]) => !leftOut.has(name)).map(([name, value]) => `${name}: ${value}`),
        `Filename: ./${inside}`,
      ].join('\n'),
    );
  }
  return { packages, index: `${texts.join('\n\n')}\n`, unknown };
}

/** What is wrong with an index against the packages a bundle says it has; null when they agree. */
export function indexFault(index: string, packages: readonly BundledPackage[]): string | null {
  const stanzas = readStanzas(index);
  if (stanzas.length !== packages.length)
    return `its list names ${stanzas.length} packages, and it should hold ${packages.length}`;
  const byFile = new Map(stanzas.map((stanza) => [stanza.get('Filename'), stanza]));
  for (const entry of packages) {
    const stanza = byFile.get(`./${entry.file}`);
    if (
      stanza?.get('SHA256') !== entry.sha256 ||
      stanza.get('Package') !== entry.name ||
      stanza.get('Version') !== entry.version
    )
      return `its list does not agree about ${entry.name}`;
  }
  return null;
}
