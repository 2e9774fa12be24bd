import { useEffect, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import type { Settings } from '../../shared/model/app/settings';
import { usePage } from '../rpc/hooks';

const DARK = '(prefers-color-scheme: dark)';

function subscribe(listener: () => void): () => void {
  const query = window.matchMedia(DARK);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

/** Whether a choice means dark on this machine now. */
function isDark(theme: Settings['theme'], systemIsDark: boolean): boolean {
  return theme === 'system' ? systemIsDark : theme === 'dark';
}

/** Sets Blueprint's dark class on the body, so that dialogs follow too; answers whether the page is dark. */
export function useTheme(): boolean {
  const theme = useStore(usePage().settings, (settings) => settings.value?.theme ?? 'system');
  const dark = isDark(
    theme,
    useSyncExternalStore(subscribe, () => window.matchMedia(DARK).matches),
  );
  useEffect(() => {
    document.body.classList.toggle('bp6-dark', dark);
    document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
  }, [dark]);
  return dark;
}

/** Sets how much room rows take, on the body, so that every page and dialog follows. */
export function useDensity(): void {
  const density = useStore(usePage().settings, (settings) => settings.value?.density ?? 'compact');
  useEffect(() => {
    document.body.dataset['density'] = density;
  }, [density]);
}
