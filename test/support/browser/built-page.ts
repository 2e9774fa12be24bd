import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** A page that is built for tests: where from, where to, and whose change makes it anew. */
interface BuiltKind {
  readonly source: string;
  readonly config: string;
  readonly outDir: string;
  readonly folders: readonly string[];
}

const resultOf = (name: string): string => join(root, 'test', 'results', name);
const pageKind: BuiltKind = {
  source: 'renderer',
  config: 'renderer/vite.config.ts',
  outDir: resultOf('page'),
  folders: ['renderer', 'shared'],
};
const doubleKind: BuiltKind = {
  source: 'test/support/page-double',
  config: 'test/support/page-double/vite.config.ts',
  outDir: resultOf('page-double'),
  folders: ['renderer', 'shared', 'test/support/page-double'],
};

const STAMP = '.built-from';

const BUILD_LIMIT_MS = 100_000;

/** Another build that takes longer than this is taken for dead, ms. */
const LOCK_LIMIT_MS = 120_000;

/** The directory of the built page, built anew when its sources changed. Several test processes may ask at once. */
export function builtPage(): Promise<string> {
  return built(pageKind);
}

/** The same for the page on hand-written states instead of a core. */
export function builtDouble(): Promise<string> {
  return built(doubleKind);
}

async function built(kind: BuiltKind): Promise<string> {
  const stamp = await sourceStamp(kind);
  if (await isBuilt(kind, stamp)) return kind.outDir;
  await mkdir(join(root, 'test', 'results'), { recursive: true });
  const unlock = await lock(`${kind.outDir}.lock`);
  try {
    if (!(await isBuilt(kind, stamp))) await buildPage(kind, stamp);
  } finally {
    await unlock();
  }
  return kind.outDir;
}

/** In a process of its own: the test runner's NODE_ENV would give the page of a developer. */
async function buildPage({ source, config, outDir }: BuiltKind, stamp: string): Promise<void> {
  const program = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [
    program,
    'build',
    source,
    '--config',
    config,
    '--outDir',
    outDir,
    '--emptyOutDir',
    '--logLevel',
    'error',
  ];
  await promisify(execFile)(process.execPath, args, {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'production' },
    timeout: BUILD_LIMIT_MS,
  });
  await writeFile(join(outDir, STAMP), stamp);
}

async function isBuilt({ outDir }: BuiltKind, stamp: string): Promise<boolean> {
  const stampFile = join(outDir, STAMP);
  return (
    existsSync(join(outDir, 'index.html')) && existsSync(stampFile) && (await readFile(stampFile, 'utf8')) === stamp
  );
}

/** The newest change and the number of source files: any edit gives another stamp. */
async function sourceStamp({ folders }: BuiltKind): Promise<string> {
  const files = (
    await Promise.all(folders.map((folder) => readdir(join(root, folder), { recursive: true, withFileTypes: true })))
  ).flat();
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  const times = await Promise.all(
    [...paths, join(root, 'package-lock.json')].map(async (path) => (await stat(path)).mtimeMs),
  );
  return `${times.length} ${Math.max(...times)}`;
}

async function lock(lockFile: string): Promise<() => Promise<void>> {
  const giveUp = Date.now() + LOCK_LIMIT_MS;
  for (;;) {
    try {
      const file = await open(lockFile, 'wx');
      await file.close();
      return () => rm(lockFile, { force: true });
    } catch {
      if (Date.now() > giveUp) await rm(lockFile, { force: true });
      await new Promise((resolve) => {
        setTimeout(resolve, 200);
      });
    }
  }
}
