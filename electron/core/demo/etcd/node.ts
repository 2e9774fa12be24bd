import type { EtcdStore } from '../etcd-store/store';
import type { MemberMessage } from './messages';

/** One simulated etcd process as the gRPC services see it. */
export interface EtcdNode {
  readonly store: EtcdStore;
  readonly clusterId: string;
  readonly memberId: string;
  /** e.g. `3.5.16` */
  readonly version: string;
  /** Passwords by user; with them authentication is enabled. */
  readonly users?: Readonly<Record<string, string>>;
  now(): number;
  /** Whether this process reaches a majority. Without one only serializable reads and its own status are answered. */
  hasQuorum(): boolean;
  /** The etcd member that leads, '0' for none. */
  leaderId(): string;
  term(): number;
  /** Hands the lead to the member with this id; false when there is none. Absent: the lead stays where it is. */
  moveLeader?(id: string): boolean;
  members(): MemberMessage[];
  /** Its disk is slow: it answers late, and carries entries out late. Absent: it is not. */
  isSlow?(): boolean;
  /** Called after each change of `hasQuorum`. Returns the undo. */
  onQuorum(listener: (quorum: boolean) => void): () => void;
  /** Leases of clients may end the model's sleep earlier. */
  leasesChanged(): void;
}
