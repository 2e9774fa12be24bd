import { describe, expect, it } from 'vitest';
import { judgeStatement } from '../../../../shared/rules/postgres/judge-statement';
import { cutCells, resultCsv } from '../../../../shared/rules/postgres/result-csv';
import { splitStatements } from '../../../../shared/rules/postgres/split-statements';

describe('the statements of a text', () => {
  it.each([
    ['select 1', ['select 1']],
    ['select 1;', ['select 1']],
    [';;  ; ', []],
    ['-- only a comment', []],
    ['/* a /* nested */ comment */ ;', []],
    ['select 1; select 2', ['select 1', 'select 2']],
    ["select ';'", ["select ';'"]],
    ["select 'it''s;'; select 2", ["select 'it''s;'", 'select 2']],
    [String.raw`select E'\';'; select 2`, [String.raw`select E'\';'`, 'select 2']],
    [String.raw`select '\'; select 2`, [String.raw`select '\'`, 'select 2']],
    ['select "a;""b"', ['select "a;""b"']],
    ['do $$ begin; end $$', ['do $$ begin; end $$']],
    ['do $a$ ; $$ ; $a$; select 2', ['do $a$ ; $$ ; $a$', 'select 2']],
    ['select $1; select a$b$c; select 3', ['select $1', 'select a$b$c', 'select 3']],
    ['select 1 -- ; no\n; select 2', ['select 1 -- ; no', 'select 2']],
    ['select 1 /* ; */ ; select 2', ['select 1 /* ; */', 'select 2']],
    ["select 'never ends; ", ["select 'never ends;"]],
    ['select $x$ never ends; ', ['select $x$ never ends;']],
    ['/* never ends ; ', []],
  ])('%j are %j', (text, expected) => {
    expect(splitStatements(text)).toEqual(expected);
  });
});

describe('a statement that only reads', () => {
  it.each([
    ['select * from t', null],
    ['', 'empty'],
    ['select 1; drop table t', 'several'],
    ['select pg_terminate_backend(1)', 'acts'],
    ['select PG_Promote ()', 'acts'],
    ['select "pg_promote"()', 'acts'],
    ['select pg_catalog.pg_reload_conf/* x */()', 'acts'],
    ['select pg_size_pretty(1)', null],
    ["select lo_put(1, 0, 'x')", 'acts'],
    ["select lo_from_bytea(0, 'x')", 'acts'],
    ['select lo_unlink(1)', 'acts'],
    ["select lowrite(0, 'x')", 'acts'],
    ['select lo_get(1)', null],
    ['select "LO_GET"(1)', null],
    ['select pg_stat_reset_slru(null)', 'acts'],
    ["select pg_copy_physical_replication_slot('a', 'b')", 'acts'],
    ["select pg_copy_logical_replication_slot('a', 'b')", 'acts'],
    ["select pg_replication_origin_create('a')", 'acts'],
    ["select pg_logical_emit_message(false, 'a', 'b')", 'acts'],
    ["select pg_notify('a', 'b')", 'acts'],
    ["select dblink_send_query('a', 'b')", 'acts'],
    ["select run_command_on_workers('b')", 'acts'],
    ['select logs(1), pg_stat_get_numscans(1)', null],
  ])('%j: %s', (text, expected) => {
    expect(judgeStatement(text, 'read')?.kind ?? null).toBe(expected);
  });

  it('may act where writing was typed, but is still one', () => {
    expect(judgeStatement('select pg_promote()', 'write')).toBeNull();
    expect(judgeStatement('delete from a; delete from b', 'write')).toEqual({ kind: 'several', count: 2 });
  });
});

describe('a result as CSV', () => {
  const row = (...texts: readonly (string | null)[]) => texts.map((text) => ({ text, length: text?.length ?? 0 }));

  it('tells NULL from an empty text, and quotes what needs it', () => {
    expect(resultCsv(['a', 'b "c"', 'd\ne'], [row(null, '', 'x,y')])).toBe('a,"b ""c""","d\ne"\r\n,"","x,y"\r\n');
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['-5', '-5'],
    ['+1.5e3', '+1.5e3'],
    ['-5+cmd', "'-5+cmd"],
  ])('keeps %s a text for a spreadsheet, and a number a number', (text, expected) => {
    expect(resultCsv(['a'], [row(text)])).toBe(`a\r\n${expected}\r\n`);
  });

  it('says how many values are not whole', () => {
    expect(cutCells([[{ text: 'abc', length: 3_000 }], row('abc', null)])).toBe(1);
  });
});
