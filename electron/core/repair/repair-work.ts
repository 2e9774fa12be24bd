import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Repair, RepairPlan } from '../../../shared/model/repair/repair';
import type { EtcdClient } from '../etcd/etcd-client';
import type { EtcdAdmin } from '../etcd-admin/create-etcd-admin';
import type { JobContext, JobEnd, JobEngine } from '../jobs/job-engine';
import type { ClusterHub } from '../clusters/hub';
import type { MemberPlace } from '../postgres/member-place';
import type { CertificateKeeper } from './certificates/certificate-keeper';
import type { GivenStore } from './certificates/given-material';
import type { RepairPlaceDeps, PlaceScene } from './look-at-places';

/** What repairs work with. What is removed is kept below `directory`. */
export interface RepairDeps extends RepairPlaceDeps {
  readonly hub: Pick<ClusterHub, 'rest' | 'etcd' | 'entry' | 'state' | 'record'>;
  readonly jobs: JobEngine;
  /** The patroni.yml that the app itself writes for a member; null where it did not set the cluster up. */
  readonly specFile: (clusterId: string, member: string, postgresVersion: number | null) => Promise<string | null>;
  /** Those of the inventory. */
  readonly clusters: () => readonly ClusterEntry[];
  /** Says what work on etcd would do, and which other clusters in it forbid it. */
  readonly etcdAdmin: Pick<EtcdAdmin, 'preview'>;
  readonly directory: string;
  /** Where the app saves snapshots of etcd. */
  readonly snapshots: string;
  /** The PostgreSQL of a member. Throws `operation.unknown_cluster`, `operation.no_member` and `operation.no_ssh`. */
  readonly postgresPlace: (clusterId: string, member: string) => MemberPlace;
  /** The authorities that the app made, and its own certificates. */
  readonly certificates: CertificateKeeper;
  /** Certificates and keys that the user gave, in memory. */
  readonly given: GivenStore;
  /** Waits so long, ms, or until the signal is aborted; a test may shorten it. */
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** The cluster that is repaired, and who was said to be gone for good. */
export interface RepairScene extends PlaceScene {
  readonly deps: RepairDeps;
  readonly gone: readonly string[];
  /** The moment that names what is kept, ms since the epoch. */
  readonly at: number;
}

/** What was found for one repair now, what is judged of it, and its work. */
export interface LookedRepair {
  readonly plan: RepairPlan;
  /** Does the steps of the plan, each begun by its id, and asks the servers at the end. */
  readonly carryOut: (context: JobContext) => Promise<JobEnd>;
}

/** Looks for the evidence of one kind of repair. Rejects where it cannot be read at all. */
export type LookForRepair<K extends Repair['kind']> = (
  scene: RepairScene,
  repair: Extract<Repair, { kind: K }>,
) => Promise<LookedRepair>;

/** The scene's etcd; a repair that needs it looks for it first. */
export interface EtcdScene extends RepairScene {
  readonly etcd: EtcdClient;
}

/** How a repair ends well. */
export function repaired(sentence: string, facts: Readonly<Record<string, string | number | null>> = {}): JobEnd {
  return { status: 'done', result: { sentence, withoutPrimaryMs: null, facts } };
}

/** How a repair ends that did what it was to do, with something that the user must know. */
export function repairedWith(sentence: string, facts: Readonly<Record<string, string | number | null>> = {}): JobEnd {
  return { status: 'warning', result: { sentence, withoutPrimaryMs: null, facts } };
}
