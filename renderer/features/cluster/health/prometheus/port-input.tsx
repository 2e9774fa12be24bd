import './prometheus.css';
import { Checkbox, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';

/** A program that is collected on a port of every member's server, or not. A port that is none is said to be so, and not taken. */
export function PortInput(props: {
  readonly label: string;
  readonly usual: number;
  /** null: it is not collected. */
  readonly port: number | null;
  readonly onChange: (port: number | null) => void;
}) {
  const { label, usual, port, onChange } = props;
  const [text, setText] = useState(String(port ?? usual));
  const read = portOf(text);
  return (
    <div className="m-row">
      <Checkbox
        className="m-check-plain m-port-of"
        label={label}
        checked={port !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? (read ?? usual) : null)}
      />
      <span className="m-limit-input">
        <InputGroup
          size="small"
          value={text}
          disabled={port === null}
          intent={read === null ? 'danger' : 'none'}
          aria-label={`Port of ${label}`}
          aria-invalid={read === null}
          onValueChange={(next) => {
            setText(next);
            const number = portOf(next);
            if (number !== null) onChange(number);
          }}
        />
      </span>
      {read === null ? <span className="m-small m-muted">A port is a number from 1 to 65535.</span> : null}
    </div>
  );
}

function portOf(text: string): number | null {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}
