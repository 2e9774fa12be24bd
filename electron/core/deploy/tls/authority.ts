import 'reflect-metadata';
import { createPrivateKey, randomBytes, webcrypto, X509Certificate as NodeCertificate } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { CertificateFacts } from '../../../../shared/model/deploy/facts';
import type { IssuedCertificate } from '../resources/script-context';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 24 * 3_600_000;
/** Long enough that a forgotten cluster does not stop, short enough that keys change. */
const authorityDays = 3650;
const serverDays = 397;
/** Clocks differ a little: what is made now is valid an hour ago. */
const backdateMs = 3_600_000;

/** A private authority: its certificate, and its key, which never leaves the vault. */
export interface Authority {
  readonly cert: string;
  readonly key: string;
}

/** An authority as services know it: while it changes, the one that comes or goes is trusted, too. */
export interface TrustedAuthority extends Authority {
  /** All trusted certificates, one after another; the authority's own is the first. */
  readonly trusted: string;
}

/** What a certificate shall say. */
export interface CertificateWish {
  readonly commonName: string;
  readonly names: readonly string[];
  readonly addresses: readonly string[];
}

/** Makes an authority for one cluster (ECDSA P-256, ten years). */
export async function makeAuthority(title: string, now: number): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const cert = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: [{ CN: [title] }],
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(now - backdateMs),
    notAfter: new Date(now + authorityDays * day),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pem(cert), key: await keyText(keys.privateKey) };
}

/** Makes a key and its certificate, good for a server and for a client, a little over a year. */
export async function issue(
  authority: TrustedAuthority,
  wish: CertificateWish,
  now: number,
): Promise<IssuedCertificate> {
  const ca = new X509Certificate(authority.cert);
  const signer = await webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(authority.key), algorithm, false, [
    'sign',
  ]);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const cert = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: [{ CN: [wish.commonName] }],
    issuer: ca.subjectName,
    publicKey: keys.publicKey,
    signingKey: signer,
    signingAlgorithm: algorithm,
    notBefore: new Date(now - backdateMs),
    notAfter: new Date(now + serverDays * day),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension([
        ...wish.names.map((value) => ({ type: 'dns' as const, value })),
        ...wish.addresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(ca.publicKey),
    ],
  });
  return { ca: authority.trusted, cert: pem(cert), key: await keyText(keys.privateKey) };
}

/**
 * Makes a key and a certificate that says what another one says: subject, names and uses. It ends in a little over a year, no later than
 * the authority, whose key may be of RSA, of a curve or Ed25519.
 */
export async function reissue(
  authority: Authority,
  old: string,
  now: number,
): Promise<Pick<IssuedCertificate, 'cert' | 'key'>> {
  const [ca, before] = [new X509Certificate(authority.cert), new X509Certificate(old)];
  const { signingKey, signingAlgorithm } = await signerOf(authority.key);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const names = before.getExtension(SubjectAlternativeNameExtension);
  const uses = before.getExtension(ExtendedKeyUsageExtension);
  const authorityKey = ca.getExtension(SubjectKeyIdentifierExtension);
  const cert = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: before.subjectName,
    issuer: ca.subjectName,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm,
    notBefore: new Date(Math.max(now - backdateMs, ca.notBefore.getTime())),
    notAfter: new Date(Math.min(now + serverDays * day, ca.notAfter.getTime())),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      uses ?? new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      ...(names === null ? [] : [names]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      authorityKey === null
        ? await AuthorityKeyIdentifierExtension.create(ca.publicKey)
        : new AuthorityKeyIdentifierExtension(authorityKey.keyId),
    ],
  });
  return { cert: pem(cert), key: await keyText(keys.privateKey) };
}

type SigningAlgorithm =
  | { readonly name: 'RSASSA-PKCS1-v1_5'; readonly hash: string }
  | { readonly name: 'ECDSA'; readonly namedCurve: string; readonly hash: string }
  | { readonly name: 'Ed25519' };

const curves: Readonly<Record<string, SigningAlgorithm>> = {
  prime256v1: algorithm,
  secp384r1: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  secp521r1: { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
};

/** Whether certificates can be signed with this key; its text is PKCS 8 in PEM. */
export function canSign(key: string): boolean {
  return signingAlgorithmOf(key) !== null;
}

function signingAlgorithmOf(key: string): SigningAlgorithm | null {
  const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(key);
  switch (asymmetricKeyType) {
    case 'rsa':
      return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    case 'ec':
      return curves[asymmetricKeyDetails?.namedCurve ?? ''] ?? null;
    case 'ed25519':
      return { name: 'Ed25519' };
    default:
      return null;
  }
}

async function signerOf(
  key: string,
): Promise<{ readonly signingKey: webcrypto.CryptoKey; readonly signingAlgorithm: SigningAlgorithm }> {
  const signingAlgorithm = signingAlgorithmOf(key);
  if (signingAlgorithm === null) throw new Error('Certificates cannot be signed with a key of this kind.');
  const bytes = PemConverter.decodeFirst(key);
  const signingKey = await webcrypto.subtle.importKey('pkcs8', bytes, signingAlgorithm, false, ['sign']);
  return { signingKey, signingAlgorithm };
}

/** What a certificate found on a server says, and whether this authority signed it. Null for what is no certificate. */
export function readCertificate(
  text: string,
  caBeside: string | null,
  authority: Pick<TrustedAuthority, 'cert' | 'trusted'>,
): CertificateFacts | null {
  try {
    const cert = new NodeCertificate(text);
    const ca = new NodeCertificate(authority.cert);
    const names = (cert.subjectAltName ?? '').split(', ').map((entry) => entry.replace(/^(?:DNS|IP Address):/, ''));
    return {
      ours: cert.verify(ca.publicKey),
      names,
      notAfter: Date.parse(cert.validTo),
      authorityCurrent: caBeside !== null && caBeside.trim() === authority.trusted.trim(),
    };
  } catch {
    return null;
  }
}

/** When a certificate ends, ms since the epoch; null for what is no certificate. */
export function endOf(cert: string): number | null {
  try {
    return Date.parse(new NodeCertificate(cert).validTo);
  } catch {
    return null;
  }
}

/** Positive and random, as RFC 5280 (4.1.2.2) wants it. */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function pem(cert: X509Certificate): string {
  return `${cert.toString('pem')}\n`;
}

async function keyText(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}
