import type { ConsentWords } from '../core/platform/consent';

/** What main and the core's process send each other over the process's own port. Ports for windows travel beside `window`. */

/** What main sends. */
export type ToCore =
  | { readonly kind: 'start'; readonly options: CoreStart }
  /** A new window's port comes with it. */
  | { readonly kind: 'window' }
  | { readonly kind: 'sealed'; readonly id: number; readonly data: Uint8Array }
  | { readonly kind: 'opened'; readonly id: number; readonly text: string }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  /** The user's answer to a question of the core. */
  | { readonly kind: 'answered'; readonly id: number; readonly agreed: boolean }
  | { readonly kind: 'close' };

/** What the core is started with. */
export interface CoreStart {
  readonly dataDirectory: string;
  readonly homeDirectory: string;
  readonly version: string;
  readonly user: string;
  /** The keychain's backend, or null where there is none. */
  readonly keychain: string | null;
  readonly demo: boolean;
}

/** What the core sends. */
export type ToMain =
  | { readonly kind: 'ready' }
  /** `backend` is the keychain that the core means: what another one would do with it is not wanted. */
  | { readonly kind: 'encrypt'; readonly id: number; readonly backend: string; readonly text: string }
  | { readonly kind: 'decrypt'; readonly id: number; readonly backend: string; readonly data: Uint8Array }
  | { readonly kind: 'confirm'; readonly id: number; readonly words: ConsentWords }
  | { readonly kind: 'notify'; readonly title: string; readonly body: string; readonly clusterId: string }
  | { readonly kind: 'open-external'; readonly url: string }
  | { readonly kind: 'closed' }
  /** The core could not start; the sentence is for the user. */
  | { readonly kind: 'refused'; readonly message: string };

/** The channels between main and the preload. */
export const CHANNEL = { ready: 'matriarch:ready', port: 'matriarch:port', say: 'matriarch:say' } as const;
