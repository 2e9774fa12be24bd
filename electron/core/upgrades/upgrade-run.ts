import { hasCode } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Server } from '../../../shared/model/connect/server';
import type { UpgradeChoice } from '../../../shared/model/upgrade/upgrade-run';
import type { UpgradesView } from '../../../shared/model/upgrade/upgrade';
import type { ClusterHub } from '../clusters/hub';
import type { PrepareDeps } from '../drill/prepare-drill';
import type { JobContext } from '../jobs/job-engine';
import { onAbort, sleep } from '../platform/wait';
import { stateOfCluster, type PlaceDeps } from '../postgres/member-place';
import type { Remote, RemotePool } from '../ssh/remote';
import type { UpgradeRecord, UpgradeStore } from './upgrade-store';

/** What a rolling upgrade works with. */
export interface UpgradeWorkDeps {
  readonly hub: ClusterHub;
  readonly remotes: RemotePool;
  readonly server: (serverId: string) => Server | undefined;
  readonly login: PlaceDeps['login'];
  readonly now: () => number;
  readonly hasRoot: (serverId: string) => boolean;
  readonly balancers: PrepareDeps['balancers'];
  readonly store: UpgradeStore;
  /** Between two looks, ms; a test may shorten it. */
  readonly lookMs: number;
}

/** A rolling upgrade at work. Its record is on disk before each act. */
export class UpgradeRun {
  /** The job for what may not be left half done: its signal is aborted when the app ends, and not when the user stops the run. */
  readonly acting: JobContext;
  #record: UpgradeRecord;

  constructor(
    readonly deps: UpgradeWorkDeps,
    readonly context: JobContext,
    readonly choice: UpgradeChoice,
    /** Reads every server and PostgreSQL again. */
    readonly readAgain: () => Promise<UpgradesView>,
    record: UpgradeRecord,
  ) {
    this.#record = record;
    const ending = new AbortController();
    onAbort(context.signal, () => {
      if (hasCode(context.signal.reason, 'job.closing')) ending.abort(context.signal.reason);
    });
    this.acting = { ...context, signal: ending.signal };
  }

  get record(): UpgradeRecord {
    return this.#record;
  }

  get clusterId(): string {
    return this.#record.clusterId;
  }

  /** Throws `operation.unknown_cluster`. */
  get state(): ClusterState {
    return stateOfCluster(this.deps, this.clusterId);
  }

  remote(serverId: string): Remote {
    return this.deps.remotes.remote(serverId);
  }

  async keep(change: Partial<UpgradeRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    await this.deps.store.keep(this.#record);
  }

  /** Waits between two looks. */
  async pause(ms = this.deps.lookMs): Promise<void> {
    await sleep(ms, this.acting.signal);
    this.acting.signal.throwIfAborted();
  }

  /** Looks again and again until something is so; null when it was not within the time. */
  async until<T>(limitMs: number, look: () => Promise<T | null>): Promise<T | null> {
    const end = this.deps.now() + limitMs;
    for (;;) {
      const found = await look();
      if (found !== null) return found;
      if (this.deps.now() >= end) return null;
      await this.pause();
    }
  }
}
