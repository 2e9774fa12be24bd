/**
 * Secrets by id. Ids are made by `put`; they are safe to store in the inventory. Rejects with
 * `vault.locked` until the vault is open and `vault.damaged` when its file cannot be read.
 */
export interface Secrets {
  read(secretId: string): Promise<string | undefined>;
  put(purpose: string, value: string): Promise<string>;
  replace(secretId: string, value: string): Promise<void>;
  remove(secretId: string): Promise<void>;
  /** Every secret the app holds now, for masking. Synchronous; never logged. */
  known(): readonly string[];
}
