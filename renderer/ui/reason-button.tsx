import { Button, PopoverNext, type ButtonProps } from '@blueprintjs/core';
import { useId } from 'react';
import { printable } from './text';

/**
 * A button that says why it cannot be pressed now. With a reason it still takes the focus and the mouse, shows the reason
 * to both, and a screen reader reads it; `title` explains it while it can be pressed.
 */
export function ReasonButton({ why, ...button }: ButtonProps & { readonly why: string | null }) {
  const id = useId();
  if (why === null) return <Button {...button} />;
  const { title: _explains, onClick: _acts, ...look } = button;
  return (
    <PopoverNext
      content={<p className="m-term-text">{printable(why)}</p>}
      interactionKind="hover-target"
      placement="bottom"
      animation="minimal"
      openOnTargetFocus
      targetTagName="span"
    >
      <span>
        <Button {...look} className={`m-off ${button.className ?? ''}`} aria-disabled aria-describedby={id} />
        <span id={id} className="m-hidden">
          {printable(why)}
        </span>
      </span>
    </PopoverNext>
  );
}
