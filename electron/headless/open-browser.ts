import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writePrivateFile } from '../core/platform/private-file';

/** The system's program that opens a file, with its arguments. */
export function browserCommand(platform: string, file: string): readonly [string, readonly string[]] {
  if (platform === 'darwin') return ['open', [file]];
  if (platform === 'win32') return ['explorer.exe', [file]];
  return ['xdg-open', [pathToFileURL(file).href]];
}

/** The file that leads a browser to the link. */
const FILE = 'open-in-browser.html';

/** A browser that has not read the file by then will not, ms. */
const KEEP_MS = 60_000;

/**
 * Opens the default browser at a link that lets it in; where there is none the printed address remains. Others on this
 * computer see the arguments of every program, so the link itself stands in a file that its owner alone may read.
 * Resolves to what removes the file; that also happens by itself after a minute.
 */
export async function openBrowser(
  directory: string,
  url: string,
  start: (file: string) => void,
): Promise<() => Promise<void>> {
  const file = join(directory, FILE);
  const remove = (): Promise<void> => rm(file, { force: true });
  await writePrivateFile(file, leadingTo(url));
  start(file);
  const timer = setTimeout(() => {
    void remove().catch(() => undefined);
  }, KEEP_MS);
  timer.unref();
  return async () => {
    clearTimeout(timer);
    await remove();
  };
}

/** Starts the system's own program on a file, and lets it go. */
export function startBrowser(file: string): void {
  const [command, args] = browserCommand(process.platform, file);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

/** The address has no character that would need to be written otherwise in HTML: it is made of numbers and base64url. */
function leadingTo(url: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${url}">
<title>Matriarch</title>
<p><a href="${url}">Matriarch</a></p>
`;
}
