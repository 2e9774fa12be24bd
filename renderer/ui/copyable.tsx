import { useState } from 'react';
import { copyText } from './command';
import { printable } from './text';

/** A short text from a server, such as an address or a fingerprint, that a click copies. `what` says what it is. */
export function Copyable(props: { readonly text: string; readonly what: string }) {
  const [said, setSaid] = useState<string | null>(null);
  const copy = async () => setSaid((await copyText(props.text)) ? 'Copied' : 'Select the text and copy it');
  return (
    <button
      type="button"
      className="m-copyable"
      title={`Copy ${props.what}: ${printable(props.text)}`}
      onClick={() => void copy()}
      onBlur={() => setSaid(null)}
    >
      <bdi>{printable(props.text)}</bdi>
      <span className="m-hidden">, copy</span>
      <span className="m-copied" role="status">
        {said}
      </span>
    </button>
  );
}
