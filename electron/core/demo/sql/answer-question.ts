import type { SqlAnswer } from '../../postgres/sql-session';
import type { DemoHost } from '../network/network';
import { serverVersion } from '../rest/patroni-status';
import { activityServerRows, endedRows, foundRows, oldestTransactionRows, sessionRows } from './activity-rows';
import { adviceRoleRows, passwordRows, setPasswordRows } from './password-rows';
import { databaseRows, extensionRows, statementRows, tableRows, upkeepRows } from './storage-rows';
import { answerStatement } from './statement-rows';
import { archiverRows, receivedRows, sentRows, serverRows, slotRows } from './replication-rows';

/** What a member says of itself before its data is copied. */
function assessedRows({ driver }: DemoHost): readonly unknown[] {
  const version = serverVersion(driver.sim);
  const dataDirectory = `/var/lib/postgresql/${Math.floor(version / 10_000)}/main`;
  const own = { version, dataDirectory, superuser: 'postgres', preload: '' };
  return [{ ...own, maxPrepared: 0, walBytes: 512 * 1024 ** 2, senders: 8, slots: 8 }];
}

/** Rows by the name of a question; `text` is the question's SQL. */
type RowsOf = (host: DemoHost, text: string) => readonly unknown[];

const answers: Readonly<Record<string, RowsOf>> = {
  who: () => [{ role: 'postgres', encrypted: null }],
  version: ({ driver }) => [{ version: serverVersion(driver.sim) }],
  server: serverRows,
  sent: sentRows,
  received: receivedRows,
  slots: slotRows,
  archiver: archiverRows,
  ages: () => [{ name: 'app', age: 148_000_000 }],
  activityServer: activityServerRows,
  sessions: sessionRows,
  databases: databaseRows,
  upkeep: upkeepRows,
  tables: tableRows,
  extension: extensionRows,
  statements: statementRows,
  oldestTransaction: oldestTransactionRows,
  assessed: assessedRows,
  assessedSizes: () => [{ bytes: 40 * 1024 ** 3 }],
  assessedPlaces: () => [],
  assessedSettings: () => [
    { name: 'max_connections', value: '200' },
    { name: 'archive_command', value: null },
  ],
  logicalSlots: () => [],
  runningBackups: () => [{ running: 0, seesAll: true }],
  session: foundRows,
  end: endedRows,
  passwordRoles: passwordRows,
  adviceRoles: adviceRoleRows,
  passwordSet: setPasswordRows,
};

/** What the PostgreSQL of a simulated server answers to a question of the app. It runs no SQL: known questions have rows. */
export function answerQuestion(host: DemoHost, name: string, text: string): SqlAnswer {
  if (name === 'statement') return answerStatement(host, text);
  const rows = Object.hasOwn(answers, name) ? answers[name] : undefined;
  if (rows === undefined)
    return { kind: 'failed', sqlState: '0A000', message: 'this simulated PostgreSQL does not know the question' };
  return { kind: 'rows', rows: rows(host, text) };
}
