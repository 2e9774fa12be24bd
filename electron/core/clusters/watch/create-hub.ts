import type { ClusterEntry } from '../../../../shared/model/cluster/cluster-entry';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { appError } from '../../../../shared/model/app-error';
import type { SshState } from '../../../../shared/model/connect/server';
import type { Undo } from '../../../../shared/model/undo';
import { sameValue } from '../../../../shared/rules/cluster/cluster-patch';
import { connectEtcd } from '../../etcd/connect-etcd';
import { EtcdPool } from '../../etcd/etcd-pool';
import type { Inventory } from '../../inventory/inventory';
import { connectPatroni } from '../../patroni/connect-patroni';
import type { RemotePool } from '../../ssh/remote';
import type { Secrets } from '../../vault/secrets';
import { settleWithin } from '../../platform/wait';
import { ClusterWatcher } from './cluster-watcher';
import { Fleet } from './fleet';
import type { ClusterHub } from '../hub';
import { Turns } from './turns';
import type { WatcherDeps } from './watcher-deps';
import { dialThrough, openEtcdEndpoint } from '../connect/server-dial';

/** What the hub is made from. */
export interface HubDeps {
  readonly inventory: Inventory;
  readonly secrets: Pick<Secrets, 'read'>;
  readonly remotes: RemotePool;
  readonly now: () => number;
}

const REFRESH_LIMIT_MS = 3000;
/**
 * Logins cost computing time. Begun all at once, those of a large fleet end all at once, after the time that an answer is waited
 * for: a few clusters at a time are known sooner, each by itself and all together.
 */
const BEGIN = { atOnce: 16, longestMs: 1_000 };

interface Watched {
  readonly watcher: ClusterWatcher;
  readonly etcd: readonly { close(): Promise<void> }[];
}

/** Watches every cluster of the inventory until closed; follows its changes. */
class Hub implements ClusterHub {
  readonly #deps: HubDeps;
  readonly #etcd: EtcdPool;
  readonly #watched = new Map<string, Watched>();
  readonly #fleet = new Fleet();
  readonly #turns = new Turns(BEGIN);
  /** Who listens to a cluster, kept apart from its watcher: a changed entry gives it a new watcher. */
  readonly #listeners = new Map<string, Set<{ readonly attach: (watcher: ClusterWatcher) => Undo; undo: Undo }>>();
  readonly #undo: Undo;

