import { appError } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { PrometheusPlace, PrometheusView } from '../../../shared/model/statistics/prometheus';
import { figureQueries } from '../../../shared/rules/prometheus/figure-queries';
import { queryTimes, seriesLines, type NamedMember } from '../../../shared/rules/prometheus/read-series';
import type { ClusterHub } from '../clusters/hub';
import type { RemotePool } from '../ssh/remote';
import { connectPrometheus, type PrometheusClient } from './ask-prometheus';

/** What a Prometheus is read with. */
export interface PrometheusDeps {
  readonly hub: Pick<ClusterHub, 'state'>;
  readonly remotes: Pick<RemotePool, 'remote'>;
  readonly entry: (clusterId: string) => ClusterEntry | null;
  readonly save: (entry: ClusterEntry) => Promise<void>;
}

/** A part of the past that is asked for: ms since the epoch, and about how many times of it. */
export interface PrometheusSpan {
  readonly from: number;
  readonly to: number;
  readonly most: number;
}

/** The figures of clusters that a Prometheus keeps, read through the tunnel of a server. */
export interface PrometheusService {
  place(clusterId: string): PrometheusPlace | null;
  /** Asks there first, and keeps the place where it answers; null forgets it. Rejects with `statistics.prometheus_*`. */
  use(clusterId: string, place: PrometheusPlace | null): Promise<void>;
  /** Rejects with `statistics.prometheus_*`, and with `statistics.no_prometheus` where none was named. */
  view(clusterId: string, span: PrometheusSpan): Promise<PrometheusView>;
}

/** Rates are taken over this at least: what is collected once a minute still has two readings in it. */
const LEAST_WINDOW_SECONDS = 150;
/** Expressions that are asked for at the same time. */
const AT_ONCE = 4;

/** Makes the service. */
export function createPrometheus(deps: PrometheusDeps): PrometheusService {
  const client = (place: PrometheusPlace): PrometheusClient =>
    connectPrometheus(place, (host, port, timeoutMs) =>
      deps.remotes.remote(place.serverId).dial(host, port, timeoutMs),
    );
  return {
    place: (clusterId) => deps.entry(clusterId)?.prometheus ?? null,
    use: async (clusterId, place) => {
      if (place !== null) await client(place).names();
      const entry = deps.entry(clusterId);
      if (entry === null) throw unknownCluster();
      const { prometheus: _before, ...rest } = entry;
      await deps.save(place === null ? rest : { ...rest, prometheus: place });
    },
    view: async (clusterId, span) => {
      const state = deps.hub.state(clusterId);
      if (state === null) throw unknownCluster();
      const place = deps.entry(clusterId)?.prometheus;
      if (place === undefined)
        throw appError('statistics.no_prometheus', 'No Prometheus was named for this cluster.', {
          hint: 'Name its address in the tab Charts.',
        });
      return readView(client(place), state, span);
    },
  };
}

const unknownCluster = () =>
  appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {
    hint: 'Choose one from the list.',
  });

async function readView(client: PrometheusClient, state: ClusterState, span: PrometheusSpan): Promise<PrometheusView> {
  const members = state.members.map(namedMember);
  const { times, stepSeconds } = queryTimes(span, span.most);
  const { queries, missing } = figureQueries(await client.names(), {
    scope: state.scope,
    hosts: [...new Set(members.flatMap(({ hosts }) => hosts))],
    windowSeconds: Math.max(LEAST_WINDOW_SECONDS, stepSeconds * 2),
  });
  const range = { from: times[0] ?? 0, to: times.at(-1) ?? 0, stepSeconds };
  const lines: PrometheusView['lines'][number][] = [];
  for (let begin = 0; begin < queries.length; begin += AT_ONCE) {
    const some = queries.slice(begin, begin + AT_ONCE);
    const read = await Promise.all(
      some.map(async ({ metric, query }) => seriesLines(metric, await client.range(query, range), members, times)),
    );
    lines.push(...read.flat());
  }
  const silent = queries
    .filter(({ metric }) => !lines.some((line) => line.metric === metric))
    .map(({ metric }) => ({ metric, reason: 'It has the metric, but nothing of these members in this time.' }));
  return { times, lines, missing: [...missing, ...silent] };
}

/** A member's names as an exporter's address may have them. */
function namedMember({ name, host, apiUrl }: ClusterState['members'][number]): NamedMember {
  const api = apiUrl === null ? null : hostOf(apiUrl);
  return { name, hosts: [...new Set([name, host ?? '', api ?? ''].filter((one) => one !== ''))] };
}

function hostOf(url: string): string | null {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, '');
  } catch {
    return null;
  }
}
