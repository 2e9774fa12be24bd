import { FormGroup, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { useId } from 'react';

/** A line of text with its name, and what helps to fill it in. */
export function TextInputField(props: {
  readonly label: string;
  readonly help?: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}) {
  const id = useId();
  return (
    <FormGroup label={props.label} labelFor={id} helperText={props.help}>
      <InputGroup id={id} value={props.value} autoComplete="off" spellCheck={false} onValueChange={props.onValue} />
    </FormGroup>
  );
}

/** One of some values, by name. */
export function ChoiceField(props: {
  readonly label: string;
  readonly help?: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly onValue: (value: string) => void;
}) {
  const id = useId();
  return (
    <FormGroup label={props.label} labelFor={id} helperText={props.help}>
      <HTMLSelect id={id} fill value={props.value} onChange={(event) => props.onValue(event.currentTarget.value)}>
        {props.options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </HTMLSelect>
    </FormGroup>
  );
}
