import { rm, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { appError, toErrorData, type AppErrorData } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { ChartMember, ChartsTick, ChartsView, SamplerStatus } from '../../../shared/model/statistics/charts';
import { figureMetrics, type Figures, type Metric } from '../../../shared/model/statistics/metrics';
import type { Undo } from '../../../shared/model/undo';
import { chartGrid, onGrid } from '../../../shared/rules/statistics/chart-grid';
import { lagFigures } from '../../../shared/rules/statistics/rates';
import type { PostgresReading } from '../../../shared/rules/statistics/read-sample';
import type { ClusterHub } from '../clusters/hub';
import { readPrivateFile, writePrivateFile } from '../platform/private-file';
import type { RemotePool } from '../ssh/remote';
import { openMemberHistory, stepFor, type MemberHistory, type TimeRange } from './member-history';
import { sampleServer } from './sample-server';

/** What figures are collected with. `directory`: where those of a cluster are kept; null keeps them in memory only. */
export interface StatisticsDeps {
  readonly hub: ClusterHub;
  readonly remotes: RemotePool;
  readonly now: () => number;
  readonly root: string;
  readonly isTemporary: (clusterId: string) => boolean;
}

/** The figures of clusters over time, collected over SSH while somebody looks, or always where that was asked for. */
export interface Statistics {
  /** Throws `operation.unknown_cluster`. */
  view(clusterId: string, range: TimeRange, most: number): Promise<ChartsView>;
  /** Collects until undone, and tells when there is something new. */
  follow(clusterId: string, push: (tick: ChartsTick) => void): Undo;
  /** Whether figures are collected also while nobody looks. */
  keep(clusterId: string, on: boolean): Promise<void>;
  close(): Promise<void>;
}

const EVERY_SECONDS = 10;
const DEFAULT_PORT = 5432;
/** Members of one cluster whose figures are collected. */
const MOST_MEMBERS = 32;
const KEPT_FILE = 'kept.json';
/** How often the members are looked at, ms: following the cluster itself would make it be asked more often. */
const LOOK_MS = 5_000;
/** Figures on the disk are held in memory for so long after the last look, ms. */
const RELEASE_MS = 60_000;
/** Ticks come together. */
const GATHER_MS = 200;

/**
 * Makes the service, and begins to collect where that was asked for. Figures of clusters that are gone are removed.
 * `clusterIds`: those of the inventory; null where it could not be read, so that nobody knows which are gone.
 */
export async function createStatistics(
  deps: StatisticsDeps,
  clusterIds: readonly string[] | null,
): Promise<Statistics> {
  const wanted = await readKept(deps.root);
  const kept = new Set(clusterIds === null ? wanted : wanted.filter((id) => clusterIds.includes(id)));
  if (clusterIds !== null) await removeOthers(deps.root, clusterIds);
  const collectors = new Map<string, Collector>();
  const collector = (clusterId: string): Collector => {
    const present = collectors.get(clusterId);
    if (present !== undefined) return present;
    const made = new Collector(deps, clusterId);
    collectors.set(clusterId, made);
    return made;
  };
  const background = new Map(
    (clusterIds === null ? [] : [...kept]).map((id) => [id, collector(id).follow(() => undefined)]),
  );
  return {
    view: async (clusterId, range, most) => {
      const view = await collector(clusterId).view(stateOf(deps.hub, clusterId), range, most);
      return { ...view, kept: kept.has(clusterId) };
    },
    follow: (clusterId, push) => collector(clusterId).follow(push),
    keep: async (clusterId, on) => {
      stateOf(deps.hub, clusterId);
      if (on && !background.has(clusterId))
        background.set(
          clusterId,
          collector(clusterId).follow(() => undefined),
        );
      if (!on) background.get(clusterId)?.();
      if (!on) background.delete(clusterId);
      if (on) kept.add(clusterId);
      else kept.delete(clusterId);
      const lasting = [...kept].filter((id) => !deps.isTemporary(id));
      await writePrivateFile(join(deps.root, KEPT_FILE), `${JSON.stringify(lasting)}\n`);
    },
    close: async () => {
      await Promise.all([...collectors.values()].map((one) => one.close()));
    },
  };
}

async function readKept(root: string): Promise<readonly string[]> {
  try {
    return z.array(z.string()).parse(JSON.parse((await readPrivateFile(join(root, KEPT_FILE))) ?? '[]'));
  } catch {
    return [];
  }
}

/** The directory of a cluster; ids come from files of others too, so they are no part of a path as they are. */
function directoryOf(root: string, clusterId: string): string {
  return join(root, Buffer.from(clusterId, 'utf8').toString('hex').slice(0, 120));
}

async function removeOthers(root: string, clusterIds: readonly string[]): Promise<void> {
  const wanted = new Set(clusterIds.map((id) => directoryOf(root, id)));
  for (const entry of await readdir(root, { withFileTypes: true }).catch(() => []))
    if (entry.isDirectory() && !wanted.has(join(root, entry.name)))
      await rm(join(root, entry.name), { recursive: true, force: true });
}

function stateOf(hub: ClusterHub, clusterId: string): ClusterState {
  const state = hub.state(clusterId);
  if (state === null)
    throw appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {
      hint: 'Choose one from the list.',
    });
  return state;
}

