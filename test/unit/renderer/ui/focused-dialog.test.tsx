// @vitest-environment jsdom
import { Button, DialogBody, DialogFooter } from '@blueprintjs/core';
import type { ReactNode } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { cleanup, render } from '@testing-library/react';
import { FocusedDialog } from '../../../../renderer/ui/focused-dialog';

afterEach(cleanup);

const named = () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent;

function open(body: ReactNode): void {
  render(
    <FocusedDialog isOpen title="A question">
      <DialogBody>{body}</DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" />
            <Button intent="danger" text="Remove" />
          </>
        }
      />
    </FocusedDialog>,
  );
}

describe('a dialog that opens', () => {
  it('has the focus in its first field', async () => {
    open(
      <>
        <input aria-label="disabled" disabled />
        <input aria-label="name" />
        <input aria-label="host" />
      </>,
    );
    await expect.poll(named).toBe('name');
  });

  it('has the focus on what is chosen where it asks for a choice', async () => {
    open(
      <>
        <input type="radio" name="data" aria-label="remove" />
        <input type="radio" name="data" aria-label="keep" defaultChecked />
      </>,
    );
    await expect.poll(named).toBe('keep');
  });

  it('has the focus on its safe button where there is nothing to fill in', async () => {
    open(<p>The cluster is removed.</p>);
    await expect.poll(named).toBe('Cancel');
  });

  it('leaves the focus to a field that took it by itself', async () => {
    open(
      <>
        <input aria-label="first" />
        <input aria-label="password" autoFocus />
      </>,
    );
    await expect.poll(named).toBe('password');
  });
});
