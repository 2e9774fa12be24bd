import { relative, isAbsolute } from 'node:path';
import type { ConsentQuestion, Host } from '../core/platform/host';

/** What the host without Electron is given. */
export interface HeadlessHostOptions {
  /** Directories whose files may be used without a question; absolute. */
  readonly files: readonly string[];
  /** Asks at the terminal; resolves to false where there is none. */
  readonly ask: Host['confirm'];
}

/** The host without Electron: no keychain, no notifications of the desktop; links are opened by the browser itself. */
export function headlessHost({ files, ask }: HeadlessHostOptions): Host {
  return {
    shell: 'headless',
    keychain: null,
    notify: () => undefined,
    openExternal: () => Promise.resolve(),
    confirm: (question) => (isBelow(question, files) ? Promise.resolve(true) : ask(question)),
  };
}

function isBelow(question: ConsentQuestion, directories: readonly string[]): boolean {
  if (question.kind !== 'file') return false;
  return directories.some((directory) => {
    const way = relative(directory, question.path);
    return way !== '..' && !/^\.\.[/\\]/.test(way) && !isAbsolute(way);
  });
}
