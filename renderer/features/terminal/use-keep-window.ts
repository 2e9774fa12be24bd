import { useEffect } from 'react';
import { useStore } from 'zustand';
import { usePage } from '../../rpc/hooks';

/** Has a browser ask before its window closes while a terminal is open. A window of the app has no such question. */
export function useKeepWindow(isOpen: boolean): void {
  const isBrowser = useStore(usePage().info, ({ value }) => value?.shell === 'headless');
  useEffect(() => {
    if (!isOpen || !isBrowser) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isOpen, isBrowser]);
}
