import type { TrustedAuthority } from '../../deploy/tls/authority';

/** The authority of a cluster that this app made: `former` is the one before, for as long as it is trusted still. */
export interface KeptAuthority {
  readonly authority: TrustedAuthority;
  readonly former: string | null;
}

/** A certificate that took another's place, by the SHA-256 fingerprint of the one before. `key` is null where it is the same. */
export interface ReplacedCertificate {
  readonly before: string;
  readonly cert: string;
  readonly key: string | null;
}

/** The certificates and authorities that this app itself keeps for clusters. */
export interface CertificateKeeper {
  /** null: it made none for this cluster, or its key is not in the vault. */
  authority(clusterId: string): Promise<KeptAuthority | null>;
  /** Makes a new authority, which signs from here on; the one before is trusted beside it. */
  renewAuthority(clusterId: string): Promise<void>;
  /** The authority before is trusted no longer. */
  forgetFormer(clusterId: string): Promise<void>;
  /** The app's own certificate for etcd and Patroni is made anew, by the authority that it made for the cluster. */
  renewOwn(clusterId: string): Promise<void>;
  /** Where the app comes with a certificate of a server, it comes with the one that took its place; authorities are trusted, too. */
  replaceOwn(
    clusterId: string,
    replaced: readonly ReplacedCertificate[],
    authorities: readonly string[],
  ): Promise<void>;
}
