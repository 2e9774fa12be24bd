import type {
  AuthorityView,
  CertificateFile,
  NewCertificate,
  ShownPort,
  TrustFile,
} from '../../model/repair/certificate-repair';
import { daysInWords } from '../certificates/certificate-words';
import { momentInWords } from '../words/wording';

/** A certificate of which less is left may be renewed, ms. */
export const RENEW_BEFORE_MS = 30 * 86_400_000;

/** Whose authority signs, and what becomes of it. `turned`: a change of the app's authority was begun, and is brought to its end. */
export interface AuthorityFacts {
  /** The authority that this app made for the cluster; null: it has none, or its key is not here. */
  readonly app: AuthorityView | null;
  /** The one that signs: the app's, a new one made for it, or one that was given; null: none. */
  readonly signer: 'app' | 'new_authority' | 'given_authority' | null;
  readonly given: AuthorityView | null;
  readonly turned: boolean;
}

/** One file that is to be replaced, with what is put in its place. */
export interface CertificateChange {
  readonly file: CertificateFile;
  readonly because: string;
  readonly next: NewCertificate;
}

/** What a repair of certificates is judged by. */
export interface CertificateRepairFacts {
  readonly files: readonly CertificateFile[];
  readonly changes: readonly CertificateChange[];
  readonly trusts: readonly TrustFile[];
  /** Files of authorities that lack the one that signs, or one that signed what was given. */
  readonly trustChanges: readonly TrustFile[];
  readonly ports: readonly ShownPort[];
  readonly authority: AuthorityFacts;
  /** Servers that could not be read, each with a sentence. */
  readonly problems: readonly { readonly server: string; readonly why: string }[];
  /** The servers of etcd, and the members of Patroni. */
  readonly etcdServers: readonly string[];
  readonly patroniServers: readonly string[];
  readonly balancerServers: readonly string[];
  /** Whether the app's own certificate for this cluster is made or put anew. */
  readonly own: 'made' | 'replaced' | 'ended' | 'kept';
  /** Other clusters in the same etcd. */
  readonly others: readonly { readonly title: string; readonly readOnly: boolean }[];
  /** What follows the name of a file that is kept. */
  readonly keptSuffix: string;
  readonly at: number;
}

/** Why a certificate has to be replaced, as the end of a sentence; null: it need not. */
export function whyRenew(file: Pick<CertificateFile, 'details' | 'keyFits'>, at: number): string | null {
  const { details, keyFits } = file;
  if (details === null) return null;
  if (details.until <= at) return `ended ${daysInWords(details.until, at)}, on ${momentInWords(details.until)}`;
  if (keyFits === false) return 'is not that of the key beside it';
  if (details.until - at < RENEW_BEFORE_MS)
    return `ends ${daysInWords(details.until, at)}, on ${momentInWords(details.until)}`;
  return null;
}

/** A port whose service shows another certificate than its file holds, or one that has ended while its file does not. */
export function portsToWake({ files, ports }: Pick<CertificateRepairFacts, 'files' | 'ports'>): readonly ShownPort[] {
  return ports.filter(({ server, file, shown }) => {
    const own = files.find((one) => one.server === server && one.cert === file);
    return shown !== null && own?.details != null && own.details.fingerprint !== shown.fingerprint;
  });
}

/** The program behind a port. */
export function programOf(service: ShownPort['service']): CertificateFile['programs'][number] {
  return service === 'etcd_client' || service === 'etcd_peer' ? 'etcd' : service;
}
