import { describe, expect, it } from 'vitest';
import { readReplication } from '../../../electron/core/postgres/read-replication';
import type { SqlAnswer } from '../../../electron/core/postgres/sql-session';
import { replicationQuestions } from '../../../shared/rules/postgres/replication-questions';

type Question = keyof typeof replicationQuestions;

/** A row of a question in which nothing is told but this. */
const row = (question: Question, told: Readonly<Record<string, unknown>>): unknown => ({
  ...Object.fromEntries(Object.keys(replicationQuestions[question].columns).map((column) => [column, null])),
  ...told,
});

function readRows(given: Partial<Record<Question, unknown>>) {
  const server = row('server', { version: 170_005, recovery: true, now: 0 });
  const answers = Object.keys(replicationQuestions).map((name): [string, SqlAnswer] => {
    const one = { server, ...given }[name];
    return [name, { kind: 'rows', rows: one === undefined ? [] : [one] }];
  });
  return readReplication(new Map(answers), 'db1');
}

describe('the WAL receiver of a standby', () => {
  it.each<[string, Partial<Record<Question, unknown>>, unknown]>([
    ['is not there without a row', {}, null],
    ['is not there with a row of nothing', { received: row('received', {}) }, null],
    ['is there, with the rest not told, where the pid alone is', { received: row('received', { pid: 31 }) }, 31],
    ['is there with its status', { received: row('received', { pid: 31, status: 'streaming' }) }, 31],
  ])('%s', (_what, given, pid) => {
    expect(readRows(given).received?.pid ?? null).toBe(pid);
  });
});

describe('a receiver as its sender tells it', () => {
  it('is there where the pid alone is told', () => {
    expect(readRows({ sent: row('sent', { pid: 21 }) }).sent).toMatchObject([{ pid: 21, application: null }]);
  });
});
