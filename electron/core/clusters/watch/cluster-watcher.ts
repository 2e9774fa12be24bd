import type { ReportedFigures } from '../../../../shared/model/alerts/figure';
import type { ClusterPair } from '../../../../shared/model/cluster/cluster-pair';
import type { ClusterEntry } from '../../../../shared/model/cluster/cluster-entry';
import type { ClusterEvent, ClusterState, ClusterUpdate } from '../../../../shared/model/cluster/cluster-state';
import type { Undo } from '../../../../shared/model/undo';
import { diffState, sameValue } from '../../../../shared/rules/cluster/cluster-patch';
import type { EtcdClient, EtcdWatchEvent } from '../../etcd/etcd-client';
import type { PatroniClient } from '../../patroni/patroni-client';
import { EventList } from '../record/events';
import type { NewClusterEvent } from '../hub';
import type { ClusterFacts, FoldMemory, ReportedFindings } from '../fold/facts';
import { EMPTY_MEMORY, emptyFacts } from '../fold/facts';
import { scopePrefix } from '../../../../shared/rules/cluster/scope-prefix';
import { foldDcs } from '../fold/dcs-facts';
import { foldCluster } from '../fold/fold-cluster';
import { isHeartbeat } from './heartbeat';
import { MemberPolls } from './member-polls';
import { NOTHING_RECORDED, recordChanges, type RecorderMemory } from '../record/recorder';
import { SideQuestions } from './side-questions';
import type { WatcherDeps } from './watcher-deps';

/**
 * Folds wait so long for more news of the same moment: on the screen about a frame, else as long as the rows of the fleet do.
 * A change of the leader does not wait.
 */
const COALESCE_MS = { visible: 15, hidden: 100 } as const;
/** Where nobody waits, heartbeats of so long are folded together. */
const COALESCE_HEARTBEATS_MS = 1_000;
/** Lag, freshness and findings that depend on the clock are computed again this often. */
const TICK_VISIBLE_MS = 1_000;
const TICK_HIDDEN_MS = 5_000;
const EVENTS_WITH_SNAPSHOT = 200;

type Listener = (update: ClusterUpdate) => void;

