import { describe, expect, it } from 'vitest';
import { sortRows } from '../../../../renderer/ui/sort';

const rows = [
  { name: 'db10', lag: 5 },
  { name: 'db2', lag: null },
  { name: 'db1', lag: 80 },
];
const sorted = (column: 'name' | 'lag', down: boolean) =>
  sortRows(rows, { column, down }, (row, by) => row[by]).map((row) => row.name);

describe('a table that is sorted', () => {
  it('orders names as a person counts', () => {
    expect(sorted('name', false)).toEqual(['db1', 'db2', 'db10']);
    expect(sorted('name', true)).toEqual(['db10', 'db2', 'db1']);
  });

  it('has what is not known last, whichever way it is sorted', () => {
    expect(sorted('lag', false)).toEqual(['db10', 'db1', 'db2']);
    expect(sorted('lag', true)).toEqual(['db1', 'db10', 'db2']);
  });
});
