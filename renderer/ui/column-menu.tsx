import { Button, MenuItem, PopoverNext } from '@blueprintjs/core';
import { BlankIcon, TickIcon, TwoColumnsIcon } from '@blueprintjs/icons';
import { KeyMenu } from './key-menu';

/** Columns of a table that can be hidden, with their names, and those that are. */
export interface ColumnChoice<Column extends string> {
  readonly columns: readonly (readonly [Column, string])[];
  readonly hidden: ReadonlySet<Column>;
  readonly onHidden: (hidden: readonly Column[]) => void;
}

/** A button with a menu that shows and hides the columns of a table; it stays open for more than one. `what` names the table. */
export function ColumnMenu<Column extends string>(props: {
  readonly what: string;
  readonly choice: ColumnChoice<Column>;
}) {
  const { what, choice } = props;
  const label = `Columns of ${what}`;
  return (
    <PopoverNext
      content={<ColumnItems label={label} choice={choice} />}
      placement="bottom-end"
      arrow={false}
      animation="minimal"
      shouldReturnFocusOnClose
    >
      <Button size="small" variant="minimal" icon={<TwoColumnsIcon />} aria-label={label} title={label} />
    </PopoverNext>
  );
}

function ColumnItems<Column extends string>(props: { readonly label: string; readonly choice: ColumnChoice<Column> }) {
  const { columns, hidden, onHidden } = props.choice;
  return (
    <KeyMenu label={props.label}>
      {columns.map(([column, name]) => {
        const isShown = !hidden.has(column);
        return (
          <MenuItem
            key={column}
            role="menuitemcheckbox"
            aria-checked={isShown}
            icon={isShown ? <TickIcon /> : <BlankIcon />}
            text={name}
            shouldDismissPopover={false}
            onClick={() => onHidden(isShown ? [...hidden, column] : [...hidden].filter((other) => other !== column))}
          />
        );
      })}
    </KeyMenu>
  );
}
