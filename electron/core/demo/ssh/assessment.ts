import { PLACE_FILE } from '../../ssh/run/file-scripts';
import { ASSESS_DIRECTORY, ASSESS_MAKE_SCRIPT, ASSESS_SCRIPTS } from '../../upgrades/major/assess-scripts';
import type { DemoHost } from '../network/network';
import { serverVersion } from '../rest/patroni-status';
import type { ExecOutcome } from './exec-outcome';

/** So long the work of an assessment is under way on a simulated server, ms. */
const WORK_MS = 3000;

const done = (stdout: string): ExecOutcome => ({ code: 0, stdout, stderr: '' });
const majorOf = ({ driver }: DemoHost): number => Math.floor(serverVersion(driver.sim) / 10_000);

/** What the scripts of an assessment print on a simulated server; null for another script. */
export function answerAssessmentScript(host: DemoHost, script: string, args: readonly string[]): ExecOutcome | null {
  if (script.startsWith(ASSESS_SCRIPTS.offers))
    return done([`major ${majorOf(host) + 1} ${majorOf(host) + 1}.1-1.pgdg13+1 no`, 'end', ''].join('\n'));
  if (script.startsWith(ASSESS_SCRIPTS.look)) return done(lookAnswer(args));
  // The files that it is given are taken and forgotten.
  if (script === PLACE_FILE && (args[0] ?? '').includes(`/${ASSESS_DIRECTORY}`)) return done('');
  return script === ASSESS_MAKE_SCRIPT ? makeAnswer(host, args) : null;
}

function lookAnswer([, target = '']: readonly string[]): string {
  const free = 512 * 1024 ** 3;
  const isThere = `want postgresql-${target}=${target}.1-1.pgdg13+1`;
  const lines = ['old yes', 'systemd yes', 'place ok', `free ${free}`, `total ${2 * free}`, 'shared yes', isThere];
  return [...lines, `without postgresql-${target}-cron`, 'end', ''].join('\n');
}

function makeAnswer({ driver: { sim }, member }: DemoHost, args: readonly string[]): ExecOutcome {
  const [what = '', id = '', , , target = ''] = args;
  const assessed = sim.assessed.get(member.name);
  switch (what) {
    case 'make':
      sim.assessed.set(member.name, { id, at: sim.now, target: '' });
      return done('made\n');
    case 'try':
      return done('1|1|0/3000000|\ntried\n');
    case 'begin':
      sim.assessed.set(member.name, { id, at: sim.now, target });
      return done('begun\n');
    case 'look':
      return done(assessed?.id === id ? standing(sim.now - assessed.at) : 'none\nend\n');
    case 'tell':
      return done(found(assessed?.target ?? ''));
    default:
      sim.assessed.delete(member.name);
      return done('removed\n');
  }
}

function standing(ms: number): string {
  if (ms >= WORK_MS) return 'ended 0\nstep Removing the copy\nend\n';
  return ms < WORK_MS / 2
    ? 'running\nstep Copying the data\nsaid 10485760/41943040 kB (25%), 0/1 tablespace\nend\n'
    : 'running\nstep Asking pg_upgrade\nend\n';
}

const packed = (text: string): string => Buffer.from(text).toString('base64');

/** An extension is missing, which pg_upgrade stops at, and a parameter is no longer known. */
function found(target: string): string {
  const said = [
    'Performing Consistency Checks',
    '-----------------------------',
    'Checking cluster versions                                     ok',
    'Checking database user is the install user                    ok',
    'Checking for prepared transactions                            ok',
    'Checking for presence of required libraries                   fatal',
    '',
    'Your installation references loadable libraries that are missing from the',
    'new installation.  A list of problem libraries is in the file:',
    '    loadable_libraries.txt',
    'Failure, exiting',
  ].join('\n');
  const libraries =
    'could not load library "$libdir/pg_cron": ERROR:  could not access file "$libdir/pg_cron"\nIn database: app\n';
  const database = (name: string, bytes: number, relations: number, extensions: readonly object[]): string =>
    `database ${JSON.stringify({ name, bytes, relations, largeObjects: 0, extensions })}`;
  return [
    'copyMs 214000',
    'copyBytes 42949672960',
    database('app', 41_875_931_136, 1840, [{ name: 'pg_cron', version: '1.6' }]),
    database('postgres', 7_864_320, 414, []),
    'prepared 0',
    'checksums 1',
    `targetVersion ${target}.1`,
    `oldDefaults ${packed('max_wal_size\tsighup\tINTEGER\t1024\nio_method\tpostmaster\tENUMERATION\tsync\n')}`,
    `newDefaults ${packed('max_wal_size\tsighup\tINTEGER\t1024\nio_method\tpostmaster\tENUMERATION\tworker\n')}`,
    'missing pg_cron postgresql-cron',
    'checkMs 4200',
    'pgUpgrade 1',
    `said ${packed(said)}`,
    `file loadable_libraries.txt ${libraries.length} ${packed(libraries)}`,
    'finished',
    'end',
    '',
  ].join('\n');
}
