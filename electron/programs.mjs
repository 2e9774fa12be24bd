/** Small helpers of the start and test programs: running other programs, and knowing what is installed. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, with a closing slash. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/**
 * Runs a program to its end and answers its exit code (1 when it could not be started, 124 when it was ended
 * after `limitMs`). Ctrl-C reaches it too, since it shares the terminal. `onText` hears all that it says, which is shown as well:
 * at once, or with `atEnd` in one piece when it has ended, for programs that run beside each other.
 */
export function run(
  command,
  args,
  { limitMs, env = process.env, cwd = root, quiet = false, onText, atEnd = false } = {},
) {
  const heard = onText === undefined && !atEnd ? 'inherit' : ['inherit', 'pipe', 'pipe'];
  const kept = [];
  const show = (stream, chunk) => {
    if (atEnd) kept.push(chunk);
    else stream.write(chunk);
    onText?.(String(chunk));
  };
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: quiet ? 'ignore' : heard,
      shell: process.platform === 'win32' && command.endsWith('.cmd'),
    });
    child.stdout?.on('data', (chunk) => show(process.stdout, chunk));
    child.stderr?.on('data', (chunk) => show(process.stderr, chunk));
    let late = false;
    const timer =
      limitMs === undefined
        ? undefined
        : setTimeout(() => {
            late = true;
            child.kill('SIGKILL');
          }, limitMs);
    child.on('error', () => {
      clearTimeout(timer);
      resolve(1);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      process.stdout.write(Buffer.concat(kept));
      resolve(late ? 124 : (code ?? (signal === 'SIGINT' ? 130 : 1)));
    });
  });
}

/** Installs the packages when they are absent or not those of the lock; answers whether they are there. */
export async function installPackages() {
  const missing = missingPackages();
  if (missing.length === 0) return true;
  console.log(`Installing packages (${missing.length} are missing or of another version, ${missing[0]} first).`);
  return (await run(npm, ['ci', '--no-audit', '--no-fund'], { limitMs: 15 * 60_000 })) === 0;
}

/** Packages of the lock that npm's own record of node_modules does not have in this version; optional ones may be absent. */
function missingPackages() {
  const wanted = Object.entries(readLock('package-lock.json')).filter(
    ([path, entry]) => path !== '' && !entry.optional && !entry.devOptional && !entry.link,
  );
  const installed = readLock(join('node_modules', '.package-lock.json'));
  return wanted.filter(([path, entry]) => installed[path]?.version !== entry.version).map(([path]) => path);
}

function readLock(path) {
  const full = join(root, path);
  return existsSync(full) ? JSON.parse(readFileSync(full, 'utf8')).packages : {};
}

/** The newest change among the files of some folders, ms since the epoch. */
export function newestChange(folders) {
  const files = folders.flatMap((folder) => {
    const path = join(root, folder);
    if (!existsSync(path)) return [];
    if (statSync(path).isFile()) return [path];
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  });
  return Math.max(0, ...files.map((file) => statSync(file).mtimeMs));
}

/** Whether a program answers to its name. */
export async function isInstalled(command, args = ['--version']) {
  return (await run(command, args, { limitMs: 10_000, quiet: true })) === 0;
}

/** Makes a directory of the repository and answers its path. */
export function ensureDirectory(path) {
  const full = join(root, path);
  mkdirSync(full, { recursive: true });
  return full;
}
