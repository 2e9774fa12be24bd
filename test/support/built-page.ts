import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const outDir = join(root, 'test', 'results', 'page');
const stampFile = join(outDir, '.built-from');
const lockFile = join(root, 'test', 'results', 'page.lock');

const BUILD_LIMIT_MS = 100_000;

/** Another build that takes longer than this is taken for dead, ms. */
const LOCK_LIMIT_MS = 120_000;

/** The directory of the built page, built anew when its sources changed. Several test processes may ask at once. */
export async function builtPage(): Promise<string> {
  const stamp = await sourceStamp();
  if (await isBuilt(stamp)) return outDir;
  await mkdir(join(root, 'test', 'results'), { recursive: true });
  const unlock = await lock();
  try {
    if (!(await isBuilt(stamp))) await buildPage(stamp);
  } finally {
    await unlock();
  }
  return outDir;
}

/** In a process of its own: the test runner's NODE_ENV would give the page of a developer. */
async function buildPage(stamp: string): Promise<void> {
  const program = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [program, 'build', 'renderer', '--config', 'renderer/vite.config.ts', '--outDir', outDir, '--emptyOutDir', '--logLevel', 'error'];
  await promisify(execFile)(process.execPath, args, { cwd: root, env: { ...process.env, NODE_ENV: 'production' }, timeout: BUILD_LIMIT_MS });
  await writeFile(stampFile, stamp);
}

async function isBuilt(stamp: string): Promise<boolean> {
  return existsSync(join(outDir, 'index.html')) && existsSync(stampFile) && (await readFile(stampFile, 'utf8')) === stamp;
}

/** The newest change and the number of source files: any edit gives another stamp. */
async function sourceStamp(): Promise<string> {
  const files = (await Promise.all(['renderer', 'shared'].map((folder) => readdir(join(root, folder), { recursive: true, withFileTypes: true })))).flat();
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  const times = await Promise.all([...paths, join(root, 'package-lock.json')].map(async (path) => (await stat(path)).mtimeMs));
  return `${times.length} ${Math.max(...times)}`;
}

async function lock(): Promise<() => Promise<void>> {
  const giveUp = Date.now() + LOCK_LIMIT_MS;
  for (;;) {
    try {
      const file = await open(lockFile, 'wx');
      await file.close();
      return () => rm(lockFile, { force: true });
    } catch {
      if (Date.now() > giveUp) await rm(lockFile, { force: true });
      await new Promise((resolve) => { setTimeout(resolve, 200); });
    }
  }
}
