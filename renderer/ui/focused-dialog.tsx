import { Dialog, type DialogProps } from '@blueprintjs/core';

const FIELDS = ['input:checked', 'input:not([type="radio"])', 'select', 'textarea'];
const BUTTONS = ['.bp6-dialog-footer button', 'button'];

/** The first element that can have the focus, by the first selector that finds one. */
function firstOf(dialog: HTMLElement, selectors: readonly string[]): HTMLElement | null {
  const found = selectors.map((selector) => dialog.querySelector<HTMLElement>(`${selector}:not(:disabled)`));
  return found.find((element) => element !== null) ?? null;
}

/**
 * Puts the focus where typing begins: into the first field, or, where there is nothing to fill in, on the safe button, which
 * stands first in the footer. A field that took the focus by itself keeps it.
 */
function focusFirst(dialog: HTMLElement): void {
  if (dialog.contains(document.activeElement)) return;
  const body = dialog.querySelector<HTMLElement>('.bp6-dialog-body');
  const field = body === null ? null : firstOf(body, FIELDS);
  (field ?? firstOf(dialog, BUTTONS))?.focus({ preventScroll: true });
}

/** The library's dialog, which gives the focus to its wrapper, with the focus where a user begins. */
export function FocusedDialog(props: Omit<DialogProps, 'onOpening'>) {
  return <Dialog {...props} onOpening={focusFirst} />;
}
