import type { Host } from '../core/platform/host';

/** The host without Electron: no keychain, no notifications of the desktop; links are opened by the browser itself. */
export function headlessHost(): Host {
  return {
    shell: 'headless',
    keychain: null,
    notify: () => undefined,
    openExternal: () => Promise.resolve(),
  };
}
