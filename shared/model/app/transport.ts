/**
 * How the page finds the core. In the browser (headless host) it is a WebSocket to `RPC_PATH` of the
 * page's own origin. In Electron (`location.protocol` is `app:`) the page posts a `PageReady` to its window
 * and the preload answers with `matriarch:port` and one MessagePort, again after every restart of the core.
 */
export const RPC_PATH = '/rpc';

/**
 * How a browser's window is let in by the headless host. The page posts to `path` what it has: the token of a link
 * (`#token=`, which works once) or the key it was given for one before. The answer is the key, and the page shows it
 * with each WebSocket, as a subprotocol beside `protocol`. A browser sends none of it by itself: a cookie would go to
 * every other program that listens on this computer, whatever its port.
 */
export const ENTRANCE = {
  path: '/enter',
  /** What a window without a valid token and key is shown; answered with 403. */
  shutPath: '/not-let-in',
  tokenHeader: 'matriarch-token',
  keyHeader: 'matriarch-key',
  protocol: 'matriarch',
  keyProtocol: 'matriarch.key.',
} as const;

/** What the preload posts to the window. */
export type ShellMessage =
  | { readonly type: 'matriarch:port' }
  /** The core ended; a new port follows when it has been started again. */
  | { readonly type: 'matriarch:core-lost'; readonly message: string }
  /** A deep link or a notification asks for this cluster. */
  | { readonly type: 'matriarch:open-cluster'; readonly clusterId: string };

/** What the page posts to its own window once it listens. */
export interface PageReady {
  readonly type: 'matriarch:ready';
}
