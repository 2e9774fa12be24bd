import {
  createHash,
  createPrivateKey,
  createPublicKey,
  randomUUID,
  type KeyObject,
  type X509Certificate,
} from 'node:crypto';
import type {
  CertificateFile,
  GivenCertificates,
  NewCertificate,
} from '../../../../shared/model/repair/certificate-repair';
import { momentInWords, namesInWords } from '../../../../shared/rules/words/wording';
import { certificatesIn, detailsOf, whyNotTrusted } from '../../certificates/read-certificate';
import type { Authority } from '../../deploy/tls/authority';
import { publicKeyOf } from './look-at-files';

/** A file as the user gave it. */
export interface GivenText {
  readonly name: string;
  readonly text: string;
}

interface GivenKey {
  readonly pem: string;
  readonly publicKey: string;
}

/** What was given, sorted by what it is. It lies in memory, and nowhere else. */
export interface GivenMaterial {
  readonly certificates: readonly {
    readonly cert: X509Certificate;
    readonly chain: readonly X509Certificate[];
    readonly from: string;
  }[];
  readonly authorities: readonly X509Certificate[];
  /** The authority whose key was given, too. */
  readonly signer: Authority | null;
  readonly keys: ReadonlyMap<string, GivenKey>;
}

/** What was given for repairs, by its id, for an hour. */
export interface GivenStore {
  give(clusterId: string, files: readonly GivenText[]): GivenCertificates;
  /** null: nothing is held under this id for this cluster. */
  take(clusterId: string, id: string): GivenMaterial | null;
  forget(id: string): void;
}

const HELD_MS = 3_600_000;
const PRIVATE = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[\s\S]*?-----END \1PRIVATE KEY-----/g;

/** Makes the store; `now`: ms since the epoch. */
export function createGivenStore(now: () => number): GivenStore {
  const held = new Map<string, { readonly clusterId: string; readonly at: number; readonly material: GivenMaterial }>();
  const clean = (): void => {
    for (const [id, { at }] of held) if (now() - at > HELD_MS) held.delete(id);
  };
  return {
    give: (clusterId, files) => {
      clean();
      for (const [id, one] of held) if (one.clusterId === clusterId) held.delete(id);
      const id = randomUUID();
      const { material, says } = sortGiven(files);
      held.set(id, { clusterId, at: now(), material });
      return { id, files: says };
    },
    take: (clusterId, id) => {
      clean();
      const found = held.get(id);
      return found?.clusterId === clusterId ? found.material : null;
    },
    forget: (id) => {
      held.delete(id);
    },
  };
}

/** Sorts given files into certificates, authorities and keys, and says of each file what it is. */
export function sortGiven(files: readonly GivenText[]): {
  readonly material: GivenMaterial;
  readonly says: GivenCertificates['files'];
} {
  const read = files.map(({ name, text }) => ({ name, certs: certificatesIn(text), keys: keysIn(text) }));
  const keys = new Map(read.flatMap((one) => one.keys.known.map((key) => [key.publicKey, key] as const)));
  const authorities = read.flatMap(({ certs }) => certs.filter((cert) => cert.ca));
  const own = authorities.find((cert) => keys.has(publicKeyOf(cert)));
  const key = own === undefined ? undefined : keys.get(publicKeyOf(own));
  return {
    material: {
      certificates: read.flatMap(({ name, certs }) =>
        certs.filter((cert) => !cert.ca).map((cert) => ({ cert, chain: certs.filter((one) => one.ca), from: name })),
      ),
      authorities,
      signer: own === undefined || key === undefined ? null : { cert: own.toString(), key: key.pem },
      keys,
    },
    says: read.map(({ name, certs, keys: found }) => ({ name, says: whatIs(certs, found) })),
  };
}

interface KeysIn {
  readonly known: readonly GivenKey[];
  readonly locked: number;
  readonly unread: number;
}

function keysIn(text: string): KeysIn {
  const found = [...text.matchAll(PRIVATE)].map(([block]) => readKey(block));
  return {
    known: found.flatMap((one) => (typeof one === 'string' ? [] : [one])),
    locked: found.filter((one) => one === 'locked').length,
    unread: found.filter((one) => one === 'unread').length,
  };
}

