/**
 * `npm start`: installs what is missing, builds when a source is newer, and opens the app. Where Electron's
 * program cannot be had, the same app opens in the browser.
 *
 *   npm start -- [--demo] [--headless] [--port N]
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDirectory, installPackages, newestChange, root, run } from './programs.mjs';

/** Electron's download is given this long, ms; a firewall that swallows packets must not hold the start up. */
const DOWNLOAD_LIMIT_MS = 4 * 60_000;

const args = process.argv.slice(2);

async function main() {
  if (!(await installPackages()))
    return fail('The packages could not be installed; see above. Check the network and start again.');
  if (!(await buildWhenOlder())) return fail('The app could not be built; see above.');
  if (args.includes('--headless')) return follow(process.execPath, ['dist/headless/main.js', ...args]);
  const electron = await electronProgram();
  if (electron === null) return openInBrowser('Electron’s program cannot be had here');
  if (!hasDisplay()) return openInBrowser('There is no display');
  const began = Date.now();
  const code = await follow(electron, [...sandboxArguments(), root, ...args]);
  // A program that ends at once with an error did not find what it needs on this computer.
  return code !== 0 && code !== 130 && Date.now() - began < 5000 ? openInBrowser('Electron could not start') : code;
}

/** Chromium refuses to run as root with its sandbox; nobody else may lose it. */
function sandboxArguments() {
  return process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}

function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

function openInBrowser(why) {
  console.log(`${why}: Matriarch opens in the browser instead.`);
  return follow(process.execPath, ['dist/headless/main.js', '--open', ...args]);
}

async function buildWhenOlder() {
  const stamp = join(root, 'dist', '.built-from');
  const newest = String(newestChange(['electron', 'renderer', 'shared', 'assets', 'package-lock.json']));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === newest) return true;
  console.log('Building.');
  if ((await run(process.execPath, ['electron/build.mjs'], { limitMs: 5 * 60_000 })) !== 0) return false;
  ensureDirectory('dist');
  writeFileSync(stamp, newest);
  return true;
}

/** The path of Electron's program, fetched once when it is missing; null when it cannot be had. */
async function electronProgram() {
  const found = installedElectron();
  if (found !== null) return found;
  console.log(`Fetching Electron (at most ${DOWNLOAD_LIMIT_MS / 60_000} minutes).`);
  await run(process.execPath, ['node_modules/electron/install.js'], { limitMs: DOWNLOAD_LIMIT_MS, quiet: true });
  return installedElectron();
}

function installedElectron() {
  const place = join(root, 'node_modules', 'electron');
  const named = join(place, 'path.txt');
  const usual = process.platform === 'win32' ? 'electron.exe' : 'electron';
  const name = existsSync(named) ? readFileSync(named, 'utf8').trim() : usual;
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const program = join(override ?? join(place, 'dist'), name);
  return existsSync(program) ? program : null;
}

/** Runs the app in the foreground. Ctrl-C and TERM are its own to end with; this program waits for it. */
function follow(command, commandArgs) {
  return new Promise((resolve) => {
    const child = spawn(command, commandArgs, { cwd: root, stdio: 'inherit' });
    const pass = (signal) => () => {
      child.kill(signal);
    };
    const ignore = () => undefined;
    const handlers = {
      SIGINT: process.stdin.isTTY ? ignore : pass('SIGINT'),
      SIGTERM: pass('SIGTERM'),
      SIGHUP: pass('SIGHUP'),
    };
    for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
    child.on('error', () => {
      resolve(1);
    });
    child.on('close', (code) => {
      resolve(code ?? 130);
    });
  });
}

function fail(sentence) {
  console.error(sentence);
  return 1;
}

process.exitCode = await main();
