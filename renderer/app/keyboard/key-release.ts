import { useEffect } from 'react';

/** The keys that press a button. Blueprint's buttons are clicked when one is let go on them, whoever had the focus when it went down (its useInteractiveAttributes). */
const PRESSING = new Set(['Enter', ' ']);

/** Lets a key press nothing but what it went down on: Enter in a list or a menu may close it, and what has the focus then must not be clicked by the same stroke. */
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
