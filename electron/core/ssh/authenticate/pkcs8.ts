import type { KeyObject } from 'node:crypto';

const HEADER = /^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----\s*$/m;

/** Whether a file holds a key in PKCS#8, as OpenSSL and `ssh-keygen -m PKCS8` write it. */
export function isPkcs8(file: Buffer): boolean {
  return HEADER.test(file.toString('latin1'));
}

/** Whether that key needs a passphrase. */
export function isEncryptedPkcs8(file: Buffer): boolean {
  return HEADER.exec(file.toString('latin1'))?.[1] !== undefined;
}

const CURVES: Readonly<Record<string, string>> = { 'P-256': 'nistp256', 'P-384': 'nistp384', 'P-521': 'nistp521' };

function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A number as SSH writes it (RFC 4251, mpint): no leading zeros but the one that keeps it positive. */
function numberField(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = first < 0 ? Buffer.alloc(0) : bytes.subarray(first);
  return field((short[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), short]) : short);
}

/** The type and public part of a key in SSH's form (RFC 4253, 5656, 8709); null for a type that SSH does not know. */
export function publicBlobOf(key: KeyObject): { readonly type: string; readonly publicBlob: Buffer } | null {
  const {
    kty,
    crv = '',
    e = '',
    n = '',
    x = '',
    y = '',
  } = key.asymmetricKeyType === 'rsa-pss' ? {} : key.export({ format: 'jwk' });
  const word = (text: string): Buffer => field(Buffer.from(text));
  if (kty === 'RSA')
    return { type: 'ssh-rsa', publicBlob: Buffer.concat([word('ssh-rsa'), numberField(e), numberField(n)]) };
  if (kty === 'OKP' && crv === 'Ed25519') {
    const type = 'ssh-ed25519';
    return { type, publicBlob: Buffer.concat([word(type), field(Buffer.from(x, 'base64url'))]) };
  }
  const curve = CURVES[crv];
  if (kty !== 'EC' || curve === undefined) return null;
  const type = `ecdsa-sha2-${curve}`;
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return { type, publicBlob: Buffer.concat([word(type), word(curve), field(point)]) };
}
