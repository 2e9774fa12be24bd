import { readFile } from 'node:fs/promises';
import ssh2 from 'ssh2';
import type { BaseAgent, IdentityCallback, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2';

const OPENSSH_BLOCK = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END OPENSSH PRIVATE KEY-----/;
const OPENSSH_MAGIC = 'openssh-key-v1\0';

/** The public part of an OpenSSH private key (PROTOCOL.key): it stands before the encrypted part, and needs no passphrase. */
function publicPartOfOpenSsh(file: Buffer): string | null {
  const body = OPENSSH_BLOCK.exec(file.toString('latin1'))?.[1];
  const bytes = Buffer.from(body ?? '', 'base64');
  if (!bytes.toString('latin1').startsWith(OPENSSH_MAGIC)) return null;
  let at = OPENSSH_MAGIC.length;
  const next = (): Buffer | null => {
    if (at + 4 > bytes.length) return null;
    const length = bytes.readUInt32BE(at);
    const field = bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return field.length === length ? field : null;
  };
  // Cipher, key derivation, its options, then the number of keys.
  const hasHeader = [next(), next(), next()].every((field) => field !== null);
  at += 4;
  const found = hasHeader ? next() : null;
  return found === null ? null : found.toString('base64');
}

/** The public part of a key file: from the file beside it, or from itself where it can be read; null where neither says it. */
async function publicPartOf(path: string): Promise<string | null> {
  for (const file of [`${path}.pub`, path]) {
    const text = await readFile(file).catch(() => null);
    const parsed = text === null || text.length > 1024 * 1024 ? null : ssh2.utils.parseKey(text);
    if (parsed !== null && !(parsed instanceof Error)) return parsed.getPublicSSH().toString('base64');
    const own = text === null || text.length > 1024 * 1024 ? null : publicPartOfOpenSsh(text);
    if (own !== null) return own;
  }
  return null;
}

/**
 * An agent whose keys are offered as OpenSSH does it: those of the key files first, in their order, then the others, or none of
 * them with `only` (ssh_config(5), IdentitiesOnly). A server counts each offer as an attempt.
 */
export class ChosenKeys extends ssh2.BaseAgent<ParsedKey> {
  readonly #agent: BaseAgent<ParsedKey>;
  readonly #files: readonly string[];
  readonly #only: boolean;

  constructor(socket: string, files: readonly string[], only: boolean) {
    super();
    this.#agent = ssh2.createAgent(socket) as BaseAgent<ParsedKey>;
    this.#files = files;
    this.#only = only;
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    this.#agent.getIdentities((error, keys) => {
      if (error !== undefined && error !== null) done(error);
      else
        this.#chosen((keys ?? []) as ParsedKey[]).then(
          (chosen) => {
            done(null, chosen);
          },
          (thrown: unknown) => {
            done(thrown instanceof Error ? thrown : new Error('The key files could not be read.'));
          },
        );
    });
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, done);
  }

  async #chosen(keys: readonly ParsedKey[]): Promise<ParsedKey[]> {
    const wanted = await Promise.all(this.#files.map(publicPartOf));
    const rankOf = (key: ParsedKey): number => wanted.indexOf(key.getPublicSSH().toString('base64'));
    const named = keys.filter((key) => rankOf(key) >= 0).sort((a, b) => rankOf(a) - rankOf(b));
    return this.#only ? named : [...named, ...keys.filter((key) => rankOf(key) < 0)];
  }
}
