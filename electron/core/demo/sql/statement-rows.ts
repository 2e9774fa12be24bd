import type { SqlAnswer } from '../../postgres/sql-session';
import { isWritable } from '../model/postgres';
import type { DemoHost } from '../network/network';
import { serverVersion } from '../rest/patroni-status';

type Cell = readonly [string | null, number | null];

/** A table of the demo: as many rows as it has, and each by its number. */
interface DemoTable {
  readonly columns: readonly string[];
  readonly count: number;
  readonly row: (index: number) => readonly Cell[];
}

const cell = (text: string | null, length = text?.length ?? null): Cell => [text, length];
const one = (column: string, text: string): DemoTable => ({ columns: [column], count: 1, row: () => [cell(text)] });

const stock: readonly (readonly Cell[])[] = [
  [cell('A-7'), cell('40'), cell(null), cell('\\x89504e47'.repeat(50).slice(0, 500), 48_000)],
  [cell('A-8'), cell('0'), cell('a pallet\nby the door'), cell('\\x00ff')],
  [cell('B-1'), cell('12'), cell(''), cell(null)],
];

const HELP =
  'this simulated PostgreSQL answers: select version(), select now(), select pg_is_in_recovery(), show <parameter>, ' +
  'table stock, select generate_series(1, <number>)';

/** What the statement of a user gives; it is known by its words, and nothing is run. */
export function answerStatement(host: DemoHost, text: string): SqlAnswer {
  const asked = /FOR EXECUTE (\$m\w+\$)([\s\S]*?)\1/.exec(text)?.[2];
  if (asked === undefined) return failed('0A000', 'this simulated PostgreSQL takes no writes');
  const statement = asked.trim().replaceAll(/\s+/g, ' ');
  if (/^explain /i.test(statement))
    return page(one('QUERY PLAN', 'Seq Scan on stock  (cost=0.00..35.50 rows=2550 width=4)'), text);
  if (/^(insert|update|delete|merge)\b/i.test(statement))
    return failed('25006', `cannot execute ${statement.split(' ')[0]?.toUpperCase() ?? ''} in a read-only transaction`);
  const table = tableOf(host, statement);
  return table === null ? failed('0A000', HELP) : page(table, text);
}

function failed(sqlState: string, message: string): SqlAnswer {
  return { kind: 'failed', sqlState, message };
}

function tableOf({ driver: { sim }, member }: DemoHost, statement: string): DemoTable | null {
  const version = serverVersion(sim);
  if (/^select version\(\)$/i.test(statement))
    return one('version', `PostgreSQL ${Math.floor(version / 10_000)}.${version % 10_000} (simulated)`);
  if (/^select now\(\)$/i.test(statement)) return one('now', new Date(sim.now).toISOString());
  if (/^select pg_is_in_recovery\(\)$/i.test(statement)) return one('pg_is_in_recovery', String(!isWritable(member)));
  const [, count] = /^select (?:\* from )?generate_series\( ?1 ?, ?(\d{1,9}) ?\)$/i.exec(statement) ?? [];
  if (count !== undefined)
    return { columns: ['generate_series'], count: Number(count), row: (index) => [cell(String(index + 1))] };
  const [, parameter = ''] = /^show (\w+)$/i.exec(statement) ?? [];
  const value = Object.hasOwn(member.effective, parameter) ? member.effective[parameter] : undefined;
  if (value !== undefined) return one(parameter, value);
  if (/^(table|select \* from) stock$/i.test(statement))
    return {
      columns: ['item', 'reserved', 'note', 'picture'],
      count: stock.length,
      row: (index) => stock[index] ?? [],
    };
  return null;
}

/** The rows that were asked for, as the block of the question says. */
function page({ columns, count, row }: DemoTable, text: string): SqlAnswer {
  const skip = Number(/MOVE FORWARD (\d+)/.exec(text)?.[1] ?? 0);
  const limit = Number(/n < (\d+)/.exec(text)?.[1] ?? 0);
  const length = Math.max(0, Math.min(limit, count - skip));
  const rows = Array.from({ length }, (_, index) => row(skip + index));
  return { kind: 'rows', rows: [{ columns, rows, more: skip + length < count }] };
}