function readKey(block: string): GivenKey | 'locked' | 'unread' {
  try {
    const key = createPrivateKey(block);
    return { pem: toPem(key), publicKey: hashOf(createPublicKey(key)) };
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    return code === 'ERR_MISSING_PASSPHRASE' || /ENCRYPTED/.test(block) ? 'locked' : 'unread';
  }
}

function toPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function hashOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

function whatIs(certs: readonly X509Certificate[], keys: KeysIn): string {
  const parts = [
    ...certs.map(
      (cert) => `${cert.ca ? 'the authority' : 'a certificate of'} ${detailsOf(cert, null).subject || 'no name'}`,
    ),
    ...(keys.known.length === 0
      ? []
      : [keys.known.length === 1 ? 'a private key' : `${keys.known.length} private keys`]),
    ...(keys.locked === 0 ? [] : ['a key that is locked by a passphrase: it cannot be used, give it without one']),
    ...(keys.unread === 0 ? [] : ['a key that cannot be read']),
  ];
  return parts.length === 0 ? 'nothing that is a certificate or a key in PEM' : namesInWords(parts);
}

/** What a given certificate is to replace, and who has to trust it. */
export interface GivenWish {
  readonly file: CertificateFile;
  readonly old: X509Certificate;
  /** SHA-256 of the public key of the key on the server; null: not known. */
  readonly keyOnServer: string | null;
  /** Authorities that those who connect trust, with the given ones. */
  readonly trusted: readonly X509Certificate[];
  readonly now: number;
}

/** A given certificate with all that is written for it. */
export interface FittingCertificate {
  readonly cert: X509Certificate;
  readonly chain: readonly X509Certificate[];
  /** null: the key on the server stays. */
  readonly key: string | null;
  readonly from: string;
}

/** Finds the given certificate that fits, the one that lasts longest; or says of the nearest why it does not, as the end of a sentence. */
export function findFitting(material: GivenMaterial, wish: GivenWish): FittingCertificate | string {
  if (material.certificates.length === 0) return 'no certificate for it was given';
  const judged = material.certificates
    .filter(({ cert }) => missingNames(cert, wish.old).length === 0)
    .map((one) => ({ one, why: whyNotFitting(one, material, wish) }));
  const [first] = judged;
  if (first === undefined) {
    const names = detailsOf(wish.old, null).names;
    return `none of those given is good for ${namesInWords(names.slice(0, 6))}`;
  }
  const [best] = judged
    .filter(({ why }) => why === null)
    .sort((a, b) => Date.parse(b.one.cert.validTo) - Date.parse(a.one.cert.validTo));
  if (best === undefined) return first.why ?? '';
  const { cert, chain, from } = best.one;
  return { cert, chain, from, key: material.keys.get(publicKeyOf(cert))?.pem ?? null };
}

function missingNames(cert: X509Certificate, old: X509Certificate): readonly string[] {
  const names = detailsOf(cert, null).names;
  return detailsOf(old, null).names.filter((name) => !names.includes(name));
}

function whyNotFitting(
  { cert, chain, from }: GivenMaterial['certificates'][number],
  { keys, authorities }: GivenMaterial,
  { old, keyOnServer, trusted, now }: GivenWish,
): string | null {
  const [begins, ends] = [Date.parse(cert.validFrom), Date.parse(cert.validTo)];
  if (ends <= now) return `the certificate in ${from} has ended, on ${momentInWords(ends)}`;
  if (begins > now) return `the certificate in ${from} is valid only from ${momentInWords(begins)}`;
  const key = publicKeyOf(cert);
  if (!keys.has(key) && key !== keyOnServer)
    return `the key of the certificate in ${from} was not given, and it is not the one on the server`;
  const lost = (old.keyUsage ?? []).filter((use) => !(cert.keyUsage ?? [use]).includes(use));
  if (lost.length > 0)
    return `the certificate in ${from} is not good for all that the old one was used for (${lost.join(', ')})`;
  const why = whyNotTrusted([cert, ...chain, ...authorities], trusted, now);
  return why === null ? null : `the chain of the certificate in ${from} does not fit: ${why}`;
}

/** What the plan says of a given certificate. */
export function givenAsNext(fitting: FittingCertificate): NewCertificate {
  return {
    kind: 'given',
    details: detailsOf(fitting.cert, null),
    withKey: fitting.key !== null,
    from: fitting.from,
  };
}
