// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfirmDialog } from '../../../../renderer/ui/confirm-dialog';

afterEach(cleanup);

/** Opens the dialog and answers what it was confirmed with. */
function open(wanted: string | null): readonly (string | null)[] {
  const confirmed: (string | null)[] = [];
  render(
    <ConfirmDialog
      title="A question"
      start={{ busy: false, error: null }}
      confirm={{ text: 'Restart', intent: 'danger' }}
      wanted={wanted}
      onConfirm={(typed) => confirmed.push(typed)}
      onClose={() => undefined}
    >
      <p>It stops.</p>
    </ConfirmDialog>,
  );
  return confirmed;
}

const press = () => fireEvent.click(screen.getByTestId('confirm'));

describe('a dialog that asks once', () => {
  it('confirms nothing before the name was typed, and then hands on what was typed', () => {
    const confirmed = open('orders');
    press();
    fireEvent.change(screen.getByLabelText('Type orders to confirm'), { target: { value: 'order' } });
    press();
    expect(confirmed).toEqual([]);
    expect(screen.getByText('Type orders to confirm.')).toBeDefined();
    fireEvent.change(screen.getByLabelText('Type orders to confirm'), { target: { value: ' orders' } });
    press();
    expect(confirmed).toEqual([' orders']);
  });

  it('confirms at once where no name is wanted, with nothing typed', () => {
    const confirmed = open(null);
    expect(screen.queryByRole('textbox')).toBeNull();
    press();
    expect(confirmed).toEqual([null]);
  });
});
