import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { DrillChoice, DrillServer, DrillWay } from '../../../shared/model/drill/drill';
import type { ClusterHub } from '../clusters/hub';
import type { JobContext } from '../jobs/job-engine';
import type { RemotePool } from '../ssh/remote';
import type { DrillRecord, DrillStore } from './drill-store';
import type { FaultOrder } from './fault-script';

/** Spans that a test may shorten, ms. */
export interface DrillTiming {
  /** How long is written before the fault. */
  readonly steadyMs: number;
  /** How long writes must be back on every way. */
  readonly settledMs: number;
  /** Between two looks at the cluster. */
  readonly lookMs: number;
  /** How long is written after the fault was taken away. */
  readonly afterHealMs: number;
  /** How long the former leader may take to stream again. */
  readonly rejoinMs: number;
  /** How long a server may be out of reach beyond the limit of its fault. */
  readonly unreachableMs: number;
}

/** What the app uses. */
export const USUAL_DRILL_TIMING: DrillTiming = {
  steadyMs: 5000,
  settledMs: 3000,
  lookMs: 500,
  afterHealMs: 5000,
  rejoinMs: 600_000,
  unreachableMs: 300_000,
};

/** What a drill works with. */
export interface DrillWorkDeps {
  readonly hub: Pick<ClusterHub, 'state' | 'rest' | 'refresh' | 'record'>;
  readonly remotes: RemotePool;
  readonly now: () => number;
  readonly user: string;
  readonly store: DrillStore;
  readonly timing: DrillTiming;
}

/** A drill that was confirmed. */
export interface DrillRun {
  readonly deps: DrillWorkDeps;
  readonly context: JobContext;
  readonly clusterId: string;
  readonly choice: DrillChoice;
  readonly before: ClusterState;
  readonly leader: string;
  readonly server: DrillServer;
  /** The chosen ways that are there. */
  readonly ways: readonly DrillWay[];
  readonly id: string;
  /** Says why it may not go on, just before the fault; null where it may. */
  readonly refusalNow: () => Promise<string | null>;
}

/** What the fault's server is told, from the record. */
export function orderOf(record: DrillRecord): FaultOrder {
  const { id, fault, limitSeconds, restPort, dataDirectory, sshPort } = record;
  return { id, fault, limitSeconds, restPort, dataDirectory, sshPort };
}
