import { HTMLSelect } from '@blueprintjs/core';
import { useId } from 'react';
import { printable } from '../../../ui/text';

/** Which database of the server is asked. */
export function DatabaseChoice(props: {
  readonly names: readonly string[];
  readonly database: string;
  readonly onDatabase: (name: string) => void;
}) {
  const id = useId();
  const { database } = props;
  const names = props.names.includes(database) ? props.names : [database, ...props.names];
  return (
    <label className="m-row" htmlFor={id}>
      Database
      <HTMLSelect id={id} value={database} onChange={(event) => props.onDatabase(event.currentTarget.value)}>
        {names.map((name) => (
          <option key={name} value={name}>
            {printable(name)}
          </option>
        ))}
      </HTMLSelect>
    </label>
  );
}
