import { ipcRenderer } from 'electron';
import { CHANNEL } from '../main/messages';

/** The little of the page's window that is used here; the preload is checked without the types of a page. */
interface PageWindow {
  readonly location: { readonly origin: string };
  addEventListener(
    type: 'message',
    listener: (event: { readonly source: unknown; readonly data: unknown }) => void,
  ): void;
  postMessage(message: unknown, targetOrigin: string, transfer?: readonly unknown[]): void;
}

declare const window: PageWindow;

/** The page says when it listens; main answers with a port, which is handed on. Nothing else is exposed. */
window.addEventListener('message', ({ source, data }) => {
  if (source === window && isReady(data)) ipcRenderer.send(CHANNEL.ready);
});
ipcRenderer.on(CHANNEL.port, (event) => {
  window.postMessage({ type: CHANNEL.port }, window.location.origin, event.ports);
});
ipcRenderer.on(CHANNEL.say, (_event, message: unknown) => {
  window.postMessage(message, window.location.origin);
});

function isReady(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'type' in data && data.type === CHANNEL.ready;
}
