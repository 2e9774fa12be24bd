import { useStore } from 'zustand';
import type { ClusterState } from '../../shared/model/cluster/cluster-state';
import { usePage } from '../rpc/hooks';
import { isUnderWay } from '../rpc/live/jobs';
import type { Scene } from '../../shared/rules/operate/offers';

/** The title of the job that works on a cluster now; null when none does. */
export function useBusyJob(clusterId: string | null): string | null {
  return useStore(
    usePage().jobs,
    (view) => view.jobs.find((job) => job.clusterId === clusterId && isUnderWay(job.status))?.title ?? null,
  );
}

/** The cluster with the job that works on it now, for deciding what is offered. */
export function useScene(state: ClusterState): Scene {
  return { state, busy: useBusyJob(state.clusterId), now: state.at };
}
