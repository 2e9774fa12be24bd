import { describe, expect, it } from 'vitest';
import { psqlInput, readPsqlAnswers } from '../../../electron/core/postgres/psql-session';
import type { SqlVisit } from '../../../electron/core/postgres/sql-session';

const visit: SqlVisit = {
  database: 'postgres',
  statementMs: 8_000,
  questions: [{ name: 'one', sql: 'SELECT 1 AS x', access: 'read' }],
};

describe('what psql is given', () => {
  it('sets every limit and its own name before it asks, and reads only', () => {
    const input = psqlInput(visit, 'mark');
    const before = input.slice(0, input.indexOf('BEGIN'));
    for (const setting of ['statement_timeout = 8000', 'lock_timeout', 'idle_in_transaction_session_timeout'])
      expect(before).toContain(`SET ${setting}`);
    expect(before).toContain("SET application_name = 'matriarch'");
    expect(input).toContain('BEGIN TRANSACTION READ ONLY;');
    expect(input).not.toContain('READ WRITE');
  });

  it('takes back what only reads, and commits what writes', () => {
    expect(psqlInput(visit, 'mark')).toMatch(/^ROLLBACK;$/m);
    expect(psqlInput(visit, 'mark')).not.toMatch(/^COMMIT;$/m);
    const write: SqlVisit = { ...visit, questions: [{ name: 'one', sql: 'SELECT 1 AS x', access: 'write' }] };
    expect(psqlInput(write, 'mark')).toMatch(/^COMMIT;$/m);
    expect(psqlInput(write, 'mark')).not.toMatch(/^ROLLBACK;$/m);
  });

  it('holds a name of an application as a literal, whatever is in it', () => {
    expect(psqlInput({ ...visit, application: `a'; DROP TABLE x; --` }, 'mark')).toContain(
      `SET application_name = 'a''; DROP TABLE x; --';`,
    );
  });
});

describe('what psql prints', () => {
  it('is read by question, with line breaks and marks of others in it', () => {
    const output = 'mark rows one [{"x":"a\\nmark2 rows two []"}]\nmark rows two []\nmark end\n';
    const answers = readPsqlAnswers(output, 'mark');
    expect(answers?.get('one')).toEqual({ kind: 'rows', rows: [{ x: 'a\nmark2 rows two []' }] });
    expect(answers?.get('two')).toEqual({ kind: 'rows', rows: [] });
  });

  it('names the first failure of a question, which is the cause of the others', () => {
    const output =
      'mark failed one 22012 division by zero\nmark failed one 25P02 current transaction is aborted\nmark rows two []\nmark end\n';
    const answers = readPsqlAnswers(output, 'mark');
    expect(answers?.get('one')).toEqual({ kind: 'failed', sqlState: '22012', message: 'division by zero' });
    expect(answers?.get('two')?.kind).toBe('rows');
  });

  it('is a failure where the end of the transaction failed, although there were rows', () => {
    const output = 'mark rows one []\nmark failed one 23503 still referenced\nmark end\n';
    expect(readPsqlAnswers(output, 'mark')?.get('one')).toMatchObject({ kind: 'failed', sqlState: '23503' });
  });

  it.each(['', 'mark rows one []\n', 'mark rows one [{"x":'])('is no answer without its end: %j', (output) => {
    expect(readPsqlAnswers(output, 'mark')).toBeNull();
  });
});
