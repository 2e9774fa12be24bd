import type { ReportedFigures } from '../../../shared/model/alerts/figure';
import type {
  ClusterEvent,
  ClusterState,
  ClusterUpdate,
  FleetUpdate,
} from '../../../shared/model/cluster/cluster-state';
import type { ClusterPair } from '../../../shared/model/cluster/cluster-pair';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Undo } from '../../../shared/model/undo';
import type { EtcdClient } from '../etcd/etcd-client';
import type { PatroniClient } from '../patroni/patroni-client';
import type { ReportedFindings } from './fold/facts';

/** An event as a service writes it; the recorder gives it its id. */
export type NewClusterEvent = Omit<ClusterEvent, 'id'>;

/**
 * All watched clusters. Every cluster of the inventory is watched while the app runs; one that is on
 * the screen (`watch` has a listener) is polled more often.
 */
export interface ClusterHub {
  /** The present state; null when the id is unknown. */
  state(clusterId: string): ClusterState | null;
  entry(clusterId: string): ClusterEntry | null;
  /** First a snapshot at once, then patches. */
  watch(clusterId: string, listener: (update: ClusterUpdate) => void): Undo;
  fleet(listener: (update: FleetUpdate) => void): Undo;
  /**
   * Asks every source again and resolves when each has answered or failed, and after 3 s in any case: a silent server must
   * not hold up an outage.
   */
  refresh(clusterId: string): Promise<ClusterState>;
  /** Follows the state without making the cluster count as visible; called with the present state first. */
  follow(clusterId: string, listener: (state: ClusterState) => void): Undo;
  /** The REST client of a member; null when the member is not known. */
  rest(clusterId: string, member: string): PatroniClient | null;
  etcd(clusterId: string): EtcdClient | null;
  events(clusterId: string, limit: number): readonly ClusterEvent[];
  record(clusterId: string, event: NewClusterEvent): void;
  /** Takes in what a source beside the watch found now, in place of what the same source found before. */
  report(clusterId: string, source: string, found: ReportedFindings): void;
  /** Takes in what the cluster has to do with others, in place of what was known before. */
  setPair(clusterId: string, pair: ClusterPair | null): void;
  /** When a source last told all that it finds, ms since the epoch; null: never, or it has not looked often enough yet. */
  reportedAt(clusterId: string, source: string): number | null;
  /** Servers by name of which a source has read nothing yet. */
  unreadBy(clusterId: string, source: string): readonly string[];
  /** What such a source measured last; null: nothing yet. */
  figures(clusterId: string, source: string): ReportedFigures | null;
  close(): Promise<void>;
}
