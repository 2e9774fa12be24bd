import '../../ui/styles/dialog.css';
import { Button, DialogBody, DialogFooter } from '@blueprintjs/core';
import { useStore } from 'zustand';
import { isKnownAddress } from '../../../shared/rules/terminal/link';
import { onOneLine, type PasteText } from '../../../shared/rules/terminal/paste';
import { usePage } from '../../rpc/hooks';
import { Copyable } from '../../ui/copyable';
import { FocusedDialog } from '../../ui/focused-dialog';
import { printable } from '../../ui/text';
import { plural } from '../../ui/wording/format';

const MOST_SHOWN = 12;

/** Asks before several lines are pasted into a program that runs each as it arrives. */
export function PasteDialog(props: {
  readonly paste: PasteText;
  readonly onPaste: (text: string) => void;
  readonly onClose: () => void;
}) {
  const { paste } = props;
  const lines = paste.text.split('\n');
  const put = (text: string) => {
    props.onPaste(text);
    props.onClose();
  };
  return (
    <FocusedDialog isOpen title={`Paste ${plural(paste.lines, 'line')}?`} onClose={props.onClose}>
      <DialogBody>
        <div className="m-stack">
          <p>The program in this terminal does not tell a paste from typing: each line runs as soon as it arrives.</p>
          <pre className="m-terminal-preview m-mono" tabIndex={0} aria-label="What would be pasted">
            {lines.slice(0, MOST_SHOWN).map(printable).join('\n')}
            {lines.length > MOST_SHOWN ? `\n… and ${lines.length - MOST_SHOWN} more` : ''}
          </pre>
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={props.onClose} />
            <Button text="Paste on one line" onClick={() => put(onOneLine(paste.text))} />
            <Button intent="primary" text="Paste" onClick={() => put(paste.text)} />
          </>
        }
      />
    </FocusedDialog>
  );
}

/** Shows where a link of a terminal leads, before it is opened. */
export function LinkDialog({ address, onClose }: { readonly address: string; readonly onClose: () => void }) {
  const shell = useStore(usePage().info, (info) => info.value?.shell ?? 'electron');
  const opens = shell === 'headless' || isKnownAddress(address);
  const open = () => {
    window.open(address, '_blank', 'noopener,noreferrer');
    onClose();
  };
  return (
    <FocusedDialog isOpen title="Open this address?" onClose={onClose}>
      <DialogBody>
        <div className="m-stack">
          <p>A program on the server printed it. The address itself may tell somebody that you opened it.</p>
          <div className="m-mono m-wrap">
            <Copyable text={address} what="the address" />
          </div>
          {opens ? null : (
            <p className="m-muted">
              The app itself opens known documentation only. Copy the address to open it yourself.
            </p>
          )}
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={onClose} />
            {opens ? <Button intent="primary" text="Open in the browser" onClick={open} /> : null}
          </>
        }
      />
    </FocusedDialog>
  );
}

/** Asks before a terminal is closed in which something runs. `command` is null where the server did not say what. */
export function CloseDialog(props: {
  readonly title: string;
  readonly command: string | null;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}) {
  return (
    <FocusedDialog isOpen title={`Close ${printable(props.title)}?`} onClose={props.onClose}>
      <DialogBody>
        {props.command === null ? (
          <p>The server did not say whether something runs in this terminal. If so, closing it ends that.</p>
        ) : (
          <p>
            <span className="m-mono">{printable(props.command)}</span> runs in this terminal. Closing it ends that.
          </p>
        )}
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Keep it open" autoFocus onClick={props.onClose} />
            <Button intent="danger" text="Close the terminal" onClick={props.onConfirm} />
          </>
        }
      />
    </FocusedDialog>
  );
}
