import { stringify } from 'yaml';
import { DISCOVERY_SCRIPT_FIRST_LINE } from '../../clusters/discovery/discovery-script';
import { FILE_EXIT, READ_FILE, SCRIPT_END } from '../../ssh/run/file-scripts';
import type { MemberState, SimProgram } from '../model/types';
import type { DemoHost } from '../network/network';
import { DRILL_SQL } from '../../drill/scratch';
import { ASK_PSQL } from '../../postgres/ask-psql';
import { answerDrillScript, answerDrillSql } from './drill-scripts';
import { PSQL_VISIT_FIRST_LINE } from '../../postgres/psql-session';
import { WAL_DISK_SCRIPT } from '../../postgres/wal-disk';
import { POSTGRES_FACTS_FIRST_LINE } from '../../postgres-facts/facts-query';
import { POSTGRES_LOG_SCRIPT } from '../../services/service-script';
import { adviceAnswer, isAdviceScript } from './advice';
import { backupAnswer, isBackupScript } from './backups';
import { balancerAnswer, isBalancerScript } from './balancers';
import type { ExecCall, ExecWriter } from './exec-call';
import type { ExecOutcome } from './exec-outcome';
import { factsAnswer, isFactsScript } from './facts';
import { isPlaceScript, placeAnswer } from './repair-place';
import { answerLogScript } from './logs';
import { answerMemberFileScript } from './member-files';
import { settingsAnswer } from './postgres-settings';
import { psqlVisitAnswer } from '../sql/psql-visit';
import { walDiskLine } from '../sql/replication-rows';
import { answerStatisticsScript } from './statistics';
import { answerAssessmentScript } from './assessment';
import { answerUpgradeScript, isPackagesScript, packagesAnswer } from './packages';
import { UPGRADE_SQL } from '../../upgrades/empty-server';
import { isServicesScript, servicesAnswer, systemctlOn } from './services';
import { unwrapped } from './shell-words';
import { virtualFiles } from './virtual-files';
import { answerHealthScript } from './health-scripts';

/** Answers a command in place of a server. */
export type ExecHandler = (host: DemoHost, call: ExecCall, write: ExecWriter) => ExecOutcome | Promise<ExecOutcome>;

const NO_POSTGRES: ExecOutcome = {
  code: 2,
  stdout: '',
  stderr: 'psql: error: the simulated PostgreSQL does not accept connections\n',
};
const done = (stdout: string): ExecOutcome => ({ code: 0, stdout, stderr: '' });

/**
 * Reads a command line the way the app writes it: `announce` must go to standard error and `begin` to standard output before
 * any input is awaited.
 */
export function readCommand(line: string): {
  readonly argv: readonly string[];
  readonly user: string | null;
  readonly announce: string;
  readonly begin: string;
} {
  return unwrapped(line);
}

/** Tells script and input apart: `sh -c '...head -c "$1"...' sh LENGTH ARGS`, or a bare `sh -s`. */
export function toCall(argv: readonly string[], user: string, stdin: Buffer): ExecCall {
  if (argv[0] === 'sh' && argv[1] === '-c' && argv[2]?.startsWith('script=$(head -c') === true) {
    const length = Number(argv[4]);
    return {
      argv: ['sh', ...argv.slice(5)],
      user,
      script: withoutEnd(stdin.subarray(0, length).toString('utf8')),
      stdin: stdin.subarray(length).toString('utf8'),
    };
  }
  if ((argv[0] === 'sh' || argv[0] === 'bash') && argv[1] === '-s')
    return { argv: [argv[0], ...argv.slice(2)], user, script: stdin.toString('utf8'), stdin: '' };
  return { argv, user, script: null, stdin: stdin.toString('utf8') };
}

/** A script as it was written, without the line by which its reader sees that it arrived whole. */
function withoutEnd(script: string): string {
  const end = `\n${SCRIPT_END}`;
  return script.endsWith(end) ? script.slice(0, -end.length) : script;
}

/** The commands that every simulated server knows. No foreign script is ever run: known ones are answered, others are refused. */
export function handleExec(host: DemoHost, call: ExecCall): ExecOutcome {
  host.driver.catchUp();
  return call.script === null ? command(host, call) : script(host, call.script, call);
}

/** Scripts that read a server and want nothing else: how each is known, and what it prints. */
const readers: readonly (readonly [isIt: (text: string) => boolean, answer: (host: DemoHost) => string])[] = [
  [isBalancerScript, balancerAnswer],
  [isPackagesScript, packagesAnswer],
  [isAdviceScript, adviceAnswer],
  [isBackupScript, backupAnswer],
  [isServicesScript, servicesAnswer],
  [isPlaceScript, placeAnswer],
];

function script(host: DemoHost, text: string, call: ExecCall): ExecOutcome {
  if (text.startsWith(DISCOVERY_SCRIPT_FIRST_LINE)) return done(discovery(host));
  if (isFactsScript(text)) return done(factsAnswer(host, text, virtualFiles(host)));
  const reader = readers.find(([isIt]) => isIt(text));
  if (reader !== undefined) return done(reader[1](host));
  if (text === POSTGRES_LOG_SCRIPT) return done('');
  const logs = answerLogScript(host, text, call.argv.slice(1));
  if (logs !== null) return logs;
  const figures = answerStatisticsScript(host, text, call.argv.slice(1));
  if (figures !== null) return figures;
  const work = answerWork(host, text, call);
  if (work !== null) return work;
  if (text === ASK_PSQL) return askPsql(host, call);
  if (text === WAL_DISK_SCRIPT) return done(walDiskLine(host));
  const file = answerMemberFileScript(host, text, call) ?? answerHealthScript(host, text, call.argv.slice(1));
  if (file !== null) return file;
  if (text === READ_FILE) return readFile(host, call.argv[1] ?? '');
  return refused(call.argv[0] ?? 'sh');
}

