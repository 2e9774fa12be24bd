import { shell, type Session, type WebContents } from 'electron';
import { isKnownAddress } from '../../shared/rules/terminal/link';
import { PAGE_ORIGIN } from './app-scheme';

/** Denies what the page does not need: other pages, windows, permissions, requests and downloads. */
export function lockSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, decide) => {
    decide(permission === 'clipboard-sanitized-write');
  });
  session.setPermissionCheckHandler((_contents, permission) => permission === 'clipboard-sanitized-write');
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest((details, decide) => {
    decide({ cancel: !isOwnRequest(details.url) });
  });
}

/** Keeps a window on its page; links to known documentation go to the user's browser. */
export function lockContents(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => {
    event.preventDefault();
  });
  contents.setWindowOpenHandler(({ url }) => {
    void openExternal(url);
    return { action: 'deny' };
  });
}

/** Opens a known https address in the user's browser; answers false for anything else. */
export async function openExternal(url: string): Promise<boolean> {
  if (!isKnownAddress(url)) return false;
  await shell.openExternal(url);
  return true;
}

/** Compared by origin: a prefix would let app://matriarch.example in. */
export function isOwnPage(url: string): boolean {
  const parsed = parse(url);
  return parsed !== null && parsed.protocol === 'app:' && parsed.host === new URL(PAGE_ORIGIN).host;
}

/** data: and blob: are made by the page itself, for images and for files that it saves; devtools are the developer's own. */
function isOwnRequest(url: string): boolean {
  const protocol = parse(url)?.protocol ?? '';
  return isOwnPage(url) || ['data:', 'devtools:'].includes(protocol) || url.startsWith(`blob:${PAGE_ORIGIN}/`);
}

function parse(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}
