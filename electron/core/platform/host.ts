/**
 * What Electron alone can do, as the core sees it. electron/main implements it with the keychain,
 * native dialogs and notifications; electron/headless without them.
 */
export interface Host {
  readonly shell: 'electron' | 'headless';
  /** The OS keychain, or null where there is none that may be used; then the vault asks for a passphrase. */
  readonly keychain: Keychain | null;
  notify(title: string, body: string): void;
  /** Opens an https address in the user's browser; other schemes are refused. */
  openExternal(url: string): Promise<void>;
}

/** Encryption by the OS keychain. `backend` is kept beside what it wrote. */
export interface Keychain {
  readonly backend: string;
  encrypt(plain: string): Promise<Buffer>;
  decrypt(sealed: Buffer): Promise<string>;
}
