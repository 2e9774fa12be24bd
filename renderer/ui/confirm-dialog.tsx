import './styles/dialog.css';
import { Button, DialogBody, DialogFooter } from '@blueprintjs/core';
import { useState, type ReactNode } from 'react';
import type { AppErrorData } from '../../shared/model/app-error';
import { FocusedDialog } from './focused-dialog';
import { ErrorNotice } from './notice';
import { ReasonButton } from './reason-button';
import { printable } from './text';
import { TypedName, whyNotTyped } from './typed-name';

interface ConfirmProps {
  readonly title: string;
  /** Whether what was confirmed is being started, and the error that it was refused with. */
  readonly start: { readonly busy: boolean; readonly error: AppErrorData | null };
  /** The button that confirms. */
  readonly confirm: { readonly text: string; readonly intent: 'primary' | 'danger' };
  /** What the button says that changes nothing; without it: Cancel. */
  readonly keepText?: string;
  /** What has to be typed first; null or left out: nothing. */
  readonly wanted?: string | null;
  /** How the same is done without the app, folded away. */
  readonly equivalent?: { readonly summary: string; readonly content: ReactNode };
  /** Gets what was typed; null where nothing had to be. */
  readonly onConfirm: (typed: string | null) => void;
  readonly onClose: () => void;
  /** What it is about, and what follows from it. */
  readonly children: ReactNode;
}

/** Asks once before something is done: what it is, what follows, and a name to type where that is wanted. */
export function ConfirmDialog(props: ConfirmProps) {
  const { start, confirm, equivalent, wanted = null } = props;
  const [typed, setTyped] = useState('');
  return (
    <FocusedDialog
      isOpen
      className="m-operate"
      title={printable(props.title)}
      onClose={props.onClose}
      canOutsideClickClose={false}
    >
      <DialogBody>
        <div className="m-stack">
          {start.error === null ? null : <ErrorNotice error={start.error} />}
          {props.children}
          <TypedName wanted={wanted} typed={typed} onTyped={setTyped} />
          {equivalent === undefined ? null : (
            <details className="m-details">
              <summary>{equivalent.summary}</summary>
              {equivalent.content}
            </details>
          )}
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text={props.keepText ?? 'Cancel'} onClick={props.onClose} />
            <ReasonButton
              intent={confirm.intent}
              data-testid="confirm"
              text={confirm.text}
              loading={start.busy}
              why={whyNotTyped(wanted, typed)}
              onClick={() => props.onConfirm(wanted === null ? null : typed)}
            />
          </>
        }
      />
    </FocusedDialog>
  );
}
