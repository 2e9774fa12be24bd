import { Button } from '@blueprintjs/core';
import { DuplicateIcon, TickIcon } from '@blueprintjs/icons';
import { useState } from 'react';

/** Copies text; false where the browser refuses. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Copies a text, and says that it did. `label` names what is copied, for a screen reader and on hover. */
export function CopyButton(props: { readonly text: string; readonly label: string }) {
  const [said, setSaid] = useState('');
  const copy = async () => setSaid((await copyText(props.text)) ? 'Copied' : 'Select the text and copy it');
  return (
    <span className="m-copy">
      <span className="m-small m-muted" role="status">
        {said}
      </span>
      <Button
        variant="minimal"
        size="small"
        icon={said === 'Copied' ? <TickIcon /> : <DuplicateIcon />}
        aria-label={props.label}
        title={props.label}
        onClick={() => void copy()}
      />
    </span>
  );
}

/** A command line to read and copy. */
export function Command(props: { readonly text: string; readonly label?: string }) {
  return (
    <div className="m-command">
      <code>{props.text}</code>
      <CopyButton text={props.text} label={props.label ?? 'Copy command'} />
    </div>
  );
}
