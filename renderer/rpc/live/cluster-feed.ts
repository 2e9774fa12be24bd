import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppErrorData } from '../../../shared/model/app-error';
import type { ClusterEvent, ClusterState, ClusterUpdate } from '../../../shared/model/cluster/cluster-state';
import type { Undo } from '../../../shared/model/undo';
import { applyPatch } from '../../../shared/rules/cluster/cluster-patch';
import { lastKnownState } from '../../../shared/rules/cluster/last-known';
import type { CoreConnection } from '../core';
import { errorDataOf } from '../errors';

/** What the page holds of one cluster. `state: null` until the first snapshot came. */
export interface ClusterView {
  readonly state: ClusterState | null;
  /** Oldest first; at most EVENTS_KEPT. */
  readonly events: readonly ClusterEvent[];
  readonly problem: AppErrorData | null;
}

/** How many events of a cluster the page keeps. */
export const EVENTS_KEPT = 3000;

/** Thrown by `applyUpdate` when a patch does not follow the state it is applied to: the reader asks for a new snapshot. */
export class PatchGap extends Error {}

/** The view after an update. A patch that was already applied changes nothing; one from the future is a PatchGap. */
export function applyUpdate(view: ClusterView, update: ClusterUpdate): ClusterView {
  if (update.kind === 'snapshot')
    return { state: update.state, events: update.events.slice(-EVENTS_KEPT), problem: null };
  if (view.state === null || update.patch.revision > view.state.revision + 1)
    throw new PatchGap('A change of the cluster was missed.');
  if (update.patch.revision <= view.state.revision) return view;
  return { state: applyPatch(view.state, update.patch), events: joined(view.events, update.events), problem: null };
}

function joined(old: readonly ClusterEvent[], fresh: readonly ClusterEvent[]): readonly ClusterEvent[] {
  if (fresh.length === 0) return old;
  const last = old.at(-1)?.id ?? -1;
  return [...old, ...fresh.filter((event) => event.id > last)].slice(-EVENTS_KEPT);
}

/** The view of a page that does not hear from the core any more; the next snapshot ends that. */
function lastKnownView(view: ClusterView): ClusterView {
  return view.state === null ? view : { ...view, state: lastKnownState(view.state) };
}

/** One cluster on the screen. */
export interface ClusterFeed {
  readonly store: StoreApi<ClusterView>;
  readonly stop: Undo;
}

/** Follows one cluster until stopped; after a gap it asks for a new snapshot. */
export function followCluster(core: CoreConnection, clusterId: string): ClusterFeed {
  const store = createStore<ClusterView>(() => ({ state: null, events: [], problem: null }));
  let undo: Undo = () => undefined;
  let stopped = false;
  const open = () => {
    undo = core.listen(
      (client, signal) => client.clusters.watch({ clusterId }, { signal }),
      (update) => receive(store, update, reopen),
      (problem) => store.setState({ problem: errorDataOf(problem) }),
    );
  };
  const reopen = () => {
    undo();
    if (!stopped) open();
  };
  open();
  const undoStatus = core.status.subscribe((status) => {
    if (status.kind === 'lost') store.setState(lastKnownView(store.getState()), true);
  });
  return {
    store,
    stop: () => {
      stopped = true;
      undoStatus();
      undo();
    },
  };
}

function receive(store: StoreApi<ClusterView>, update: ClusterUpdate, reopen: () => void): void {
  try {
    store.setState(applyUpdate(store.getState(), update), true);
  } catch (thrown) {
    if (!(thrown instanceof PatchGap)) throw thrown;
    reopen();
  }
}
