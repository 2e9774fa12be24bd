import type { CertificateDetails, CertificateService } from '../certificates/certificates';

/** Who reads a certificate, or the file of an authority, on a server. */
export type TlsProgram = 'etcd' | 'patroni' | 'postgresql' | 'haproxy' | 'pgbouncer' | 'vip_manager';

/** A certificate with its key as a configuration names them; the same path twice: both are in one file. */
export interface TlsPair {
  readonly program: TlsProgram;
  readonly cert: string;
  readonly key: string;
}

/** A file of authorities that a program trusts. */
export interface TlsTrust {
  readonly program: TlsProgram;
  readonly path: string;
}

/** The files of certificates on one server, as the configurations there name them. */
export interface TlsFiles {
  readonly pairs: readonly TlsPair[];
  readonly trusts: readonly TlsTrust[];
}

/** One certificate in a file, with its key, and who reads them. */
export interface CertificateFile {
  readonly server: string;
  readonly cert: string;
  readonly key: string;
  readonly programs: readonly TlsProgram[];
  /** What the file holds; null: nothing that can be read as a certificate. */
  readonly details: CertificateDetails | null;
  /** Whether the key is that of the certificate; null: not known. */
  readonly keyFits: boolean | null;
  /** `OWNER:GROUP MODE` of the key, as it stays. */
  readonly placement: string;
  /** Why the file is not to be replaced, as a sentence; null: it may be. */
  readonly why: string | null;
}

/** A file of authorities on a server. */
export interface TrustFile {
  readonly server: string;
  readonly path: string;
  readonly programs: readonly TlsProgram[];
  /** SHA-256 of each certificate in it. */
  readonly fingerprints: readonly string[];
  readonly why: string | null;
}

/** A port with what it shows now. `file`: the path that its service's configuration names. */
export interface ShownPort {
  readonly service: CertificateService;
  readonly server: string;
  readonly address: string;
  readonly port: number;
  readonly file: string | null;
  readonly shown: CertificateDetails | null;
  /** Why nothing was read; null where something was. */
  readonly why: string | null;
}

/** An authority as far as it may be shown. */
export interface AuthorityView {
  readonly subject: string;
  readonly fingerprint: string;
  /** ms since the epoch. */
  readonly until: number;
}

/** What is put in place of one certificate. */
export type NewCertificate =
  /** It is made with a key of its own and signed: by the app's authority, by one that is made now, or by one that was given. */
  | { readonly kind: 'made'; readonly by: 'app' | 'new_authority' | 'given_authority'; readonly issuer: string }
  /** It was given; `withKey`: so was its key, else the key on the server stays. */
  | { readonly kind: 'given'; readonly details: CertificateDetails; readonly withKey: boolean; readonly from: string }
  /** `why` ends a sentence. */
  | { readonly kind: 'none'; readonly why: string };

/** A file that was given, and what was found in it. */
export interface GivenFile {
  readonly name: string;
  readonly says: string;
}

/** Files that were given for a repair. The id names them for as long as they are held in memory. */
export interface GivenCertificates {
  readonly id: string;
  readonly files: readonly GivenFile[];
}
