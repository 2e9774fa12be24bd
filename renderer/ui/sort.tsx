import { CaretDownIcon, CaretUpIcon, DoubleCaretVerticalIcon } from '@blueprintjs/icons';
import { useState, type ReactNode } from 'react';

/** By which column a table is sorted, and whether the largest comes first. */
interface Sorting<Column extends string> {
  readonly column: Column;
  readonly down: boolean;
}

/** What a row has in a column. A missing value comes last, whichever way the column is sorted. */
export type SortValue = string | number | null;

/** A table's rows in the order that the user chose; without a choice they stay as they are. */
export interface Sorted<Row, Column extends string> {
  readonly rows: readonly Row[];
  readonly sorting: Sorting<Column> | null;
  /** Sorts by a column, turns its order round, and at the third time gives the first order back. */
  readonly toggle: (column: Column) => void;
}

/** Keeps a table sorted; `valueOf` says what a row has in a column. */
export function useSorted<Row, Column extends string>(
  rows: readonly Row[],
  valueOf: (row: Row, column: Column) => SortValue,
): Sorted<Row, Column> {
  const [sorting, setSorting] = useState<Sorting<Column> | null>(null);
  const toggle = (column: Column) => {
    if (sorting?.column !== column) setSorting({ column, down: false });
    else setSorting(sorting.down ? null : { column, down: true });
  };
  return { rows: sorting === null ? rows : sortRows(rows, sorting, valueOf), sorting, toggle };
}

const words = new Intl.Collator(undefined, { numeric: true });

/** Rows by the values of one column; rows with the same value keep their order. */
export function sortRows<Row, Column extends string>(
  rows: readonly Row[],
  sorting: Sorting<Column>,
  valueOf: (row: Row, column: Column) => SortValue,
): readonly Row[] {
  const turn = sorting.down ? -1 : 1;
  return rows.toSorted((first, second) => {
    const [a, b] = [valueOf(first, sorting.column), valueOf(second, sorting.column)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return turn * (typeof a === 'number' && typeof b === 'number' ? a - b : words.compare(String(a), String(b)));
  });
}

interface SortProps<Column extends string> {
  readonly column: Column;
  /** What a screen reader calls the column. */
  readonly name: string;
  readonly sorted: Pick<Sorted<unknown, Column>, 'sorting' | 'toggle'>;
  readonly children?: ReactNode;
}

/** The head of a column by which the table can be sorted. */
export function SortHeader<Column extends string>(
  props: SortProps<Column> & { readonly numeric?: boolean; readonly className?: string },
) {
  const { column, sorted } = props;
  return (
    <th
      className={`m-sortable ${props.numeric === true ? 'm-num' : ''} ${props.className ?? ''}`}
      aria-sort={ariaSort(sorted.sorting, column)}
      onClick={() => sorted.toggle(column)}
    >
      <SortLabel {...props} />
    </th>
  );
}

/** The name of a column with the button that sorts by it, for heads that are no `th`. */
export function SortLabel<Column extends string>({ column, name, sorted, children }: SortProps<Column>) {
  return (
    <span className="m-sort">
      {children ?? name}
      <button
        type="button"
        aria-label={`Sort by ${name}`}
        title={`Sort by ${name}`}
        onClick={(event) => {
          event.stopPropagation();
          sorted.toggle(column);
        }}
      >
        <SortIcon order={ariaSort(sorted.sorting, column)} />
      </button>
    </span>
  );
}

/** How a screen reader hears that a table is sorted by a column. */
export function ariaSort<Column extends string>(
  sorting: Sorting<Column> | null,
  column: Column,
): 'ascending' | 'descending' | 'none' {
  if (sorting?.column !== column) return 'none';
  return sorting.down ? 'descending' : 'ascending';
}

function SortIcon({ order }: { readonly order: 'ascending' | 'descending' | 'none' }) {
  switch (order) {
    case 'none':
      return <DoubleCaretVerticalIcon size={10} aria-hidden />;
    case 'descending':
      return <CaretDownIcon size={12} aria-hidden />;
    case 'ascending':
      return <CaretUpIcon size={12} aria-hidden />;
  }
}
