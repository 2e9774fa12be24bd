import { randomUUID } from 'node:crypto';
import { appError, hasCode, type AppErrorData } from '../../../shared/model/app-error';
import type { Undo } from '../../../shared/model/undo';
import type { Keychain } from '../platform/host';
import { createListeners } from '../platform/listeners';
import { loadVaultFile, saveVaultFile, type VaultContent, type VaultFile } from './vault-file';
import {
  createWithKeychain,
  createWithPassphrase,
  openWithKeychain,
  openWithPassphrase,
  sealContent,
  usableKeychain,
  type OpenVault,
} from './vault-keys';
import type { Secrets } from './secrets';

/** Where the vault stands; the shape the page sees. */
export type VaultState =
  | { readonly kind: 'absent'; readonly method: 'passphrase' | 'keychain' }
  | { readonly kind: 'locked' }
  | { readonly kind: 'open'; readonly method: 'passphrase' | 'keychain' | 'session' };

/** Secrets at rest. Nothing is made on disk before the first secret is to be kept. */
export interface Vault extends Secrets {
  status(): VaultState;
  /** Called with the present status first, then with each change. */
  onStatus(listener: (status: VaultState) => void): Undo;
  /** Makes a vault under a passphrase; secrets of the session move into it. Rejects with `vault.exists`. */
  create(passphrase: string): Promise<void>;
  /** Rejects with `vault.wrong_passphrase` or `vault.damaged`. */
  unlock(passphrase: string): Promise<void>;
  /** Keeps secrets in memory until the app closes; a vault on disk stays as it is. */
  useSession(): void;
  readonly problem: AppErrorData | null;
}

/** What the vault needs. `keychain` is null where there is none. */
export interface VaultDeps {
  readonly path: string;
  readonly keychain: Keychain | null;
  /** Whether the user agreed to a keychain that only hides, but does not protect (Electron's `basic_text`). */
  readonly plainKeychainAllowed: () => boolean;
  readonly now: () => number;
}

/** Reads what there is on disk; a keychain vault is open at once. */
export async function openVault(deps: VaultDeps): Promise<Vault> {
  const load = await loadVaultFile(deps.path, deps.now());
  const vault = new DiskVault(deps, load.file, load.problem);
  await vault.openAtStart();
  return vault;
}

class DiskVault implements Vault {
  problem: AppErrorData | null;
  readonly #deps: VaultDeps;
  #file: VaultFile | null;
  #open: OpenVault | null = null;
  #session: Map<string, VaultContent[string]> | null = null;
  #writing: Promise<unknown> = Promise.resolve();
  readonly #listeners = createListeners<VaultState>();

  constructor(deps: VaultDeps, file: VaultFile | null, problem: AppErrorData | null) {
    this.#deps = deps;
    this.#file = file;
    this.problem = problem;
  }

