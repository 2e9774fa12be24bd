/**
 * What Electron alone can do, as the core sees it. electron/main implements it with the keychain,
 * native dialogs and notifications; electron/headless without them.
 */
export interface Host {
  readonly shell: 'electron' | 'headless';
  /** The OS keychain, or null where there is none that may be used; then the vault asks for a passphrase. */
  readonly keychain: Keychain | null;
  /** Notifies on the desktop; a click on it opens the cluster. */
  notify(title: string, body: string, clusterId: string): void;
  /** Opens an https address in the user's browser; other schemes are refused. */
  openExternal(url: string): Promise<void>;
  /**
   * Asks the user outside of the page, which may have been tricked: in a dialog of the desktop, or at the terminal. Resolves
   * to whether the user agreed; nobody there to ask is a no.
   */
  confirm(question: ConsentQuestion): Promise<boolean>;
}

/** What the user is asked outside of the page. */
export type ConsentQuestion =
  /** Whether a file or a directory of this computer may be read, written or sent to servers. `path` is absolute. */
  | { readonly kind: 'file'; readonly path: string }
  /** Whether a password is shown in clear. */
  | { readonly kind: 'reveal'; readonly secret: string; readonly cluster: string };

/** Encryption by the OS keychain. `backend` is kept beside what it wrote. */
export interface Keychain {
  readonly backend: string;
  encrypt(plain: string): Promise<Buffer>;
  decrypt(sealed: Buffer): Promise<string>;
}
