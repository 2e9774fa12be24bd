import type { Finding, ObservedCluster } from '../../../model/cluster/cluster-state';

/** What findings are made from: the folded state, and what only the fold knows beside it. */
export interface FindingView {
  readonly state: ObservedCluster;
  /** The leader changed less than a loop ago: lag, timelines and streaming settle within it. */
  readonly calm: boolean;
  readonly now: number;
  /** Members whose own fresh answer says that they run as the primary and see the lock held. */
  readonly primaries: readonly string[];
  readonly absentSince: ReadonlyMap<string, number>;
  readonly behindSince: ReadonlyMap<string, number>;
  /** Whether PostgreSQL's port accepts connections where Patroni does not answer. */
  readonly postgresUp: ReadonlyMap<string, boolean>;
  /** The name that the REST API behind a member's address says it has. */
  readonly answeredNames: ReadonlyMap<string, string>;
  /** What was found beside the watch, by questions that are asked now and then; `asOf` in ms since the epoch. */
  readonly reported: readonly {
    readonly findings: readonly Finding[];
    readonly asOf: number;
    /** For how long that counts, ms; absent: a quarter of an hour. */
    readonly countsMs?: number;
  }[];
}

/** One rule: what it finds now, usually nothing. */
export type FindingRule = (view: FindingView) => readonly Finding[];
