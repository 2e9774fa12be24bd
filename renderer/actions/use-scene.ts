import { useStore } from 'zustand';
import type { ClusterState } from '../../shared/model/cluster/cluster-state';
import { usePage } from '../rpc/hooks';
import { isUnderWay } from '../rpc/live/jobs';
import type { Scene } from '../../shared/rules/operate/offers';

/** The cluster with the job that works on it now, for deciding what is offered. */
export function useScene(state: ClusterState): Scene {
  const busy = useStore(
    usePage().jobs,
    (view) => view.jobs.find((job) => job.clusterId === state.clusterId && isUnderWay(job.status))?.title ?? null,
  );
  return { state, busy, now: state.at };
}
