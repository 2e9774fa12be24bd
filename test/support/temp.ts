import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of a test's own, removed by `remove`. */
export interface TempDirectory {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes an empty directory that only this user may enter. */
export async function tempDirectory(): Promise<TempDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'matriarch-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
