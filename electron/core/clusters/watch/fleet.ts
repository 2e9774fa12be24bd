import type { ClusterPair, PairLink } from '../../../../shared/model/cluster/cluster-pair';
import type { ClusterState, ClusterSummary, FleetUpdate } from '../../../../shared/model/cluster/cluster-state';
import type { Undo } from '../../../../shared/model/undo';
import { isRemoved } from '../../../../shared/rules/cluster/health';
import { sameValue } from '../../../../shared/rules/cluster/cluster-patch';

/** Changed rows are collected so long: a hundred clusters must not make a hundred messages. */
const COALESCE_MS = 100;
/** A row in which only the time of the last news changed is sent again after this. */
const AS_OF_STEP_MS = 10_000;

function timelineOf(state: ClusterState): number | null {
  const leader = state.members.find((member) => member.name === state.leader.holder);
  if (leader?.timeline != null) return leader.timeline;
  const known = state.members.flatMap((member) => (member.timeline === null ? [] : [member.timeline]));
  return known.length === 0 ? null : Math.max(...known);
}

/** A cluster as one row of the fleet. Pure. */
function summarize(state: ClusterState): ClusterSummary {
  const lags = state.members.flatMap((member) => (member.lag?.replay == null ? [] : [member.lag.replay]));
  const asOf = state.sources.flatMap((source) => (source.asOf === null || source.kind === 'ssh' ? [] : [source.asOf]));
  return {
    clusterId: state.clusterId,
    title: state.title,
    scope: state.scope,
    ...(state.citusGroup === undefined ? {} : { citusGroup: state.citusGroup }),
    ...(state.citusCluster === undefined ? {} : { citusCluster: state.citusCluster }),
    origin: state.origin,
    tags: state.tags,
    production: state.production,
    health: state.health,
    leader: state.leader.holder,
    leaderKnown: state.leader.known,
    timeline: timelineOf(state),
    members: state.members.map(({ name, role, condition, stale }) => ({ name, role, condition, stale })),
    worstLag: lags.length === 0 ? null : Math.max(...lags),
    paused: state.paused,
    asOf: asOf.length === 0 ? null : Math.max(...asOf),
    ...(state.pair == null ? {} : { pair: state.pair }),
    ...(isRemoved(state) ? { removed: true as const } : {}),
  };
}

/** Whether a row is worth sending again. */
function isNews(before: ClusterSummary | undefined, after: ClusterSummary): boolean {
  if (before === undefined) return true;
  const { asOf: oldAsOf, pair: oldPair, ...old } = before;
  const { asOf, pair, ...now } = after;
  return (
    !sameValue(old, now) || !sameValue(shownOf(oldPair), shownOf(pair)) || (asOf ?? 0) - (oldAsOf ?? 0) >= AS_OF_STEP_MS
  );
}

/** What a row shows of a pair, without the positions and times that change all the while. */
function shownOf(pair: ClusterPair | null | undefined): unknown {
  const linked = (link: PairLink | undefined) => [link?.streaming, link?.replay, link?.receive, link?.current];
  return [
    pair?.follows?.site?.clusterId,
    pair?.follows?.site?.title,
    pair?.follows?.source,
    linked(pair?.follows?.link),
    pair?.followedBy.map(({ site, link }) => [site.clusterId, site.title, linked(link)]),
  ];
}

/** The rows of all clusters and who shows them. */
export class Fleet {
  readonly #rows = new Map<string, ClusterSummary>();
  readonly #listeners = new Set<(update: FleetUpdate) => void>();
  #changed = new Map<string, ClusterSummary | null>();
  #timer: NodeJS.Timeout | undefined;

  listen(listener: (update: FleetUpdate) => void): Undo {
    this.#listeners.add(listener);
    listener({ kind: 'snapshot', clusters: [...this.#rows.values()] });
    return () => {
      this.#listeners.delete(listener);
    };
  }

  put(state: ClusterState): void {
    const row = summarize(state);
    const before = this.#rows.get(row.clusterId);
    if (!isNews(before, row)) return;
    this.#rows.set(row.clusterId, row);
    this.#send(row.clusterId, row, before?.leader !== row.leader);
  }

  remove(clusterId: string): void {
    if (this.#rows.delete(clusterId)) this.#send(clusterId, null, false);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #send(clusterId: string, row: ClusterSummary | null, urgent: boolean): void {
    this.#changed.set(clusterId, row);
    if (urgent) return this.#flush();
    this.#timer ??= setTimeout(() => {
      this.#flush();
    }, COALESCE_MS);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const update: FleetUpdate = { kind: 'patch', clusters: Object.fromEntries(this.#changed) };
    this.#changed = new Map();
    for (const listener of [...this.#listeners]) listener(update);
  }
}
