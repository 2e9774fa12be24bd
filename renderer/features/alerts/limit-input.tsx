import { InputGroup } from '@blueprintjs/core';
import { useState } from 'react';

/** A number that is taken over when the field is left or Enter is pressed; what is no number goes back. */
export function LimitInput(props: {
  readonly label: string;
  readonly unit: string;
  /** Whether the unit stands in the field: not where it is chosen beside it. */
  readonly showsUnit: boolean;
  readonly value: number;
  readonly disabled: boolean;
  readonly onValue: (value: number) => void;
}) {
  const { label, unit, showsUnit, value, disabled, onValue } = props;
  const [text, setText] = useState<string | null>(null);
  const take = () => {
    const typed = Number(text);
    if (text !== null && text.trim() !== '' && Number.isFinite(typed) && typed >= 0 && typed !== value) onValue(typed);
    setText(null);
  };
  return (
    <InputGroup
      aria-label={`${label}, ${unit}`}
      className="m-limit-input"
      inputMode="decimal"
      size="small"
      disabled={disabled}
      value={text ?? String(value)}
      onValueChange={setText}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take();
      }}
      {...(showsUnit ? { rightElement: <span className="m-limit-unit">{unit}</span> } : {})}
    />
  );
}
