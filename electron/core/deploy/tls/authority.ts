import 'reflect-metadata';
import { randomBytes, webcrypto, X509Certificate as NodeCertificate } from 'node:crypto';
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
