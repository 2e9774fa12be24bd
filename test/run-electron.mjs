/**
 * `npm run e2e:electron`: opens the real desktop app and checks its window. Needs Electron's program and a display
 * (xvfb-run will do).
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages, root, run } from '../electron/programs.mjs';
import { conclude, failed, passed, skipped } from './runners.mjs';

async function main() {
  if (!(await installPackages()))
    return conclude('electron', [failed('install', 0, 'the packages could not be installed')]);
  const program = electronProgram();
  if (program === null)
    return conclude('electron', [
      skipped('electron', 'Electron’s program is not installed; run: node node_modules/electron/install.js'),
    ]);
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return conclude('electron', [skipped('electron', 'there is no display; use xvfb-run')]);
  if ((await run(process.execPath, ['electron/build.mjs'], { limitMs: 5 * 60_000 })) !== 0)
    return conclude('electron', [failed('build', 0)]);
  return conclude('electron', await checkWindow(program));
}

function electronProgram() {
  const place = join(root, 'node_modules', 'electron');
  const named = join(place, 'path.txt');
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const program = join(
    override ?? join(place, 'dist'),
    existsSync(named) ? readFileSync(named, 'utf8').trim() : 'electron',
  );
  return existsSync(program) ? program : null;
}

/** Each promise of the shell that only the real thing can show. */
const promises = {
  'the window opens on the app’s own page': async ({ page }) => page.url().startsWith('app://matriarch/'),
  'the page talks to the core': async ({ page }) =>
    page
      .locator('#page')
      .getByRole('button')
      .first()
      .waitFor({ timeout: 20_000 })
      .then(() => true),
  'the page has no Node': async ({ page }) =>
    page.evaluate(() => typeof globalThis.require === 'undefined' && typeof globalThis.process === 'undefined'),
  'the page cannot go elsewhere': async ({ page }) => {
    await page.evaluate(() => {
      globalThis.location.href = 'https://example.invalid/';
    });
    await page.waitForTimeout(500);
    return page.url().startsWith('app://matriarch/');
  },
  'there is one window': async ({ app }) => app.windows().length === 1,
  'what Chromium keeps lies below the data directory': async ({ app, home }) =>
    (await app.evaluate(({ app: electron }) => electron.getPath('userData'))) === join(home, 'browser'),
  'a second start with the same data directory leaves': async ({ program, args, home }) =>
    (await run(program, args, { limitMs: 30_000, env: { ...process.env, MATRIARCH_HOME: home } })) === 0,
  'the page comes back when its process is killed': async ({ app, page }) => {
    const back = page.waitForEvent('load', { timeout: 20_000 });
    await app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer();
    });
    await back;
    return page.url().startsWith('app://matriarch/');
  },
};

async function checkWindow(program) {
  const { _electron } = await import('playwright-core');
  const home = mkdtempSync(join(tmpdir(), 'matriarch-electron-'));
  const args = [...(process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []), root];
  const app = await _electron.launch({
    executablePath: program,
    args,
    env: { ...process.env, MATRIARCH_HOME: home },
    timeout: 60_000,
  });
  try {
    const page = await app.firstWindow({ timeout: 60_000 });
    const outcomes = [];
    for (const [name, holds] of Object.entries(promises))
      outcomes.push(await check(name, () => holds({ page, app, home, program, args })));
    return outcomes;
  } finally {
    await app.close();
    rmSync(home, { recursive: true, force: true });
  }
}

async function check(name, holds) {
  const began = Date.now();
  try {
    return (await holds())
      ? passed(name, (Date.now() - began) / 1000)
      : failed(name, (Date.now() - began) / 1000, 'it does not hold');
  } catch (thrown) {
    return failed(name, (Date.now() - began) / 1000, thrown.message.split('\n')[0]);
  }
}

process.exitCode = await main();
