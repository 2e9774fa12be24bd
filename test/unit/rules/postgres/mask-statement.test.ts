import { describe, expect, it } from 'vitest';
import { readStatements } from '../../../../electron/core/postgres/read-storage';
import { maskStatement } from '../../../../shared/rules/postgres/mask-statement';

describe('a statement that is shown or kept', () => {
  it.each([
    [
      `CREATE SUBSCRIPTION s CONNECTION 'host=h password=abc' PUBLICATION "p"`,
      `CREATE SUBSCRIPTION s CONNECTION '***' PUBLICATION "p"`,
    ],
    [String.raw`ALTER ROLE u PASSWORD 'abc\'`, `ALTER ROLE u PASSWORD '***'`],
    [String.raw`ALTER ROLE u PASSWORD E'a\'bc'`, `ALTER ROLE u PASSWORD '***'`],
    ['ALTER ROLE u PASSWORD $x$abc$x$', `ALTER ROLE u PASSWORD '***'`],
    [`ALTER ROLE u PASSWORD/**/'abc'`, `ALTER ROLE u PASSWORD '***'`],
    [`ALTER ROLE u PASSWORD -- 'abc'\n 'def'`, `ALTER ROLE u PASSWORD  \n '***'`],
    [`UPDATE u SET password = 'abc'`, `UPDATE u SET password = '***'`],
    [`ALTER ROLE u PASSWORD 'abc that was cu`, `ALTER ROLE u PASSWORD '***'`],
    [`SELECT 'abc' -- as it is`, `SELECT 'abc' -- as it is`],
  ])('%j tells no secret', (text, expected) => {
    expect(maskStatement(text)).toBe(expected);
  });

  it('tells none among the statements that took the most time', () => {
    const row = { user: null, database: null, cacheHits: null, walBytes: null, id: '1', queryLength: 30 };
    const counts = { calls: 1, totalMs: 1, meanMs: 1, rows: 0 };
    const rows = [{ ...row, ...counts, query: `ALTER ROLE u PASSWORD 'abc'` }];
    const [statement] = readStatements(new Map([['statements', { kind: 'rows', rows }]]), 'node1');
    expect(statement?.query).toBe(`ALTER ROLE u PASSWORD '***'`);
  });
});
