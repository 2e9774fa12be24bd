import { X509Certificate } from 'node:crypto';
import type { AuthorityView, NewCertificate } from '../../../../shared/model/repair/certificate-repair';
import {
  RENEW_BEFORE_MS,
  whyRenew,
  type CertificateRepairFacts,
} from '../../../../shared/rules/repair/certificate-facts';
import { clusterName } from '../../../../shared/rules/citus/citus-names';
import { certificatesIn, detailsOf, whyNotTrusted } from '../../certificates/read-certificate';
import { canSign } from '../../deploy/tls/authority';
import { sharesAddress } from '../etcd-quorum';
import type { RepairScene } from '../repair-work';
import type { KeptAuthority } from './certificate-keeper';
import { findFitting, givenAsNext, type FittingCertificate, type GivenMaterial } from './given-material';
import type { FoundFile, FoundTrust, TlsReading } from './read-tls';

/** A file that is replaced, and where its new text comes from. */
export interface PlannedFile {
  readonly found: FoundFile;
  readonly because: string;
  readonly next: NewCertificate;
  /** null: it is made and signed when the repair is carried out. */
  readonly given: FittingCertificate | null;
}

/** A file of authorities that gets one more. */
export interface PlannedTrust {
  readonly found: FoundTrust;
  /** What is added, PEM; null: the new authority of the app, which is made when the repair is carried out. */
  readonly add: string | null;
}

/** All that is done by one repair of certificates. */
export interface CertificatePlan {
  readonly facts: CertificateRepairFacts;
  readonly reading: TlsReading;
  readonly files: readonly PlannedFile[];
  readonly trusts: readonly PlannedTrust[];
  readonly kept: KeptAuthority | null;
  readonly material: GivenMaterial | null;
}

/** What the plan is made of. */
interface CertificatePlanInput {
  readonly reading: TlsReading;
  readonly kept: KeptAuthority | null;
  readonly material: GivenMaterial | null;
  readonly keptSuffix: string;
}

interface Signing {
  readonly input: CertificatePlanInput;
  readonly app: X509Certificate | null;
  readonly former: X509Certificate | null;
  /** The app's authority has ended, or ends before a renewal would make sense. */
  readonly appEnds: boolean;
  readonly now: number;
}

/** Plans what is replaced by what. Pure but for the reading that it is given. */
export function planCertificates(scene: RepairScene, input: CertificatePlanInput): CertificatePlan {
  const now = scene.deps.now();
  const { kept, reading, material } = input;
  const app = kept === null ? null : new X509Certificate(kept.authority.cert);
  const former = kept?.former == null ? null : new X509Certificate(kept.former);
  const appEnds = app !== null && Date.parse(app.validTo) - now < RENEW_BEFORE_MS;
  const signing: Signing = { input, app, former, appEnds, now };
  const files = reading.files.flatMap((found) => planFile(found, signing));
  const trusts = planTrusts(files, signing);
  return {
    ...{ reading, files, trusts, kept, material },
    facts: factsOf(scene, { signing, files, trusts }),
  };
}

function isSigned(cert: X509Certificate, by: X509Certificate | null): boolean {
  try {
    return by !== null && cert.checkIssued(by) && cert.verify(by.publicKey);
  } catch {
    return false;
  }
}

function planFile(found: FoundFile, signing: Signing): readonly PlannedFile[] {
  const { file, cert } = found;
  if (cert === null) return [];
  const because = whyRenew(file, signing.now) ?? whyByAuthority(cert, signing);
  if (because === null) return [];
  const fitting = fittingFor(found, cert, signing);
  if (fitting !== null && typeof fitting !== 'string')
    return [{ found, because, next: givenAsNext(fitting), given: fitting }];
  return [{ found, because, next: nextFor(cert, signing, fitting), given: null }];
}

function whyByAuthority(cert: X509Certificate, { app, former, appEnds }: Signing): string | null {
  if (appEnds && isSigned(cert, app)) return 'is signed by an authority that has ended or ends soon';
  return isSigned(cert, former) ? 'is signed by an authority that is being replaced' : null;
}

function fittingFor(
  { file, keyOnServer }: FoundFile,
  old: X509Certificate,
  { input, now }: Signing,
): FittingCertificate | string | null {
  const { material, reading } = input;
  if (material === null) return null;
  const trusted = [...reading.trusts.flatMap((one) => one.certificates), ...material.authorities];
  return findFitting(material, { file, old, keyOnServer, trusted, now });
}

/** Who signs; `why` ends a sentence where nobody does. */
function nextFor(cert: X509Certificate, signing: Signing, whyNotGiven: string | null): NewCertificate {
  const { app, former, appEnds, input, now } = signing;
  const signer = input.material?.signer ?? null;
  if (signer !== null) {
    const by = new X509Certificate(signer.cert);
    if (!canSign(signer.key))
      return { kind: 'none', why: 'the key of the given authority is of a kind that this app cannot sign with' };
    if (Date.parse(by.validTo) <= now) return { kind: 'none', why: 'the given authority has ended itself' };
    return { kind: 'made', by: 'given_authority', issuer: viewOf(by).subject };
  }
  if (isSigned(cert, app) || isSigned(cert, former))
    return appEnds
      ? { kind: 'made', by: 'new_authority', issuer: 'a new authority of this app' }
      : { kind: 'made', by: 'app', issuer: app === null ? '' : viewOf(app).subject };
  return { kind: 'none', why: whyNotGiven ?? 'no file for it was given' };
}

