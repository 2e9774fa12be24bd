import './styles/choices.css';
import { useId } from 'react';

/** One of a few choices, each with what it means. */
export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly explain: string;
}

/** Choices to pick one from, all of them explained. */
export function Choices<T extends string>(props: {
  readonly legend: string;
  /** null: nothing is chosen yet. */
  readonly value: T | null;
  readonly choices: readonly Choice<T>[];
  readonly onValue: (value: T) => void;
}) {
  const name = useId();
  return (
    <fieldset className="m-fieldset m-choices">
      <legend className="m-strong">{props.legend}</legend>
      {props.choices.map((choice) => (
        <label key={choice.value} className="m-choice">
          <input
            type="radio"
            name={name}
            checked={choice.value === props.value}
            onChange={() => props.onValue(choice.value)}
          />
          <span>
            <span className="m-choice-label">{choice.label}</span>
            <span className="m-small m-muted">{choice.explain}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** A yes-or-no, explained. */
export function Switch(props: {
  readonly label: string;
  readonly explain: string;
  readonly checked: boolean;
  readonly onValue: (checked: boolean) => void;
}) {
  return (
    <label className="m-choice">
      <input type="checkbox" checked={props.checked} onChange={(event) => props.onValue(event.currentTarget.checked)} />
      <span>
        <span className="m-choice-label">{props.label}</span>
        <span className="m-small m-muted">{props.explain}</span>
      </span>
    </label>
  );
}
