import { readdir } from 'node:fs/promises';
import { join, parse, sep } from 'node:path';

/** Backslashes separate folders on Windows; elsewhere they are part of a name. */
const SEPARATORS = sep === '\\' ? /[\\/]+/ : /\/+/;

const isPattern = (segment: string): boolean => /[*?[]/.test(segment);

/** The regular expression of one segment of a path, by the rules of glob(7): a leading dot is never matched by a sign. */
function segmentPattern(segment: string): RegExp {
  const source = segment.replace(
    /\[(!|\^)?(\]?[^\]]*)\]|\*+|[?]|[.+^${}()|[\]\\]/g,
    (whole, negation: string | undefined, set: string | undefined) => {
      if (set !== undefined) return `[${negation === undefined ? '' : '^'}${set.replace(/[\\\][^]/g, '\\$&')}]`;
      if (whole.startsWith('*')) return '.*';
      return whole === '?' ? '.' : `\\${whole}`;
    },
  );
  return new RegExp(`^(?!\\.)${source}$`, 's');
}

function matchNames(names: readonly string[], segment: string): readonly string[] {
  const pattern = segment.startsWith('.') ? segmentPattern(segment.slice(1)) : segmentPattern(segment);
  const found = segment.startsWith('.')
    ? names.filter((name) => name.startsWith('.') && pattern.test(name.slice(1)))
    : names.filter((name) => pattern.test(name));
  return found.toSorted((a, b) => (a < b ? -1 : 1));
}

/**
 * The paths that a full path with signs of glob(7) stands for, in any of its folders and in the order of their names. A path without
 * signs stands for itself, whether it is there or not.
 */
export async function globPaths(path: string): Promise<readonly string[]> {
  const { root } = parse(path);
  let found: readonly string[] = [root];
  for (const segment of path.slice(root.length).split(SEPARATORS)) {
    const next = await Promise.all(
      found.map(async (above) => {
        if (!isPattern(segment)) return [join(above, segment)];
        const names = await readdir(above).catch(() => []);
        return matchNames(names, segment).map((name) => join(above, name));
      }),
    );
    found = next.flat();
  }
  return found;
}