/** Keeps one cluster's live state: watches etcd, polls REST, folds, records, and notifies its listeners. */
export class ClusterWatcher {
  readonly #deps: WatcherDeps;
  readonly #etcd: EtcdClient | null;
  readonly #polls: MemberPolls;
  readonly #side: SideQuestions;
  readonly #events = new EventList();
  readonly #listeners = new Set<Listener>();
  readonly #followers = new Set<(state: ClusterState) => void>();
  readonly #undo: Undo[] = [];
  readonly #awaitingEtcd = new Set<() => void>();
  #facts: ClusterFacts;
  #memory: FoldMemory = EMPTY_MEMORY;
  #recorder: RecorderMemory = NOTHING_RECORDED;
  #state: ClusterState;
  #pending: NodeJS.Timeout | undefined;
  #pendingAt = 0;
  #tick: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(entry: ClusterEntry, deps: WatcherDeps) {
    this.#deps = deps;
    this.#facts = emptyFacts(entry, this.#pollMs());
    this.#state = { ...foldCluster(this.#facts, this.#memory, deps.now()).state, revision: 1 };
    this.#etcd = entry.etcd === null ? null : deps.etcd(entry.etcd);
    this.#polls = new MemberPolls({
      ...deps,
      everyMs: () => this.#pollMs(),
      update: (change) => {
        this.#learn(change);
      },
    });
    this.#side = new SideQuestions({
      etcd: this.#etcd,
      polls: this.#polls,
      now: deps.now,
      visible: () => this.visible,
      facts: () => this.#facts,
      update: (change) => {
        this.#learn(change);
      },
      dial: deps.dial,
    });
  }

  get state(): ClusterState {
    return this.#state;
  }

  get entry(): ClusterEntry {
    return this.#facts.entry;
  }

  get etcd(): EtcdClient | null {
    return this.#etcd;
  }

  get visible(): boolean {
    return this.#listeners.size > 0;
  }

  /** Somebody views this cluster, or an operation follows it. */
  get #isAwaited(): boolean {
    return this.visible || this.#followers.size > 0;
  }

  start(): void {
    const { entry } = this.#facts;
    const prefix = scopePrefix(entry.namespace, entry.scope, entry.citusGroup);
    if (this.#etcd !== null)
      this.#undo.push(
        this.#etcd.watchPrefix(
          prefix,
          (event) => {
            this.#onEtcd(prefix, event);
          },
          () => this.#isAwaited,
        ),
      );
    this.#watchServers();
    this.#polls.sync(this.#facts);
    this.#side.start();
    this.#schedule(TICK_HIDDEN_MS * Math.random());
  }

  /** Takes over what the user calls the cluster and allows; the ways to it must be those of before. */
  relabel(entry: ClusterEntry): void {
    this.#facts = { ...this.#facts, entry };
    this.#fold();
  }

  listen(listener: Listener): Undo {
    if (this.#pending !== undefined) this.#fold();
    this.#listeners.add(listener);
    listener({ kind: 'snapshot', state: this.#state, events: this.#events.last(EVENTS_WITH_SNAPSHOT) });
    if (this.#listeners.size === 1) this.#cameOnScreen();
    return () => {
      if (this.#listeners.delete(listener)) this.#facts = { ...this.#facts, pollMs: this.#pollMs() };
    };
  }

  follow(listener: (state: ClusterState) => void): Undo {
    if (this.#pending !== undefined) this.#fold();
    this.#followers.add(listener);
    listener(this.#state);
    return () => {
      this.#followers.delete(listener);
    };
  }

  rest(member: string): PatroniClient | null {
    return this.#polls.client(member);
  }

  events(limit: number): readonly ClusterEvent[] {
    return this.#events.last(limit);
  }

  record(event: NewClusterEvent): void {
    const added = this.#events.add([event]);
    const patch = { revision: this.#state.revision, fields: {}, members: {} };
    for (const listener of [...this.#listeners]) listener({ kind: 'patch', patch, events: added });
  }

  /** See `ClusterHub.reportedAt`. */
  reportedAt(source: string): number | null {
    const found = this.#facts.reported.get(source);
    return found?.isSettled === true ? found.asOf : null;
  }

  /** See `ClusterHub.unreadBy`. */
  unreadBy(source: string): readonly string[] {
    return this.#facts.reported.get(source)?.unread ?? [];
  }

  /** See `ClusterHub.figures`. */
  figures(source: string): ReportedFigures | null {
    return this.#facts.reported.get(source)?.figures ?? null;
  }

  report(source: string, found: ReportedFindings): void {
    this.#learn({ reported: new Map(this.#facts.reported).set(source, found) });
  }

  /** See `ClusterHub.setPair`. */
  setPair(pair: ClusterPair | null): void {
    if (!sameValue(pair, this.#facts.pair)) this.#learn({ pair });
  }

  /**
   * Asks every source now; each ask has its own timeout. An etcd that is just being connected to is waited for until
   * it reports something or is lost: the caller bounds the time.
   */
  async refresh(): Promise<ClusterState> {
    await this.#firstWord();
    await Promise.all([this.#polls.askAll(), this.#side.askAll()]);
    this.#fold();
    return this.#state;
  }

  close(): void {
    this.#closed = true;
    this.#etcdSpoke();
    clearTimeout(this.#pending);
    clearTimeout(this.#tick);
    for (const undo of this.#undo) undo();
    this.#polls.close();
    this.#side.stop();
    this.#listeners.clear();
    this.#followers.clear();
  }

  /** Resolves when etcd is no longer only being connected to, or the watcher is closed. */
  #firstWord(): Promise<void> {
    if (this.#closed || this.#facts.dcs.state.kind !== 'connecting') return Promise.resolve();
    return new Promise((resolve) => {
      this.#awaitingEtcd.add(resolve);
    });
  }

  #etcdSpoke(): void {
    for (const resolve of this.#awaitingEtcd) resolve();
    this.#awaitingEtcd.clear();
  }

  #pollMs(): number {
    const { pollVisibleMs, pollHiddenMs } = this.#deps.settings();
    return this.#listeners.size > 0 ? pollVisibleMs : pollHiddenMs;
  }

  #cameOnScreen(): void {
    if (this.entry.onHold === true) return;
    this.#facts = { ...this.#facts, pollMs: this.#pollMs() };
    this.#polls.nudgeAll();
    this.#side.wake();
    this.#schedule(TICK_VISIBLE_MS);
  }

  #schedule(inMs: number): void {
    clearTimeout(this.#tick);
    if (this.#closed) return;
    this.#tick = setTimeout(() => {
      this.#fold();
      this.#schedule(this.visible ? TICK_VISIBLE_MS : TICK_HIDDEN_MS);
    }, inMs);
  }

  #watchServers(): void {
    const ids = new Set([
      ...this.#facts.entry.members.map((member) => member.serverId),
      ...(this.#facts.entry.etcd?.endpoints.map((one) => one.serverId) ?? []),
    ]);
    for (const id of ids) {
      if (id === null) continue;
      const ssh = (state: Parameters<Parameters<WatcherDeps['onSsh']>[1]>[0]): void => {
        this.#learn({ ssh: new Map(this.#facts.ssh).set(id, state) });
      };
      this.#undo.push(this.#deps.onSsh(id, ssh));
    }
  }

  #learn(change: Partial<ClusterFacts>): void {
    if (this.#closed) return;
    // While there is no primary, each answer may report its return, whose time is measured.
    const canWait = !this.#isAwaited && this.#recorder.outage.gap === null && isHeartbeat(this.#facts, change);
    this.#facts = { ...this.#facts, ...change };
    const soon = this.visible ? COALESCE_MS.visible : COALESCE_MS.hidden;
    this.#foldWithin(canWait ? COALESCE_HEARTBEATS_MS : soon);
  }

  #foldWithin(ms: number): void {
    const at = performance.now() + ms;
    if (this.#pending !== undefined && this.#pendingAt <= at) return;
    clearTimeout(this.#pending);
    this.#pendingAt = at;
    this.#pending = setTimeout(() => {
      this.#fold();
    }, ms);
  }

  #onEtcd(prefix: string, event: EtcdWatchEvent): void {
    if (this.#closed) return;
    const before = this.#facts.dcs;
    const dcs = foldDcs(before, prefix, event);
    if (dcs.state.kind !== 'connecting')
      queueMicrotask(() => {
        this.#etcdSpoke();
      });
    if (event.kind === 'alive') {
      this.#facts = { ...this.#facts, dcs };
      if (before.state.kind !== dcs.state.kind) this.#fold();
      return;
    }
    this.#learn({ dcs });
    this.#polls.sync(this.#facts);
    if (before.leader?.name !== dcs.leader?.name || before.state.kind !== dcs.state.kind) {
      this.#fold();
      this.#polls.nudgeAll();
      this.#side.wake();
    } else if (event.kind === 'changes') this.#nudgeChanged(prefix, event);
  }

  /** A member whose key says something new is asked at once; Patroni writes its position there each loop, which is not news. */
  #nudgeChanged(prefix: string, event: Extract<EtcdWatchEvent, { kind: 'changes' }>): void {
    for (const change of event.changes) {
      const name = (change.kind === 'put' ? change.entry.key : change.key).slice(`${prefix}members/`.length);
      const shown = this.#state.members.find((member) => member.name === name);
      const key = this.#facts.dcs.members.get(name)?.key;
      if (
        shown === undefined ||
        key === undefined ||
        shown.stateText !== key.stateText ||
        shown.timeline !== key.timeline
      )
        this.#polls.nudge(name);
    }
  }

  #fold(): void {
    clearTimeout(this.#pending);
    this.#pending = undefined;
    if (this.#closed) return;
    // Off the screen the clock alone needs a fold only when nothing else caused one.
    if (!this.visible) this.#schedule(TICK_HIDDEN_MS);
    const now = this.#deps.now();
    const folded = foldCluster(this.#facts, this.#memory, now);
    this.#memory = folded.memory;
    const next = { ...folded.state, revision: this.#state.revision + 1 };
    const patch = diffState(this.#state, next);
    if (patch === null) return;
    const recorded = recordChanges(this.#recorder, this.#state, next);
    this.#recorder = recorded.memory;
    this.#state = next;
    const events = this.#events.add(recorded.events);
    for (const listener of [...this.#listeners]) listener({ kind: 'patch', patch, events });
    for (const follower of [...this.#followers]) follower(next);
    this.#deps.onState(next);
    this.#hurry();
  }

  /** While there is no primary, its return is polled for closely, so that the measured gap is close to the real one. */
  #hurry(): void {
    if (
      this.#recorder.outage.gap === null &&
      this.#state.members.some((member) => member.name === this.#state.leader.holder && member.primarySeen === true)
    )
      return;
    if (this.#state.leader.holder !== null && this.#recorder.outage.gap !== null)
      this.#polls.hurry(this.#state.leader.holder);
  }
}
