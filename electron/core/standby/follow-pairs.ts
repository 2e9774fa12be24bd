import type { ClusterPair } from '../../../shared/model/cluster/cluster-pair';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import {
  isSettled,
  nothingSettled,
  settleFindings,
  type SettledFindings,
} from '../../../shared/rules/cluster/findings/settle-findings';
import { pairClusters, type ClusterEntrance, type PairSubject } from '../../../shared/rules/standby/pair-clusters';
import { findPairTrouble } from '../../../shared/rules/standby/pair-findings';
import type { ClusterHub } from '../clusters/hub';

/** What pairs of clusters are found with. */
export interface PairDeps {
  readonly hub: Pick<ClusterHub, 'state' | 'setPair' | 'report' | 'refresh'>;
  readonly clusters: () => readonly ClusterEntry[];
  /** The addresses by which a cluster is reached, beside those of its members. */
  readonly entrances: (entry: ClusterEntry) => readonly ClusterEntrance[];
  readonly now: () => number;
}

const EVERY_MS = 2_000;
/** About the time of two polls of a cluster that is not on the screen. */
const RULE = { tellAfter: 10, takeBackAfter: 3 };

/** Which clusters follow which, kept up to date until it is ended. */
export interface Pairs {
  /** Reads the clusters again that one has to do with, and what that makes of the pair. */
  refresh(clusterId: string): Promise<void>;
  end(): void;
}

/** Looks every two seconds which clusters follow which, and tells each what it has to do with the others. */
export function followPairs(deps: PairDeps): Pairs {
  const paired = new Map<string, SettledFindings>();
  const timer = setInterval(() => look(deps, paired), EVERY_MS);
  return {
    refresh: async (clusterId) => {
      look(deps, paired);
      await Promise.allSettled(othersOf(deps.hub.state(clusterId)?.pair).map((id) => deps.hub.refresh(id)));
      look(deps, paired);
    },
    end: () => clearInterval(timer),
  };
}

function othersOf(pair: ClusterPair | null | undefined): readonly string[] {
  if (pair == null) return [];
  const sites = [pair.follows?.site ?? null, ...pair.followedBy.map(({ site }) => site), ...pair.related];
  return sites.flatMap((site) => site?.clusterId ?? []);
}

function look(deps: PairDeps, paired: Map<string, SettledFindings>): void {
  const now = deps.now();
  const known = deps.clusters().flatMap((entry) => {
    const state = deps.hub.state(entry.id);
    return state === null ? [] : [{ entry, state }];
  });
  const isFollowed = known.some(({ state }) => state.config?.standbyCluster === true);
  const subjects = known.map(({ entry, state }): PairSubject => ({
    state,
    entrances: isFollowed ? deps.entrances(entry) : [],
  }));
  const pairs = pairClusters(subjects, now);
  for (const id of new Set([...paired.keys(), ...pairs.keys()])) tell(deps, paired, id, pairs.get(id) ?? null);
}

function tell(
  { hub, now }: PairDeps,
  paired: Map<string, SettledFindings>,
  clusterId: string,
  pair: ClusterPair | null,
): void {
  hub.setPair(clusterId, pair);
  const found = pair === null ? [] : findPairTrouble(pair);
  const settled = pair === null ? nothingSettled : settleFindings(paired.get(clusterId) ?? nothingSettled, found, RULE);
  if (pair === null) paired.delete(clusterId);
  else paired.set(clusterId, settled);
  hub.report(clusterId, 'standby', {
    findings: [...settled.told.values()],
    asOf: now(),
    isSettled: isSettled(settled, RULE),
  });
}