/** Scripts of drills and upgrades; null for another one. */
function answerWork(host: DemoHost, text: string, call: ExecCall): ExecOutcome | null {
  const args = call.argv.slice(1);
  return (
    answerDrillScript(host, text, call) ??
    answerUpgradeScript(host, text, args) ??
    answerAssessmentScript(host, text, args)
  );
}

function askPsql(host: DemoHost, { stdin }: ExecCall): ExecOutcome {
  if (stdin.startsWith(PSQL_VISIT_FIRST_LINE)) {
    const visited = psqlVisitAnswer(host, stdin);
    return visited === null ? NO_POSTGRES : done(visited);
  }
  if (stdin.startsWith(DRILL_SQL)) return answerDrillSql(host, stdin);
  if (stdin.startsWith(UPGRADE_SQL)) return done(stdin.startsWith(`${UPGRADE_SQL} busy`) ? 'busy 0\n' : 'made\n');
  if (!stdin.startsWith(POSTGRES_FACTS_FIRST_LINE)) return refused('psql');
  const answer = settingsAnswer(host);
  if (answer !== null) return done(answer);
  return NO_POSTGRES;
}

type Program = (host: DemoHost, args: readonly string[], user: string) => ExecOutcome;

const programs: Readonly<Record<string, Program>> = {
  true: () => done(''),
  hostname: ({ member }) => done(`${member.name}\n`),
  uname: () => done('Linux 6.12.0-demo\n'),
  id: (_host, args, user) =>
    done(args[0] === '-u' ? `${user === 'root' ? 0 : 1000}\n` : `uid=${user === 'root' ? 0 : 1000}(${user})\n`),
  whoami: (_host, _args, user) => done(`${user}\n`),
  date: ({ driver }) => done(`${(driver.sim.now / 1000).toFixed(9)}\n`),
  cat,
  patronictl: ({ driver }, args) =>
    args.includes('show-config') ? done(stringify(driver.sim.config())) : refused('patronictl'),
  patroni: ({ driver }) => done(`patroni ${driver.sim.spec.version}\n`),
  systemctl: (host, args) => ({ ...systemctlOn(host, args), stderr: '' }),
  journalctl: (host, args) => done(args.includes('etcd.service') ? etcdJournal(host) : journal(host)),
};

function command(host: DemoHost, { argv, user }: ExecCall): ExecOutcome {
  const [name, ...args] = argv;
  if (name === undefined) return done('');
  const program = Object.hasOwn(programs, name) ? programs[name] : undefined;
  return program === undefined ? refused(name) : program(host, args, user);
}

function refused(program: string): ExecOutcome {
  return { code: 127, stdout: '', stderr: `${program}: this is a simulated server; it knows only a few commands\n` };
}

function readFile(host: DemoHost, path: string): ExecOutcome {
  const content = virtualFiles(host)[path];
  return content === undefined ? { code: FILE_EXIT.missing, stdout: '', stderr: '' } : done(content);
}

function cat(host: DemoHost, paths: readonly string[]): ExecOutcome {
  const files = virtualFiles(host);
  const missing = paths.find((path) => files[path] === undefined);
  if (missing !== undefined) return { code: 1, stdout: '', stderr: `cat: ${missing}: No such file or directory\n` };
  return done(paths.map((path) => files[path]).join(''));
}

function etcdJournal({ member, driver }: DemoHost): string {
  const at = new Date(driver.sim.now).toISOString();
  const now = `${at} ${member.name} etcd[640]: ${member.etcdStopped ? 'closed etcd server' : 'serving client traffic'}\n`;
  return `${plainJournal(member, 'etcd')}${now}`;
}

function journal({ member }: DemoHost): string {
  return plainJournal(member, 'patroni');
}

function plainJournal(member: MemberState, program: SimProgram): string {
  return member.log
    .filter((line) => line.program === program)
    .map((line) => `${new Date(line.at).toISOString()} ${member.name} ${program}[812]: ${line.level}: ${line.text}\n`)
    .join('');
}

/** The answer of the discovery script, in the form that discovery-script.ts describes. */
function discovery(host: DemoHost): string {
  const word = (text: string): string => (text === '' ? '-' : Buffer.from(text, 'utf8').toString('base64'));
  const files = virtualFiles(host);
  const lines = ['matriarch-discover 1', `hostname ${word(host.member.name)}`];
  for (const [path, content] of Object.entries(files)) {
    if (/^\/etc\/patroni\/[^/]*\.ya?ml$/.test(path)) lines.push(`config etc-patroni ${word(path)} ${word(content)}`);
    if (path.includes('etcd')) lines.push(`etcd ${word(path)} ${word(content)}`);
  }
  lines.push(`version ${word(`patroni ${host.driver.sim.spec.version}`)}`, 'end');
  return `${lines.join('\n')}\n`;
}