interface Followed {
  readonly undo: Undo;
  readonly serverId: string;
  readonly port: number;
  status: SamplerStatus;
}

/** The figures of one cluster. */
class Collector {
  readonly #deps: StatisticsDeps;
  readonly #clusterId: string;
  readonly #listeners = new Set<(tick: ChartsTick) => void>();
  readonly #followed = new Map<string, Followed>();
  readonly #histories = new Map<string, Promise<MemberHistory>>();
  readonly #latest = new Map<string, Map<Metric, { at: number; value: number }>>();
  readonly #behind = new Map<string, number | null>();
  #looking: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #release: NodeJS.Timeout | undefined;
  #problem: AppErrorData | null = null;

  constructor(deps: StatisticsDeps, clusterId: string) {
    this.#deps = deps;
    this.#clusterId = clusterId;
  }

  follow(push: (tick: ChartsTick) => void): Undo {
    const listener = (tick: ChartsTick): void => {
      push(tick);
    };
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#stop();
    };
  }

  async view(state: ClusterState, range: TimeRange, most: number): Promise<Omit<ChartsView, 'kept'>> {
    const stepMs = stepFor(range, this.#deps.now());
    const grid = chartGrid(range, stepMs, most);
    const names = state.members.map(({ name }) => name).slice(0, MOST_MEMBERS);
    const histories = await Promise.all(names.map(async (name) => [name, await this.#history(name)] as const));
    const span = { from: grid.from, to: range.to };
    const lines = histories.flatMap(([member, history]) =>
      figureMetrics.map((metric) => ({ member, metric, values: onGrid(grid, history.read(metric, span, stepMs)) })),
    );
    this.#releaseSoon();
    const oldest = histories.map(([, history]) => history.oldest()).filter((time) => time !== null);
    return {
      times: grid.times,
      lines: lines.filter(({ values }) => values.some((value) => value !== null)),
      members: names.map((name) => this.#memberView(name)),
      since: oldest.length === 0 ? null : Math.min(...oldest),
      problem: this.#problem,
    };
  }

  async close(): Promise<void> {
    this.#stop();
    this.#listeners.clear();
    clearTimeout(this.#release);
    await this.#closeHistories();
  }

  #memberView(name: string): ChartMember {
    return {
      name,
      status: this.#followed.get(name)?.status ?? { kind: 'off' },
      latest: Object.fromEntries(this.#latest.get(name) ?? []),
    };
  }

  #start(): void {
    const look = (): void => {
      const state = this.#deps.hub.state(this.#clusterId);
      // A cluster that left the inventory is asked no more.
      if (state === null) this.#leaveServers();
      else this.#sync(state);
    };
    look();
    this.#looking = setInterval(look, LOOK_MS);
  }

  #stop(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#leaveServers();
    this.#releaseSoon();
  }

  #leaveServers(): void {
    for (const { undo } of this.#followed.values()) undo();
    this.#followed.clear();
  }

  /** What nobody looks at is on the disk, and need not be held in memory too. What is nowhere else stays. */
  #releaseSoon(): void {
    if (this.#listeners.size > 0 || this.#deps.isTemporary(this.#clusterId)) return;
    clearTimeout(this.#release);
    this.#release = setTimeout(() => {
      if (this.#listeners.size === 0) void this.#closeHistories();
    }, RELEASE_MS);
    this.#release.unref();
  }

  async #closeHistories(): Promise<void> {
    const histories = [...this.#histories.values()];
    this.#histories.clear();
    for (const history of histories) await (await history).close();
  }

  /** Members come and go, and their servers and ports may change. */
  #sync({ members }: ClusterState): void {
    const wanted = new Map(
      members
        .slice(0, MOST_MEMBERS)
        .flatMap(({ name, serverId, port }) =>
          serverId === null ? [] : [[name, { serverId, port: port ?? DEFAULT_PORT }] as const],
        ),
    );
    for (const [name, { undo, serverId, port }] of this.#followed) {
      const want = wanted.get(name);
      if (want?.serverId === serverId && want.port === port) continue;
      undo();
      this.#followed.delete(name);
    }
    for (const [name, place] of wanted) if (!this.#followed.has(name)) this.#sample(name, place.serverId, place.port);
  }

  #sample(name: string, serverId: string, port: number): void {
    const followed: Followed = {
      serverId,
      port,
      status: { kind: 'connecting' },
      undo: sampleServer({
        remote: this.#deps.remotes.remote(serverId),
        port,
        everySeconds: EVERY_SECONDS,
        now: this.#deps.now,
        onFigures: (at, figures) => {
          this.#keep(name, at, figures);
        },
        onPostgres: (at, reading) => {
          this.#behind.set(name, reading.behind);
          this.#keepLags(at, reading);
        },
        onStatus: (status) => {
          const present = this.#followed.get(name);
          if (present !== undefined) present.status = status;
          this.#soon();
        },
      }),
    };
    this.#followed.set(name, followed);
  }

  /** What a sender says of those who receive from it. */
  #keepLags(at: number, sender: PostgresReading): void {
    for (const name of this.#followed.keys())
      this.#keep(name, at, lagFigures(sender, name, this.#behind.get(name) ?? null));
  }

  #keep(name: string, at: number, figures: Figures): void {
    const found = figureMetrics.filter((metric) => figures[metric] !== undefined);
    if (found.length === 0) return;
    const latest = this.#latest.get(name) ?? new Map<Metric, { at: number; value: number }>();
    this.#latest.set(name, latest);
    for (const metric of found) latest.set(metric, { at, value: figures[metric] ?? NaN });
    this.#history(name)
      .then(async (history) => {
        history.put(at, figures);
        this.#soon();
        await history.settled();
        this.#problem = null;
      })
      .catch((thrown: unknown) => {
        this.#problem = appError('statistics.not_kept', 'The figures cannot be written to this computer’s disk.', {
          target: this.#deps.root,
          hint: 'Make room on the disk or check the rights of the data directory. Until then they last as long as the app runs.',
          cause: toErrorData(thrown),
        }).data;
      });
  }

  #history(name: string): Promise<MemberHistory> {
    const present = this.#histories.get(name);
    if (present !== undefined) return present;
    const { root, isTemporary, now } = this.#deps;
    const directory = isTemporary(this.#clusterId) ? null : directoryOf(root, this.#clusterId);
    const opened = openMemberHistory(directory, name, now()).catch(() => openMemberHistory(null, name, now()));
    this.#histories.set(name, opened);
    return opened;
  }

  #soon(): void {
    if (this.#listeners.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const listener of [...this.#listeners]) listener({ at: this.#deps.now() });
    }, GATHER_MS);
  }
}
