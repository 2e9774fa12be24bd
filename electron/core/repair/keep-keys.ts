import { join } from 'node:path';
import type { ScopeKey, ScopeKeys } from '../../../shared/model/repair/repair';
import { shellWord } from '../../../shared/rules/words/shell-words';
import { writePrivateFile } from '../platform/private-file';
import type { RepairScene } from './repair-work';

/** Part of the name of what is kept: a moment, to the second, as `20261127T141500Z`. */
export function stampOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

/**
 * Keeps keys in a file of this computer, 0600, as commands that put them back: a lease is not put back, for only a Patroni can keep one.
 * Answers its path.
 */
export async function keepKeys(
  { deps, entry }: RepairScene,
  { prefix }: Pick<ScopeKeys, 'prefix'>,
  keys: readonly ScopeKey[],
): Promise<string> {
  const at = deps.now();
  const name = `${entry.scope.replaceAll(/[^\w.-]/g, '_')}-${stampOf(at)}-${String(at % 1000).padStart(3, '0')}.sh`;
  const path = join(deps.directory, name);
  const lines = keys.map(
    ({ name: key, value }) => `ETCDCTL_API=3 etcdctl put -- ${shellWord(prefix + key)} ${shellWord(value)}`,
  );
  await writePrivateFile(path, ['#!/bin/sh', `# Keys below ${prefix.replaceAll(/\s/g, ' ')}`, ...lines, ''].join('\n'));
  return path;
}
