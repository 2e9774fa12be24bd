import type { PasswordName } from './secret-name';
import type { ClusterSpec } from './spec/cluster-spec';

/** Addresses by which a cluster can be followed: those of its members, or one that leads to its primary. */
export interface FollowedWay {
  readonly by: 'member' | 'virtual_address' | 'load_balancer';
  readonly hosts: readonly string[];
  readonly port: number;
}

/** What a standby cluster takes over from the cluster that it is to follow. */
export interface FollowedCluster {
  readonly clusterId: string;
  readonly title: string;
  /** Its members first. */
  readonly ways: readonly FollowedWay[];
  readonly accounts: ClusterSpec['accounts'];
  /** The major version of its PostgreSQL; null where it is not known. */
  readonly postgresVersion: number | null;
  /** Which of the passwords of these roles are kept for the standby cluster now. */
  readonly passwords: readonly PasswordName[];
  /** The authority of its certificates (PEM); null where it has no TLS, or others issued them. */
  readonly authority: string | null;
  readonly tls: 'on' | 'off' | 'not_known';
}
