import { useState, type HTMLAttributes, type KeyboardEvent, type PointerEvent } from 'react';

const LEAST = 120;
const FIRST = 320;
const STEP = 24;
/** What stays of the page above, pixels. */
const ABOVE = 96;

/** The height of the terminals in pixels, and the bar that changes it by mouse and by arrow keys. */
export function useDockHeight() {
  const [height, setHeight] = useState(FIRST);
  const [isWhole, setWhole] = useState(false);
  const most = Math.max(LEAST, window.innerHeight - ABOVE);
  const put = (wanted: number) => {
    setWhole(false);
    setHeight(Math.min(most, Math.max(LEAST, wanted)));
  };
  const value = isWhole ? most : Math.min(height, most);
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) put(window.innerHeight - event.clientY);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowUp') put(value + STEP);
    else if (event.key === 'ArrowDown') put(value - STEP);
    else return;
    event.preventDefault();
  };
  const handle: HTMLAttributes<HTMLElement> = {
    className: 'm-terminals-handle',
    role: 'separator',
    tabIndex: 0,
    'aria-label': 'Height of the terminals',
    'aria-orientation': 'horizontal',
    'aria-valuemin': LEAST,
    'aria-valuemax': most,
    'aria-valuenow': value,
    onPointerDown: (event) => event.currentTarget.setPointerCapture(event.pointerId),
    onPointerMove,
    onKeyDown,
  };
  return { value, isWhole, handle, toggle: () => setWhole((before) => !before) };
}
