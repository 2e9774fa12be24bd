/** What the test programs share: running a suite, counting its tests, and reporting the result. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDirectory, isInstalled, root, run } from '../electron/programs.mjs';
import { failuresOf, failureText, firstLines } from './failures.mjs';

/** Where results go; not kept in the repository. */
const results = 'test/results';

/** The outcome of one runner. `reason` says why it was skipped, `failures` what failed. */
export const passed = (name, seconds) => ({ name, passed: 1, failed: 0, skipped: 0, seconds, failures: [] });
export const failed = (name, seconds, reason, lines = []) => ({
  name,
  passed: 0,
  failed: 1,
  skipped: 0,
  seconds,
  reason,
  failures: [{ name, lines: [...(reason === undefined ? [] : [reason]), ...lines] }],
});
export const skipped = (name, reason) => ({ name, passed: 0, failed: 0, skipped: 1, seconds: 0, reason, failures: [] });

/** Runs a check that either holds or not. What it says is shown when it has ended. */
export async function check(name, command, args, limitMs = 10 * 60_000) {
  const began = Date.now();
  let said = '';
  const code = await run(command, args, {
    limitMs,
    atEnd: true,
    onText: (text) => {
      said += text;
    },
  });
  const seconds = (Date.now() - began) / 1000;
  if (code === 0) return passed(name, seconds);
  return failed(
    name,
    seconds,
    code === 124 ? `it took longer than ${limitMs / 60_000} minutes` : undefined,
    firstLines(
      said
        .split('\n')
        .filter((line) => /error|\[warn\]/i.test(line))
        .join('\n'),
    ),
  );
}

/** The path of a package's program. */
export const bin = (name) => join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);

/**
 * Runs one vitest project, or some of its files under a name of their own, and counts the tests. A project without
 * test files is no failure. `atEnd`: what it says is shown in one piece when it has ended.
 */
export async function vitest(
  project,
  { limitMs = 20 * 60_000, files = [], env = process.env, name = project, atEnd = false } = {},
) {
  const report = join(ensureDirectory(results), `${name}.json`);
  rmSync(report, { force: true });
  const began = Date.now();
  const code = await run(
    process.execPath,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--config',
      'test/vitest.config.ts',
      '--project',
      project,
      '--passWithNoTests',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...files,
    ],
    { limitMs, env, atEnd },
  );
  return count(project, name, report, code, (Date.now() - began) / 1000, limitMs);
}

function count(project, name, report, code, seconds, limitMs) {
  if (!existsSync(report)) {
    const nothing = code === 0 && !hasTests(project);
    return nothing
      ? { name, passed: 0, failed: 0, skipped: 0, seconds, reason: 'it has no tests yet', failures: [] }
      : failed(
          name,
          seconds,
          code === 124 ? `it took longer than ${limitMs / 60_000} minutes` : 'it ended without a report',
        );
  }
  const parsed = JSON.parse(readFileSync(report, 'utf8'));
  const reasons = parsed.testResults
    .flatMap((file) => file.assertionResults)
    .filter((test) => ['skipped', 'pending', 'todo', 'disabled'].includes(test.status))
    .map((test) => test.fullName);
  // A file that could not be loaded has no tests of its own to count.
  const broken = parsed.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const sum = {
    name,
    passed: parsed.numPassedTests,
    failed: parsed.numFailedTests + broken,
    skipped: reasons.length,
    seconds,
    failures: failuresOf(parsed),
  };
  if (code !== 0 && sum.failed === 0)
    Object.assign(sum, {
      failed: 1,
      failures: [{ name, lines: [`all its tests passed, and it ended with exit code ${code}`] }],
    });
  return reasons.length === 0
    ? sum
    : { ...sum, reason: `skipped: ${reasons.slice(0, 5).join('; ')}${reasons.length > 5 ? ' ...' : ''}` };
}

function hasTests(project) {
  const folder = join(root, 'test', project);
  return (
    existsSync(folder) && readdirSync(folder, { recursive: true }).some((file) => String(file).endsWith('.test.ts'))
  );
}

/**
 * Prints a line for each runner and the sum, and keeps it for `.ci/run`. Under CI=true a runner that
 * was skipped because something is missing counts as failed. Returns the exit code.
 */
export function conclude(suite, outcomes) {
  const strict = process.env.CI === 'true';
  const counted = outcomes.map((one) => (strict ? skippedFailed(one) : one));
  const sum = (key) => counted.reduce((total, one) => total + one[key], 0);
  console.log('');
  for (const one of counted) console.log(`${verdictOf(one)} ${line(one)}`);
  const total = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
  const failures = counted.flatMap((one) => one.failures);
  writeFileSync(join(ensureDirectory(results), `summary-${suite}.json`), JSON.stringify({ ...total, failures }));
  for (const text of failureText(failures)) console.log(text);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed > 0 ? 1 : 0;
}

function verdictOf(one) {
  if (one.failed > 0) return 'FAILED ';
  return one.skipped > 0 ? 'skipped' : 'ok     ';
}

function skippedFailed(one) {
  if (one.skipped === 0) return one;
  return {
    ...one,
    failed: one.failed + one.skipped,
    skipped: 0,
    failures: [...one.failures, { name: `${one.name}: ${one.skipped} skipped`, lines: [one.reason ?? ''] }],
  };
}

function line(one) {
  const counts = `${one.passed} passed, ${one.failed} failed, ${one.skipped} skipped`;
  return `${one.name.padEnd(22)} ${counts}, ${one.seconds.toFixed(1)} s${one.reason === undefined ? '' : `: ${one.reason}`}`;
}

/** Whether Debian packages can be installed here. */
export async function canInstallDebianPackages() {
  return (
    process.platform === 'linux' &&
    process.getuid?.() === 0 &&
    existsSync('/etc/debian_version') &&
    (await isInstalled('apt-get'))
  );
}

let listsAreFresh = false;

/** Installs Debian packages and prints their names; returns whether they are installed now. */
export async function installDebianPackages(packages) {
  console.log(`Installing Debian packages: ${packages.join(' ')}.`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const lock = ['-o', 'DPkg::Lock::Timeout=300', '-q'];
  if (!listsAreFresh) await run('apt-get', [...lock, 'update'], { limitMs: 5 * 60_000, env });
  listsAreFresh = true;
  return (
    (await run('apt-get', [...lock, 'install', '-y', '--no-install-recommends', ...packages], {
      limitMs: 15 * 60_000,
      env,
    })) === 0
  );
}

/** Whether Debian has this package installed. */
export async function hasDebianPackage(name) {
  return (await run('dpkg', ['-s', name], { limitMs: 10_000, quiet: true })) === 0;
}
