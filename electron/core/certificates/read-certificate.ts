import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { CertificateDetails } from '../../../shared/model/certificates/certificates';

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
/** More certificates than this in one file are not a chain. */
const MOST = 200;
/** A longer chain than this is none that a service shows. */
const DEEPEST = 10;
const MOST_NAMES = 100;
const MOST_TEXT = 500;

/** The certificates in a text of PEM blocks, in their order; what is no certificate is left out. */
export function certificatesIn(text: string): readonly X509Certificate[] {
  return [...text.matchAll(BLOCK)].slice(0, MOST).flatMap(([block]) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });
}

/** What a certificate says. `authority`: the one that this app made for the cluster. */
export function detailsOf(cert: X509Certificate, authority: X509Certificate | null): CertificateDetails {
  return {
    subject: inOneLine(cert.subject),
    issuer: inOneLine(cert.issuer),
    names: namesOf(cert),
    from: Date.parse(cert.validFrom),
    until: Date.parse(cert.validTo),
    fingerprint: cert.fingerprint256,
    signedBy: signerOf(cert, authority),
  };
}

function inOneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ').slice(0, MOST_TEXT);
}

/** Node quotes a name that would not be told apart from its list otherwise. */
function namesOf({ subjectAltName }: X509Certificate): readonly string[] {
  return [...(subjectAltName ?? '').matchAll(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g)]
    .map(([entry]) => entry.trim().replace(/^(?:DNS|IP Address|URI|email):/, ''))
    .slice(0, MOST_NAMES)
    .map((name) => name.slice(0, MOST_TEXT));
}

function signerOf(cert: X509Certificate, authority: X509Certificate | null): CertificateDetails['signedBy'] {
  if (authority !== null && isSignedBy(cert, authority)) return 'app';
  return isSignedBy(cert, cert) ? 'itself' : 'other';
}

function isSignedBy(cert: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return cert.checkIssued(issuer) && cert.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

/**
 * Why a chain does not lead to one of the trusted certificates at a moment; null: it does. The first of the chain is the service's own;
 * the others may come in any order. A certificate that is itself among the trusted ones is trusted.
 */
export function whyNotTrusted(
  chain: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
  now: number,
): string | null {
  let present = chain[0];
  for (let depth = 0; present !== undefined && depth < DEEPEST; depth += 1) {
    const cert = present;
    const late = whyNotNow(cert, now);
    if (late !== null) return late;
    if (trusted.some(({ fingerprint256 }) => fingerprint256 === cert.fingerprint256)) return null;
    const root = trusted.find((one) => isSignedBy(cert, one));
    if (root !== undefined) return whyNotNow(root, now);
    present = chain.find((one) => one !== cert && one.ca && isSignedBy(cert, one));
  }
  const last = chain[0];
  return last === undefined
    ? 'no certificate was shown'
    : `it is signed by ${inOneLine(last.issuer) || 'nobody that it names'}, whom that file does not hold`;
}

function whyNotNow(cert: X509Certificate, now: number): string | null {
  if (now > Date.parse(cert.validTo)) return `${inOneLine(cert.subject) || 'a certificate'} has ended`;
  return now < Date.parse(cert.validFrom) ? `${inOneLine(cert.subject) || 'a certificate'} is not valid yet` : null;
}

/** Whether a certificate is good for a host name or an address. `namesOnly`: the subject counts for nothing, as for programs in Go. */
export function fitsAddress(cert: X509Certificate, address: string, namesOnly: boolean): boolean {
  if (isIP(address) !== 0) return cert.checkIP(address) !== undefined;
  return cert.checkHost(address, { subject: namesOnly ? 'never' : 'default' }) !== undefined;
}
