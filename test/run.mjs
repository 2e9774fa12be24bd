/**
 * `npm test`: installs what is missing, then runs types, lint, layers, exports, format, unit, integration and end-to-end tests.
 * Names given after `--` run only those: `npm test -- unit e2e`.
 */
import { existsSync } from 'node:fs';
import { installPackages } from '../electron/programs.mjs';
import { runInLanes } from './lanes.mjs';
import {
  bin,
  canInstallDebianPackages,
  check,
  conclude,
  failed,
  installDebianPackages,
  skipped,
  vitest,
} from './runners.mjs';

const browsers = [
  process.env.CHROME_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const runners = {
  types: () =>
    inOrder(
      'types',
      ['shared', 'electron', 'renderer', 'test'].map((side) => () => check(`types ${side}`, bin('tsc'), ['-p', side])),
    ),
  lint: () => check('lint', bin('eslint'), ['--max-warnings', '0', '.']),
  layers: () =>
    check('layers', bin('depcruise'), ['--config', 'test/layers.cjs', 'shared', 'electron', 'renderer', 'test']),
  exports: () => check('exports', process.execPath, ['test/check-exports.mjs']),
  format: () => check('format', bin('prettier'), ['--check', '.']),
  unit: () => vitest('unit'),
  integration: () => vitest('integration', { limitMs: 25 * 60_000 }),
  e2e: async () => {
    const reason = await missingBrowser();
    return reason === null ? vitest('e2e', { limitMs: 30 * 60_000 }) : skipped('e2e', reason);
  },
};

/** Several checks under one name; all of them run. */
async function inOrder(name, checks) {
  const outcomes = [];
  for (const one of checks) outcomes.push(await one());
  const sum = (key) => outcomes.reduce((total, one) => total + one[key], 0);
  const bad = outcomes.filter((one) => one.failed > 0).map((one) => one.name);
  return {
    name,
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: 0,
    seconds: sum('seconds'),
    failures: outcomes.flatMap((one) => one.failures),
    ...(bad.length === 0 ? {} : { reason: bad.join(', ') }),
  };
}

/** Why no browser can be used, or null. */
async function missingBrowser() {
  const found = () => browsers.some((path) => path && existsSync(path));
  if (found()) return null;
  if (await canInstallDebianPackages()) await installDebianPackages(['chromium', 'fonts-dejavu-core']);
  return found() ? null : 'no Chromium was found; install it or name it in CHROME_PATH';
}

/** What reads the sources only: two of these at a time. The tests after them have the machine to themselves. */
const readers = ['types', 'lint', 'layers', 'exports', 'format'];

async function main() {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !(name in runners));
  if (unknown !== undefined) {
    console.error(`There is no runner ${unknown}. There are: ${Object.keys(runners).join(', ')}.`);
    return 2;
  }
  if (!(await installPackages()))
    return conclude('test', [failed('install', 0, 'the packages could not be installed')]);
  const start = (name) => () => {
    console.log(`\n== ${name}`);
    return runners[name]();
  };
  const wanted = names.length === 0 ? Object.keys(runners) : names;
  const tests = wanted.filter((name) => !readers.includes(name));
  const outcomes = await runInLanes(wanted.filter((name) => readers.includes(name)).map(start), 2);
  return conclude('test', [...outcomes, ...(await runInLanes(tests.map(start), 1))]);
}

process.exitCode = await main();