  constructor(deps: HubDeps) {
    this.#deps = deps;
    const readSecret = (id: string): Promise<string | undefined> => deps.secrets.read(id);
    this.#etcd = new EtcdPool((access) =>
      connectEtcd({ open: (endpoint) => openEtcdEndpoint(deps.remotes, endpoint), readSecret, now: deps.now }, access),
    );
    for (const entry of deps.inventory.clusters()) this.#begin(entry);
    this.#undo = deps.inventory.onChange((change) => {
      if (change.kind === 'cluster') this.#changed(change.id);
    });
  }

  state(clusterId: string): ClusterState | null {
    return this.#watched.get(clusterId)?.watcher.state ?? null;
  }

  entry(clusterId: string): ClusterEntry | null {
    return this.#watched.get(clusterId)?.watcher.entry ?? null;
  }

  watch: ClusterHub['watch'] = (clusterId, listener) => this.#attach(clusterId, (watcher) => watcher.listen(listener));

  follow: ClusterHub['follow'] = (clusterId, listener) =>
    this.#attach(clusterId, (watcher) => watcher.follow(listener));

  fleet: ClusterHub['fleet'] = (listener) => this.#fleet.listen(listener);

  async refresh(clusterId: string): Promise<ClusterState> {
    const { watcher } = this.#known(clusterId);
    if (watcher.entry.onHold === true) return watcher.state;
    await settleWithin(REFRESH_LIMIT_MS, watcher.refresh());
    return watcher.state;
  }

  rest: ClusterHub['rest'] = (clusterId, member) => this.#contacted(clusterId)?.watcher.rest(member) ?? null;

  etcd: ClusterHub['etcd'] = (clusterId) => this.#contacted(clusterId)?.watcher.etcd ?? null;

  events: ClusterHub['events'] = (clusterId, limit) => this.#watched.get(clusterId)?.watcher.events(limit) ?? [];

  record: ClusterHub['record'] = (clusterId, event) => {
    this.#watched.get(clusterId)?.watcher.record(event);
  };

  reportedAt: ClusterHub['reportedAt'] = (clusterId, source) =>
    this.#watched.get(clusterId)?.watcher.reportedAt(source) ?? null;

  unreadBy: ClusterHub['unreadBy'] = (clusterId, source) =>
    this.#watched.get(clusterId)?.watcher.unreadBy(source) ?? [];

  figures: ClusterHub['figures'] = (clusterId, source) => this.#watched.get(clusterId)?.watcher.figures(source) ?? null;

  report: ClusterHub['report'] = (clusterId, source, found) => {
    this.#watched.get(clusterId)?.watcher.report(source, found);
  };

  setPair: ClusterHub['setPair'] = (clusterId, pair) => {
    this.#watched.get(clusterId)?.watcher.setPair(pair);
  };

  async close(): Promise<void> {
    this.#undo();
    this.#turns.close();
    this.#fleet.close();
    await Promise.all([...this.#watched.keys()].map((id) => this.#end(id)));
    await this.#etcd.close();
    this.#listeners.clear();
  }

  /** A cluster that somebody wants something of does not wait for its turn. */
  #needed(clusterId: string): Watched | undefined {
    this.#turns.hurry(clusterId);
    return this.#watched.get(clusterId);
  }

  /** Nobody gets a way to a cluster that is on hold. */
  #contacted(clusterId: string): Watched | undefined {
    const watched = this.#needed(clusterId);
    return watched?.watcher.entry.onHold === true ? undefined : watched;
  }

  #known(clusterId: string): Watched {
    const watched = this.#needed(clusterId);
    if (watched === undefined)
      throw appError('inventory.cluster_unknown', 'This cluster is not in the inventory.', {
        target: clusterId,
        hint: 'It may have been removed; go back to the list of clusters.',
      });
    return watched;
  }

  #begin(entry: ClusterEntry): void {
    const taken: { close(): Promise<void> }[] = [];
    const watcher = new ClusterWatcher(
      entry,
      this.#watcherDeps((access) => {
        const client = this.#etcd.take(access);
        taken.push(client);
        return client;
      }),
    );
    this.#watched.set(entry.id, { watcher, etcd: taken });
    this.#fleet.put(watcher.state);
    if (entry.onHold !== true)
      this.#turns.enter(entry.id, () => {
        watcher.start();
      });
    const listeners = this.#listeners.get(entry.id) ?? new Set();
    if (listeners.size > 0) this.#turns.hurry(entry.id);
    for (const listener of listeners) listener.undo = listener.attach(watcher);
  }

  #watcherDeps(etcd: WatcherDeps['etcd']): WatcherDeps {
    const { inventory, secrets, remotes, now } = this.#deps;
    const readSecret = (id: string): Promise<string | undefined> => secrets.read(id);
    return {
      now,
      etcd,
      settings: () => inventory.settings(),
      rest: (member, apiUrl, access, serverId) =>
        connectPatroni(member, apiUrl, access, { dial: dialThrough(remotes, serverId), readSecret }),
      dial: (serverId) => dialThrough(remotes, serverId),
      onSsh: (serverId, listener) => this.#onSsh(serverId, listener),
      onState: (state) => {
        if (hasBegun(state)) this.#turns.leave(state.clusterId);
        this.#fleet.put(state);
      },
    };
  }

  #onSsh(serverId: string, listener: (state: SshState) => void): Undo {
    try {
      const remote = this.#deps.remotes.remote(serverId);
      listener(remote.state());
      return remote.onState(listener);
    } catch (thrown) {
      const error = appError('inventory.server_unknown', 'A server of this cluster is not in the inventory.', {
        target: serverId,
        cause: thrown,
        hint: 'Assign another server to its member.',
      });
      listener({ kind: 'lost', since: this.#deps.now(), retryAt: null, error: error.data });
      return () => undefined;
    }
  }

  #changed(id: string): void {
    const entry = this.#deps.inventory.cluster(id);
    const present = this.#watched.get(id);
    if (entry !== undefined && present !== undefined && sameValue(entry, present.watcher.entry)) return;
    if (entry !== undefined && present !== undefined && isReachedAlike(entry, present.watcher.entry)) {
      present.watcher.relabel(entry);
      return;
    }
    void this.#end(id);
    if (entry === undefined) this.#fleet.remove(id);
    else this.#begin(entry);
  }

  async #end(id: string): Promise<void> {
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    this.#watched.delete(id);
    this.#turns.leave(id);
    watched.watcher.close();
    await Promise.all(watched.etcd.map((client) => client.close()));
  }

  #attach(clusterId: string, attach: (watcher: ClusterWatcher) => Undo): Undo {
    const { watcher } = this.#known(clusterId);
    const listener = { attach, undo: attach(watcher) };
    const all = this.#listeners.get(clusterId) ?? new Set();
    this.#listeners.set(clusterId, all.add(listener));
    return () => {
      listener.undo();
      all.delete(listener);
    };
  }
}

/** Every source has reported something, if only that it cannot be reached. */
function hasBegun({ sources }: ClusterState): boolean {
  return sources.every(({ status }) => status !== 'connecting');
}

/** Starts watching the clusters of the inventory. Close it to end every timer, watch and connection of its own. */
export function createClusterHub(deps: HubDeps): ClusterHub {
  return new Hub(deps);
}

/** Whether two entries of a cluster differ in nothing but what the user calls it and allows, and in servers that the watch does not ask. */
function isReachedAlike(one: ClusterEntry, other: ClusterEntry): boolean {
  const { title, production, readOnly, tags, balancerServers: _servers, ...rest } = one;
  const { balancerServers: _others, ...others } = other;
  return sameValue({ ...rest, title, production, readOnly, tags }, { ...others, title, production, readOnly, tags });
}
