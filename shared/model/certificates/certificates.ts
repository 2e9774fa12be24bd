import type { AppErrorData } from '../app-error';

/** What shows a certificate on a port: etcd to its clients and to its peers, HAProxy and PgBouncer where TLS ends there. */
export type CertificateService = 'patroni' | 'postgresql' | 'etcd_client' | 'etcd_peer' | 'haproxy' | 'pgbouncer';

/** What one certificate says. Names come from servers: they are text and nothing else. */
export interface CertificateDetails {
  /** E.g. `CN=db1, O=Example`. */
  readonly subject: string;
  readonly issuer: string;
  /** The names and addresses that it is good for. */
  readonly names: readonly string[];
  /** ms since the epoch. */
  readonly from: number;
  readonly until: number;
  /** SHA-256 as openssl prints it, `AB:CD:...`. */
  readonly fingerprint: string;
  /** Who signed it: the authority that this app made for the cluster, the certificate itself, or another authority. */
  readonly signedBy: 'app' | 'itself' | 'other';
}

/** What a port shows. `plain`: no TLS is spoken there. `last`: what it showed when it was last read. */
export type CertificateSight =
  | { readonly kind: 'shown'; readonly certificate: CertificateDetails }
  | { readonly kind: 'plain' }
  | {
      readonly kind: 'not_read';
      readonly why: string;
      readonly last: { readonly certificate: CertificateDetails; readonly asOf: number } | null;
    };

/** Whether those that connect to the port and verify it can: each of them names the authority that it trusts. */
export type CertificateTrust =
  | { readonly kind: 'verified'; readonly by: readonly string[] }
  /** `by`: the first of them that cannot, with the file that it trusts. */
  | { readonly kind: 'refused'; readonly by: string; readonly why: string }
  | { readonly kind: 'not_checked'; readonly why: string };

/** Whether the certificate is good for the address by which the members use the port. */
export type CertificateNameCheck =
  | { readonly kind: 'fits'; readonly address: string }
  /** `matters`: somebody who connects there refuses it for that. */
  | { readonly kind: 'differs'; readonly address: string; readonly matters: boolean }
  | { readonly kind: 'not_checked' };

/** The file that the service's configuration names, beside what is shown. `none`: the configuration names none. */
export type CertificateFileState =
  | { readonly kind: 'same'; readonly path: string }
  /** The service still runs with another one than the file holds now. */
  | { readonly kind: 'differs'; readonly path: string; readonly certificate: CertificateDetails }
  | { readonly kind: 'not_read'; readonly path: string | null; readonly why: string }
  | { readonly kind: 'none' };

/** One port that shows a certificate, or could. */
export interface TlsPort {
  readonly service: CertificateService;
  /** The server's name in the inventory. */
  readonly server: string;
  /** The section of HAProxy that listens, or the name that was asked for; null for every other service. */
  readonly part: string | null;
  readonly address: string;
  readonly port: number;
  readonly sight: CertificateSight;
  readonly trust: CertificateTrust;
  readonly name: CertificateNameCheck;
  readonly file: CertificateFileState;
}

/** All certificates of a cluster as they were read. */
export interface CertificateInventory {
  readonly places: readonly TlsPort[];
  /** Servers whose configuration could not be read: services there that only it names are not in the list. */
  readonly problems: readonly { readonly server: string; readonly error: AppErrorData }[];
  /** Whether this app made the cluster with TLS, and can rotate its keys. */
  readonly isRotatable: boolean;
  /** The authorities by which this app verifies the cluster, PEM; null: those of the system, or there is no TLS. */
  readonly authority: string | null;
  /** ms since the epoch. */
  readonly asOf: number;
}
