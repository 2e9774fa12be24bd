import { FormGroup, InputGroup } from '@blueprintjs/core';
import { useId, useState, type ReactNode } from 'react';
import { printable } from '../../../ui/text';
import { problemAt } from '../../../deployment/form/problems';
import { useProblems } from './wizard-context';

interface FieldProps {
  readonly label: string;
  readonly help?: ReactNode;
  /** Where the value stands in the spec: its problem is shown here. */
  readonly path: string;
}

/** A line of text of the spec. */
export function TextField(
  props: FieldProps & {
    readonly value: string;
    readonly placeholder?: string;
    readonly onValue: (value: string) => void;
  },
) {
  const id = useId();
  const problem = problemAt(useProblems(), props.path);
  return (
    <FormGroup
      label={props.label}
      labelFor={id}
      helperText={problem === undefined ? props.help : <span className="m-tone-crit">{printable(problem)}</span>}
    >
      <InputGroup
        id={id}
        value={props.value}
        placeholder={props.placeholder}
        autoComplete="off"
        spellCheck={false}
        intent={problem === undefined ? 'none' : 'danger'}
        aria-invalid={problem !== undefined}
        onValueChange={props.onValue}
      />
    </FormGroup>
  );
}

/** A whole number of the spec. What is no number stays in the field and is not taken over. */
export function NumberField(props: FieldProps & { readonly value: number; readonly onValue: (value: number) => void }) {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const problem = problemAt(useProblems(), props.path);
  const bad = typed !== null && !isWhole(typed) ? 'A whole number is needed here; the last one is kept.' : problem;
  const take = (text: string) => {
    setTyped(text);
    if (isWhole(text)) props.onValue(Number(text));
  };
  return (
    <FormGroup
      label={props.label}
      labelFor={id}
      helperText={bad === undefined ? props.help : <span className="m-tone-crit">{printable(bad)}</span>}
    >
      <InputGroup
        id={id}
        inputMode="numeric"
        value={typed ?? String(props.value)}
        autoComplete="off"
        intent={bad === undefined ? 'none' : 'danger'}
        aria-invalid={bad !== undefined}
        onValueChange={take}
        onBlur={() => setTyped(null)}
      />
    </FormGroup>
  );
}

function isWhole(text: string): boolean {
  return /^\d{1,15}$/.test(text.trim());
}

/** Lines of text, one item a line. */
export function LinesField(
  props: FieldProps & {
    readonly value: readonly string[];
    readonly placeholder?: string;
    readonly onValue: (lines: string[]) => void;
  },
) {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const problems = useProblems().filter((problem) => problem.path.startsWith(props.path));
  const take = (text: string) => {
    setTyped(text);
    props.onValue(
      text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    );
  };
  return (
    <FormGroup
      label={props.label}
      labelFor={id}
      helperText={
        problems[0] === undefined ? (
          props.help
        ) : (
          <span className={problems[0].severity === 'error' ? 'm-tone-crit' : 'm-tone-warn'}>
            {printable(problems[0].sentence)}
          </span>
        )
      }
    >
      <textarea
        id={id}
        className="bp6-input m-textarea m-mono"
        rows={3}
        value={typed ?? props.value.join('\n')}
        placeholder={props.placeholder}
        spellCheck={false}
        onChange={(event) => take(event.currentTarget.value)}
        onBlur={() => setTyped(null)}
      />
    </FormGroup>
  );
}
