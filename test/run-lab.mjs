/**
 * `npm run test:lab`: the tests against real servers in the lab, as root on Linux; names select files. Each file runs in a
 * process of its own with a time limit, so that one that hangs costs no result of the others. LAB_LANES says how many files
 * run beside each other; those that hold the app to seconds run one after another, before the others.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages, root } from '../electron/programs.mjs';
import { runInLanes } from './lanes.mjs';
import {
  canInstallDebianPackages,
  conclude,
  failed,
  hasDebianPackage,
  installDebianPackages,
  skipped,
  vitest,
} from './runners.mjs';

/** The Debian packages that the lab and its tests need. */
const packages = [
  'debootstrap',
  'systemd-container',
  'nftables',
  'iproute2',
  'openssh-client',
  'jq',
  'curl',
  'zstd',
  'etcd-client',
  'gnupg',
];

/** A file of tests ends by itself much earlier; this is for a machine that hangs. LAB_TESTS_SECONDS limits all of them together. */
const FILE_LIMIT_MS = 30 * 60_000;
const ALL_LIMIT_MS = Number(process.env.LAB_TESTS_SECONDS ?? 6 * 3600) * 1000;
const SHORTEST_MS = 60_000;
const LANES = Number(process.env.LAB_LANES ?? 1);

/** How long the long session in a terminal and the soak last in a run of all files, where nobody says otherwise. */
const FULL_SESSION_MINUTES = '20';
const FULL_SOAK_MINUTES = '60';

/** A soak lasts as long as it is told, on each of two releases; the rest is for its servers and its end. */
const soakLimitMs = () => 2 * (Number(process.env.LAB_SOAK_MINUTES ?? 8) + 20) * 60_000;

/** Files that measure how many seconds something takes: nothing runs beside them. */
const measuring = ['10-', '31-', '33-', '46-'];

async function main() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return conclude('lab', [skipped('lab', 'the lab needs root on Linux')]);
  if (!(await installPackages())) return conclude('lab', [failed('install', 0, 'the packages could not be installed')]);
  const reason = await missingPackages();
  if (reason !== null) return conclude('lab', [skipped('lab', reason)]);
  const files = wantedFiles(process.argv.slice(2));
  if (files.length === 0)
    return conclude('lab', [failed('lab', 0, `test/lab has no test named ${process.argv.slice(2).join(', ')}`)]);
  if (process.argv.length === 2) {
    process.env.LAB_TERMINAL_MINUTES ??= FULL_SESSION_MINUTES;
    process.env.LAB_SOAK_MINUTES ??= FULL_SOAK_MINUTES;
  }
  const end = Date.now() + ALL_LIMIT_MS;
  if (!Number.isInteger(LANES) || LANES < 1)
    return conclude('lab', [failed('lab', 0, `LAB_LANES is a number of lanes, not "${process.env.LAB_LANES}"`)]);
  const measures = (file) => measuring.some((start) => file.startsWith(start));
  const start = (lanes) => (file) => () => runFile(file, end - Date.now(), lanes > 1);
  const alone = await runInLanes(files.filter(measures).map(start(1)), 1);
  const others = await runInLanes(files.filter((file) => !measures(file)).map(start(LANES)), LANES);
  return conclude('lab', [...alone, ...others]);
}

/**
 * Runs one file; beside others its output is shown when it has ended. A file without time left counts as failed, and so do
 * those after it.
 */
async function runFile(file, leftMs, beside) {
  const name = file.replace('.test.ts', '');
  if (leftMs < SHORTEST_MS) return failed(name, 0, 'the time for all lab tests was used up before it');
  console.log(`\n== ${name}`);
  const ownMs = name.startsWith('80-') ? soakLimitMs() : FILE_LIMIT_MS;
  return vitest('lab', { name, limitMs: Math.min(ownMs, leftMs), files: [`test/lab/${file}`], atEnd: beside });
}

/** The test files whose names contain one of these words; all files without a word. */
function wantedFiles(words) {
  const all = readdirSync(join(root, 'test', 'lab'))
    .filter((name) => name.endsWith('.test.ts'))
    .sort();
  return words.length === 0 ? all : all.filter((name) => words.some((word) => name.includes(word)));
}

/** Why the lab cannot be built, or null. */
async function missingPackages() {
  if (!(await canInstallDebianPackages())) return 'the lab needs Debian packages, and this is not Debian';
  const missing = [];
  for (const name of [...packages, postgresqlClient()]) if (!(await hasDebianPackage(name))) missing.push(name);
  if (missing.length === 0 || (await installDebianPackages(missing))) return null;
  return `these Debian packages could not be installed: ${missing.join(' ')}`;
}

/** Any version of psql will do; one that is there already is taken. */
function postgresqlClient() {
  const there = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', 'postgresql-client-[0-9]*'], {
    encoding: 'utf8',
  });
  const name = (there.stdout ?? '')
    .split('\n')
    .find((line) => line.endsWith(' installed'))
    ?.split(' ')[0];
  return name ?? 'postgresql-client';
}

process.exitCode = await main();
