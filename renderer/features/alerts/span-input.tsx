import { HTMLSelect } from '@blueprintjs/core';
import { useState } from 'react';
import { LimitInput } from './limit-input';

const units = [
  { name: 's', ms: 1_000 },
  { name: 'min', ms: 60_000 },
  { name: 'h', ms: 3_600_000 },
] as const;

/** The largest unit in which a length of time is a whole number. */
function unitOf(ms: number): (typeof units)[number] {
  return units.findLast((unit) => ms > 0 && ms % unit.ms === 0) ?? units[0];
}

/** A length of time as a number and a unit. */
export function SpanInput(props: {
  readonly label: string;
  readonly ms: number;
  readonly disabled: boolean;
  readonly onMs: (ms: number) => void;
}) {
  const { label, ms, disabled, onMs } = props;
  const [chosen, setChosen] = useState<number | null>(null);
  const unit = units.find((each) => each.ms === chosen) ?? unitOf(ms);
  const value = ms / unit.ms;
  return (
    <span className="m-row">
      <LimitInput
        label={label}
        unit={unit.name}
        showsUnit={false}
        value={value}
        disabled={disabled}
        onValue={(typed) => onMs(Math.round(typed * unit.ms))}
      />
      <HTMLSelect
        aria-label={`${label}, unit`}
        disabled={disabled}
        value={unit.name}
        options={units.map(({ name }) => name)}
        onChange={(event) => {
          const next = units.find(({ name }) => name === event.currentTarget.value) ?? units[0];
          setChosen(next.ms);
          onMs(Math.round(value * next.ms));
        }}
      />
    </span>
  );
}
