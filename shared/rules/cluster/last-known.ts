import type { ClusterState, ClusterSummary } from '../../model/cluster/cluster-state';

/**
 * A cluster as it was when it was last heard of, for a page that hears nothing any more: every value is old, and nothing
 * that was well is still said to be.
 */
export function lastKnownState(state: ClusterState): ClusterState {
  return {
    ...state,
    health: unseen(state.health),
    sources: state.sources.map((source) => (source.status === 'live' ? { ...source, status: 'stale' } : source)),
    members: state.members.map((member) => ({ ...member, stale: true })),
  };
}

/** The same for a row of the fleet. */
export function lastKnownSummary(row: ClusterSummary): ClusterSummary {
  return {
    ...row,
    health: unseen(row.health),
    members: row.members.map((member) => ({ ...member, stale: true })),
  };
}

const LAST_KNOWN = 'Last known: ';

function unseen({ sentence }: ClusterState['health']): ClusterState['health'] {
  return { level: 'unknown', sentence: sentence.startsWith(LAST_KNOWN) ? sentence : `${LAST_KNOWN}${sentence}` };
}
