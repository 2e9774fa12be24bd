import { describe, expect, it } from 'vitest';
import { readActivity } from '../../../electron/core/postgres/read-activity';
import type { SqlAnswer } from '../../../electron/core/postgres/sql-session';
import { activityQuestions } from '../../../shared/rules/postgres/activity-questions';
import { isNamedSession } from '../../../shared/rules/postgres/session-end';

const START = '2026-01-01 00:00:00+00';
const nothing = Object.fromEntries(Object.keys(activityQuestions.sessions.columns).map((column) => [column, null]));
/** A session of another role, as a role without pg_read_all_stats is told of it. */
const notTold = {
  ...nothing,
  pid: 12,
  kind: 'not told',
  user: 'orders',
  database: 'app',
  application: '',
  query: '<insufficient privilege>',
  queryLength: 24,
  blockedBy: [],
};
const own = { ...notTold, pid: 11, backendStart: START, startedAt: 0, kind: 'client backend', state: 'active' };

const rows = (...all: readonly unknown[]): SqlAnswer => ({ kind: 'rows', rows: all });

describe('the sessions that a role without pg_read_all_stats is told of', () => {
  const { sessions } = readActivity(
    new Map([
      ['activityServer', rows()],
      ['sessions', rows(own, notTold)],
    ]),
    'db1',
  );

  it('are all shown, those of other roles without what is not told', () => {
    expect(sessions).toMatchObject([
      { pid: 11, backendStart: START, state: 'active' },
      { pid: 12, backendStart: null, startedAt: null, state: null, user: 'orders' },
    ]);
  });

  it('can be ended from here only where their start is told', () => {
    expect(sessions.filter(isNamedSession).map(({ pid }) => pid)).toEqual([11]);
  });
});
