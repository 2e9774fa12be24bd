import { randomBytes } from 'node:crypto';
import type { StatementRun } from '../../../shared/model/postgres/statement';
import type { SqlAsk } from './sql-session';

/** Of a value so many characters are shown. */
const CELL_SHOWN = 500;
/** A page ends after so many characters of values, whatever the limit of rows. */
const PAGE_SHOWN = 2_000_000;

/**
 * Asks for some rows of what a user wrote. plpgsql opens it as a cursor, which takes one statement that gives rows and nothing else, and
 * cannot be talked out of the read-only transaction; the rows that are not wanted never leave the server, long values are cut there.
 * The same text serves both ways of asking.
 */
export function statementAsk({ statement, explain, skip, limit }: StatementRun): SqlAsk {
  const asked = explain ? `EXPLAIN ${statement}` : statement;
  return {
    name: 'statement',
    access: 'read',
    before: [
      doBlock(`DECLARE c refcursor := 'matriarch_rows'; BEGIN OPEN c FOR EXECUTE ${dollarQuoted(asked)}; END`),
      doBlock(fetchRows(skip, limit)),
    ],
    sql:
      `SELECT current_setting('matriarch.columns')::json AS columns, current_setting('matriarch.rows')::json AS rows, ` +
      `current_setting('matriarch.more')::boolean AS more`,
  };
}

function fetchRows(skip: number, limit: number): string {
  return `DECLARE
  c refcursor := 'matriarch_rows'; r record; cells text; page text := ''; more boolean; n int := 0;
BEGIN
  ${skip === 0 ? '' : `MOVE FORWARD ${skip} FROM c;`}
  FETCH c INTO r;
  more := FOUND;
  PERFORM set_config('matriarch.columns',
    coalesce((SELECT json_agg(key)::text FROM json_each_text(row_to_json(r))), '[]'), true);
  WHILE more AND n < ${limit} AND length(page) < ${PAGE_SHOWN} LOOP
    SELECT json_agg(json_build_array(left(value, ${CELL_SHOWN}), length(value)))::text INTO cells FROM json_each_text(row_to_json(r));
    page := page || CASE WHEN n > 0 THEN ',' ELSE '' END || coalesce(cells, '[]');
    n := n + 1;
    FETCH c INTO r;
    more := FOUND;
  END LOOP;
  PERFORM set_config('matriarch.rows', '[' || page || ']', true);
  PERFORM set_config('matriarch.more', more::text, true);
END`;
}

/** Runs what a user wrote and confirmed, in one transaction that may write; answers how many rows it touched. */
export function writeAsk(statement: string): SqlAsk {
  return {
    name: 'statement',
    access: 'write',
    before: [
      doBlock(
        `DECLARE n bigint; BEGIN EXECUTE ${dollarQuoted(statement)}; GET DIAGNOSTICS n = ROW_COUNT; ` +
          `PERFORM set_config('matriarch.count', n::text, true); END`,
      ),
    ],
    sql: `SELECT current_setting('matriarch.count')::bigint AS count`,
  };
}

function doBlock(body: string): string {
  return `DO ${dollarQuoted(body)}`;
}

/** A literal that no text can end: its tag is made for it. psql reads nothing in it, neither variables nor its own commands. */
function dollarQuoted(text: string): string {
  const tag = `$m${randomBytes(9).toString('hex')}$`;
  return `${tag}${text}${tag}`;
}
