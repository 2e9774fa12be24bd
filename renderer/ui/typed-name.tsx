import { FormGroup, InputGroup } from '@blueprintjs/core';
import { useId } from 'react';
import { printable } from './text';

/** Why what was typed does not confirm yet, or null. `wanted` is null where nothing has to be typed; blanks around it do not count. */
export function whyNotTyped(wanted: string | null, typed: string): string | null {
  return wanted === null || typed.trim() === wanted.trim() ? null : `Type ${wanted} to confirm.`;
}

/** Where a name is typed to confirm something; nothing is shown where none is wanted. */
export function TypedName(props: {
  readonly wanted: string | null;
  readonly typed: string;
  readonly onTyped: (text: string) => void;
}) {
  const id = useId();
  if (props.wanted === null) return null;
  return (
    <FormGroup label={`Type ${printable(props.wanted)} to confirm`} labelFor={id}>
      <InputGroup id={id} value={props.typed} autoComplete="off" spellCheck={false} onValueChange={props.onTyped} />
    </FormGroup>
  );
}