function viewOf(cert: X509Certificate): AuthorityView {
  const { subject, fingerprint, until } = detailsOf(cert, null);
  return { subject, fingerprint, until };
}

/** The files that verified what is replaced, and could not verify what takes its place. */
function planTrusts(files: readonly PlannedFile[], signing: Signing): readonly PlannedTrust[] {
  const { input, app } = signing;
  return input.reading.trusts.flatMap((found): readonly PlannedTrust[] => {
    const { certificates } = found;
    const met = files.filter(({ found: { cert } }) => cert !== null && certificates.some((one) => isSigned(cert, one)));
    if (met.some(({ next }) => next.kind === 'made' && next.by === 'new_authority')) return [{ found, add: null }];
    const wanted = met.flatMap((file) => anchorsOf(file, signing));
    const byTurn = signing.former !== null && app !== null && holds(certificates, signing.former) ? [app] : [];
    const missing = [...wanted, ...byTurn].filter((one) => !holds(certificates, one));
    const texts = [...new Set(missing.map((one) => one.toString()))];
    return texts.length === 0 ? [] : [{ found, add: texts.join('') }];
  });
}

function holds(certificates: readonly X509Certificate[], one: X509Certificate): boolean {
  return certificates.some(({ fingerprint256 }) => fingerprint256 === one.fingerprint256);
}

/** The authorities by which a new certificate is verified, as far as they are known before it is made. */
function anchorsOf({ next, given }: PlannedFile, { input, app, now }: Signing): readonly X509Certificate[] {
  const { material, reading } = input;
  if (next.kind === 'made' && next.by === 'app') return app === null ? [] : [app];
  if (next.kind === 'made') {
    const signer = material?.signer ?? null;
    return signer === null ? [] : [new X509Certificate(signer.cert)];
  }
  if (given === null || material === null) return [];
  const present = reading.trusts.flatMap((one) => one.certificates);
  if (whyNotTrusted([given.cert, ...given.chain], present, now) === null) return [];
  return material.authorities.filter((one) => whyNotTrusted([given.cert, ...given.chain], [one], now) === null);
}

interface Planned {
  readonly signing: Signing;
  readonly files: readonly PlannedFile[];
  readonly trusts: readonly PlannedTrust[];
}

function factsOf(scene: RepairScene, { signing, files, trusts }: Planned): CertificateRepairFacts {
  const { entry, deps } = scene;
  const { input, app, former, now } = signing;
  const { reading, material } = input;
  const by = files.map(({ next }) => (next.kind === 'made' ? next.by : null));
  const [signer = null] = (['new_authority', 'given_authority', 'app'] as const).filter((one) => by.includes(one));
  const names = (isIt: (server: TlsReading['servers'][number]) => boolean): readonly string[] =>
    reading.servers.filter(isIt).map(({ name }) => name);
  const balancing = new Set(['haproxy', 'pgbouncer', 'vip_manager']);
  return {
    files: reading.files.map(({ file }) => file),
    changes: files.map(({ found, because, next }) => ({ file: found.file, because, next })),
    trusts: reading.trusts.map(({ trust }) => trust),
    trustChanges: trusts.map(({ found }) => found.trust),
    ports: reading.ports,
    authority: {
      app: app === null ? null : viewOf(app),
      given: material?.signer == null ? null : viewOf(new X509Certificate(material.signer.cert)),
      ...{ signer, turned: former !== null },
    },
    problems: reading.problems,
    etcdServers: names(({ tls }) => tls.etcd !== null),
    patroniServers: names(({ tls }) => tls.member !== null),
    balancerServers: names(({ tls }) =>
      [...tls.files.pairs, ...tls.files.trusts].some(({ program }) => balancing.has(program)),
    ),
    own: ownOf(scene, signing, files),
    others: deps
      .clusters()
      .filter((other) => other.id !== entry.id && sharesAddress(scene, other.etcd?.endpoints ?? []))
      .map((other) => ({ title: clusterName(other), readOnly: other.readOnly })),
    keptSuffix: input.keptSuffix,
    at: now,
  };
}

/** What becomes of the app's own certificate. */
function ownOf(
  { entry }: RepairScene,
  { app, former, appEnds, now }: Signing,
  files: readonly PlannedFile[],
): CertificateRepairFacts['own'] {
  const own = [entry.etcd?.tls?.cert, entry.rest.tls?.cert].flatMap((text) => certificatesIn(text ?? '').slice(0, 1));
  const ends = own.some((cert) => Date.parse(cert.validTo) - now < RENEW_BEFORE_MS);
  if (entry.origin === 'deployed' && app !== null) return ends || appEnds || former !== null ? 'made' : 'kept';
  const isReplaced = own.some((cert) =>
    files.some(({ found }) => found.file.details?.fingerprint === cert.fingerprint256),
  );
  if (isReplaced) return 'replaced';
  return own.some((cert) => Date.parse(cert.validTo) <= now) ? 'ended' : 'kept';
}
