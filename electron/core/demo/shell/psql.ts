import { answersQueries, isWritable } from '../model/postgres';
import type { DemoHost } from '../network/network';
import { printedLsn } from '../rest/cluster-view';
import { postgresMajor, serverVersion } from '../rest/patroni-status';
import { alignedTable } from './text-table';

/** The prompt of psql on a simulated server, with the role at this moment. */
export function psqlPrompt({ member }: DemoHost, continues: boolean): string {
  const role = isWritable(member) ? 'primary' : 'replica';
  return `${member.name} (${role}) postgres${continues ? '-' : '='}# `;
}

/** What psql says first; null where no PostgreSQL answers. */
export function psqlGreeting({ driver, member }: DemoHost): string | null {
  if (!answersQueries(member)) return null;
  return `psql (${versionText(driver.sim)})\nThis is a simulated PostgreSQL. Type "help" for what it knows.\n\n`;
}

const LOST =
  'server closed the connection unexpectedly\n' +
  '\tThis probably means the server terminated abnormally\n' +
  '\tbefore or while processing the request.\n';
const HELP =
  'It answers: select version(); select now(); select 1; select pg_is_in_recovery();\n' +
  'select pg_current_wal_lsn(); table pg_stat_replication; show <parameter>; \\l \\conninfo \\q\n';

/** What a command or a statement gives. */
export function psqlAnswer(host: DemoHost, line: string): string {
  const statement = line
    .trim()
    .replace(/;+\s*$/, '')
    .replace(/\s+/g, ' ');
  if (statement === '') return '';
  if (statement === 'help' || statement === '\\?') return HELP;
  if (!answersQueries(host.member)) return LOST;
  if (statement.startsWith('\\')) return backslash(host, statement);
  const found = answers.find(({ pattern }) => pattern.test(statement));
  return found === undefined ? unknownStatement(statement) : found.answer(host, statement);
}

interface Answer {
  readonly pattern: RegExp;
  readonly answer: (host: DemoHost, statement: string) => string;
}

const one = (name: string, value: string): string => alignedTable([[name], [value]]);
const call = (name: string): RegExp => new RegExp(`^select (pg_catalog\\.)?${name}\\(\\)$`, 'i');

const answers: readonly Answer[] = [
  {
    pattern: call('version'),
    answer: ({ driver }) => one('version', `PostgreSQL ${versionText(driver.sim)} (simulated)`),
  },
  {
    pattern: call('now'),
    answer: ({ driver }) => one('now', new Date(driver.sim.now).toISOString().replace('T', ' ')),
  },
  {
    pattern: call('pg_is_in_recovery'),
    answer: ({ member }) => one('pg_is_in_recovery', isWritable(member) ? 'f' : 't'),
  },
  { pattern: call('pg_current_wal_lsn'), answer: currentLsn },
  {
    pattern: call('pg_last_wal_replay_lsn'),
    answer: ({ driver, member }) => one('pg_last_wal_replay_lsn', lsnOf(driver.sim, member)),
  },
  { pattern: /^(table|select \* from) pg_stat_replication$/i, answer: replication },
  { pattern: /^show \w+$/i, answer: parameter },
  {
    pattern: /^select (\d+)$/i,
    answer: (_host, statement) => one('?column?', /\d+/.exec(statement)?.[0] ?? ''),
  },
];

function currentLsn({ driver, member }: DemoHost): string {
  if (isWritable(member)) return one('pg_current_wal_lsn', lsnOf(driver.sim, member));
  return 'ERROR:  recovery is in progress\nHINT:  WAL control functions cannot be executed during recovery.\n';
}

function replication({ driver: { sim }, member }: DemoHost): string {
  const rows = sim.members
    .filter((other) => other.streaming && other.follows === member.name)
    .map((other) => [other.name, other.ip, 'streaming', lsnOf(sim, other)]);
  return alignedTable([['application_name', 'client_addr', 'state', 'replay_lsn'], ...rows]);
}

function parameter({ member }: DemoHost, statement: string): string {
  const name = (statement.split(' ')[1] ?? '').toLowerCase();
  const value = Object.hasOwn(member.effective, name) ? member.effective[name] : undefined;
  if (value === undefined) return `ERROR:  unrecognized configuration parameter "${name}"\n`;
  return one(name, value);
}

function backslash({ member, driver }: DemoHost, command: string): string {
  switch (command) {
    case '\\l':
      return alignedTable([
        ['Name', 'Owner', 'Encoding'],
        ['postgres', 'postgres', 'UTF8'],
        ['template0', 'postgres', 'UTF8'],
        ['template1', 'postgres', 'UTF8'],
      ]);
    case '\\conninfo':
      return (
        'You are connected to database "postgres" as user "postgres" via socket in "/var/run/postgresql" ' +
        `at port "5432" (${member.name}, PostgreSQL ${postgresMajor(driver.sim)}).\n`
      );
    default:
      return `invalid command ${command}\nTry \\? for help.\n`;
  }
}

function unknownStatement(statement: string): string {
  const word = statement.split(' ')[0] ?? '';
  return `ERROR:  this simulated PostgreSQL does not know "${word} ..."\nHINT:  Type "help" for what it knows.\n`;
}

function lsnOf(sim: DemoHost['driver']['sim'], member: DemoHost['member']): string {
  return printedLsn(sim.position(member));
}

function versionText(sim: DemoHost['driver']['sim']): string {
  const version = serverVersion(sim);
  return `${Math.floor(version / 10_000)}.${version % 10_000}`;
}
