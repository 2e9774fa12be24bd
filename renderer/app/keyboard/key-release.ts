import { useEffect } from 'react';

/**
 * The keys that click a button. Blueprint's buttons are clicked when one is released on them, whatever had the focus when
 * it was pressed (its useInteractiveAttributes).
 */
const PRESSING = new Set(['Enter', ' ']);

/**
 * Lets a key click only the element on which it was pressed: Enter in a list or a menu may close it, and the same stroke
 * must not click what has the focus then.
 */
export function useKeyRelease(): void {
  useEffect(() => keepKeyReleases(window), []);
}

/** Watches a window as `useKeyRelease` says; answers how to stop. */
export function keepKeyReleases(window: Window): () => void {
  let down: { readonly key: string; readonly on: EventTarget | null } | null = null;
  const swallowElsewhere = (event: KeyboardEvent) => {
    if (!PRESSING.has(event.key) || (down?.key === event.key && down.on === event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const onDown = (event: KeyboardEvent) => {
    if (event.repeat) swallowElsewhere(event);
    else down = { key: event.key, on: event.target };
  };
  const onUp = (event: KeyboardEvent) => {
    swallowElsewhere(event);
    down = null;
  };
  window.addEventListener('keydown', onDown, true);
  window.addEventListener('keyup', onUp, true);
  return () => {
    window.removeEventListener('keydown', onDown, true);
    window.removeEventListener('keyup', onUp, true);
  };
}
