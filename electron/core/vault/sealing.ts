import { createCipheriv, createDecipheriv, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Parameters of scrypt as the vault file keeps them; `salt` is base64. */
export interface KdfParameters {
  readonly name: 'scrypt';
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
}

/** A text under AES-256-GCM; all parts base64. */
export interface Sealed {
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

/** What a passphrase gives: a key to seal with, and a value that tells a wrong passphrase from a damaged file. */
export interface DerivedKey {
  readonly key: Buffer;
  readonly check: Buffer;
}

/** New parameters with a fresh salt: 128 MiB of memory for each guess. */
export function newKdf(): KdfParameters {
  return { name: 'scrypt', n: 131_072, r: 8, p: 1, salt: randomBytes(32).toString('base64') };
}

/** Derives the key of a passphrase; takes some hundred ms off the main thread. */
export async function deriveKey(passphrase: string, kdf: KdfParameters): Promise<DerivedKey> {
  const options = { N: kdf.n, r: kdf.r, p: kdf.p, maxmem: 256 * kdf.n * kdf.r };
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), Buffer.from(kdf.salt, 'base64'), 64, options, (error, derived) => {
      if (error === null) resolve(derived);
      else reject(error);
    });
  });
  return { key: bytes.subarray(0, 32), check: bytes.subarray(32) };
}

/** A key for a vault whose key the OS keychain keeps. */
export function randomKey(): Buffer {
  return randomBytes(32);
}

/** Seals a text; `label` is bound to it, so that a sealed text cannot be moved to another place. */
export function seal(plain: string, key: Buffer, label: string): Sealed {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(label));
  const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return { iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), data: data.toString('base64') };
}

/** Opens a sealed text; throws when the key, the label or a single bit is another. */
export function unseal(sealed: Sealed, key: Buffer, label: string): string {
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.iv, 'base64'), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(label)).setAuthTag(Buffer.from(sealed.tag, 'base64'));
  return Buffer.concat([decipher.update(Buffer.from(sealed.data, 'base64')), decipher.final()]).toString('utf8');
}

/** Compares in a time that does not tell where the difference is. */
export function sameBytes(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
