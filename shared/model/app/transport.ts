/**
 * How the page finds the core. In the browser (headless host) it is a WebSocket to `RPC_PATH` of the
 * page's own origin. In Electron (`location.protocol` is `app:`) the page posts a `PageReady` to its window
 * and the preload answers with `matriarch:port` and one MessagePort, again after every restart of the core.
 */
export const RPC_PATH = '/rpc';

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
