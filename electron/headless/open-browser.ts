import { spawn } from 'node:child_process';

/** The system's program that opens an address, with its arguments. */
export function browserCommand(platform: string, url: string): readonly [string, readonly string[]] {
  if (platform === 'darwin') return ['open', [url]];
  if (platform === 'win32') return ['explorer.exe', [url]];
  return ['xdg-open', [url]];
}

/** Opens the default browser; where there is none the printed address remains. */
export function openBrowser(platform: string, url: string): void {
  const [command, args] = browserCommand(platform, url);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
