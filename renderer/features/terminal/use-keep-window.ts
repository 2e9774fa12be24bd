import { useEffect } from 'react';

/** Has a browser ask before its window closes while a terminal is open; a window of the app asks by a dialog of the desktop. */
export function useKeepWindow(isOpen: boolean): void {
  useEffect(() => {
    if (!isOpen) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isOpen]);
}