  async openAtStart(): Promise<void> {
    if (this.#file?.method !== 'keychain') return;
    try {
      this.#open = await openWithKeychain(this.#file, this.#deps.keychain, this.#deps.path);
    } catch (thrown) {
      this.problem = appError(
        'vault.keychain_unavailable',
        'The vault could not be opened with the keychain of this computer.',
        {
          target: this.#deps.path,
          cause: thrown,
          hint: 'Unlock the keychain and start the app again, or keep secrets for this session only.',
        },
      ).data;
    }
  }

  status(): VaultState {
    if (this.#open !== null) return { kind: 'open', method: this.#open.method };
    if (this.#session !== null) return { kind: 'open', method: 'session' };
    if (this.#file !== null) return { kind: 'locked' };
    return { kind: 'absent', method: this.#usableKeychain() === null ? 'passphrase' : 'keychain' };
  }

  onStatus(listener: (status: VaultState) => void): Undo {
    const undo = this.#listeners.add(listener);
    listener(this.status());
    return undo;
  }

  create(passphrase: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#file !== null)
        throw appError('vault.exists', 'There is a vault already.', { hint: 'Unlock it with its passphrase.' });
      await this.#become(await createWithPassphrase(passphrase, this.#sessionContent()));
    });
  }

  unlock(passphrase: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#open !== null) return;
      if (this.#file === null) throw this.#absent();
      const open = await this.#openFile(this.#file, passphrase);
      await this.#become({ ...open, content: { ...open.content, ...this.#sessionContent() } });
    });
  }

  useSession(): void {
    if (this.#open !== null || this.#session !== null) return;
    this.#session = new Map();
    this.#listeners.emit(this.status());
  }

  /** Resolves undefined for an id that is not kept; an empty id never is. */
  async read(secretId: string): Promise<string | undefined> {
    await this.#writing;
    if (secretId === '') return undefined;
    if (this.#open !== null) return this.#open.content[secretId]?.value;
    if (this.#session !== null) return this.#session.get(secretId)?.value;
    if (this.#file !== null) throw this.#locked();
    return undefined;
  }

  put(purpose: string, value: string): Promise<string> {
    return this.#inTurn(async () => {
      const id = randomUUID();
      await this.#write((content) => ({ ...content, [id]: { purpose, value } }));
      return id;
    });
  }

  replace(secretId: string, value: string): Promise<void> {
    return this.#inTurn(() =>
      this.#write((content) => ({ ...content, [secretId]: { purpose: content[secretId]?.purpose ?? '', value } })),
    );
  }

  remove(secretId: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.status().kind === 'absent') return;
      await this.#write((content) => Object.fromEntries(Object.entries(content).filter(([id]) => id !== secretId)));
    });
  }

  known(): readonly string[] {
    const content = [...Object.values(this.#open?.content ?? {}), ...(this.#session?.values() ?? [])];
    return content.map((secret) => secret.value).filter((value) => value !== '');
  }

  /** One change at a time; a failed one does not stop the next. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(work);
    this.#writing = done.catch(() => undefined);
    return done;
  }

  async #write(edit: (content: VaultContent) => VaultContent): Promise<void> {
    if (this.#open === null && this.#session !== null) {
      this.#session = new Map(Object.entries(edit(this.#sessionContent())));
      return;
    }
    const open = this.#open ?? (await this.#firstVault());
    await this.#become({ ...open, content: edit(open.content) });
  }

  async #firstVault(): Promise<OpenVault> {
    if (this.#file !== null) throw this.#locked();
    const keychain = this.#usableKeychain();
    if (keychain === null) throw this.#absent();
    return createWithKeychain(keychain);
  }

  /** Writes an open vault to disk and makes it the present one. */
  async #become(open: OpenVault): Promise<void> {
    const file = sealContent(open);
    await saveVaultFile(this.#deps.path, file);
    const before = this.status();
    this.#file = file;
    this.#open = open;
    this.#session = null;
    const after = this.status();
    if (JSON.stringify(before) !== JSON.stringify(after)) this.#listeners.emit(after);
  }

  async #openFile(file: VaultFile, passphrase: string): Promise<OpenVault> {
    if (file.method === 'passphrase') return openWithPassphrase(file, passphrase, this.#deps.path);
    try {
      return await openWithKeychain(file, this.#deps.keychain, this.#deps.path);
    } catch (thrown) {
      if (hasCode(thrown, 'vault.damaged')) throw thrown;
      throw appError(
        'vault.keychain_unavailable',
        'This vault is opened by the keychain of the computer, not by a passphrase.',
        {
          cause: thrown,
          hint: 'Unlock the keychain and start the app again.',
        },
      );
    }
  }

  #sessionContent(): VaultContent {
    return Object.fromEntries(this.#session ?? []);
  }

  #usableKeychain(): Keychain | null {
    return usableKeychain(this.#deps.keychain, this.#deps.plainKeychainAllowed());
  }

  #locked() {
    return appError('vault.locked', 'The vault is locked.', {
      retryable: true,
      hint: 'Unlock it with its passphrase, or keep secrets for this session only.',
    });
  }

  #absent() {
    return appError('vault.absent', 'There is no vault yet to keep this secret in.', {
      retryable: true,
      hint: 'Choose a passphrase for a vault, or keep secrets for this session only.',
    });
  }
}
