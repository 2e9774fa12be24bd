import type { ClusterFacts, FoldMemory } from '../../../electron/core/clusters/fold/facts';
import { EMPTY_MEMORY, EMPTY_REST, emptyFacts } from '../../../electron/core/clusters/fold/facts';
import { foldCluster } from '../../../electron/core/clusters/fold/fold-cluster';
import { foldDcs } from '../../../electron/core/clusters/fold/dcs-facts';
import { NOTHING_RECORDED, recordChanges, type RecorderMemory } from '../../../electron/core/clusters/record/recorder';
import { foldRest } from '../../../electron/core/clusters/watch/rest-facts';
import type { NewClusterEvent } from '../../../electron/core/clusters/hub';
import { prefixRange, toStoreKey } from '../../../electron/core/demo/etcd-store/store';
import { answersQueries } from '../../../electron/core/demo/model/postgres';
import type { Sim } from '../../../electron/core/demo/model/sim';
import type { MemberState } from '../../../electron/core/demo/model/types';
import { answerGet } from '../../../electron/core/demo/rest/get-routes';
import type { ErrorCode } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { EtcdWatchEvent } from '../../../electron/core/etcd/etcd-client';

/** As the app polls a cluster on the screen, ms. */
const POLL_MS = 2_000;
const HURRIED_POLL_MS = 250;
const ASK_TIMEOUT_MS = 4_000;
const SSH_NOTICES_MS = 12_000;
const ETCD_ALIVE_MS = 1_200;
const ETCD_NOTICES_MS = 4_000;
const PORT_MS = 5_000;
const TICK_MS = 1_000;

interface Asked {
  next: number;
  /** When the question that nobody answers times out; null: none is under way. */
  timesOutAt: number | null;
}

/** The app's view of a simulated cluster, made by the app's own fold and recorder from what it could hear at each moment. */
export class ObservedSim {
  readonly events: NewClusterEvent[] = [];
  /** Servers that the workstation is cut off from, since when; the cluster itself does not notice. */
  readonly unreachable = new Map<string, number>();
  facts: ClusterFacts;
  state: ClusterState;
  readonly #sim: Sim;
  readonly #asked = new Map<string, Asked>();
  #memory: FoldMemory = EMPTY_MEMORY;
  #recorded: RecorderMemory = NOTHING_RECORDED;
  #etcdAt = -Infinity;
  #etcdRevision = -1;
  #etcdLostAt: number | null = null;
  #portsAt = -Infinity;
  #foldedAt = -Infinity;

  constructor(sim: Sim) {
    this.#sim = sim;
    this.facts = emptyFacts(
      {
        id: 'c1',
        title: 'Orders',
        scope: 'orders',
        namespace: 'service',
        tags: [],
        production: false,
        readOnly: false,
        origin: 'user',
        members: sim.members.map((member) => ({
          name: member.name,
          serverId: member.name,
          apiUrl: `http://${member.ip}:8008/patroni`,
          postgresHost: member.ip,
          postgresPort: 5432,
        })),
        etcd: { endpoints: [], tls: null, auth: null },
        rest: { tls: null, auth: null },
      },
      POLL_MS,
    );
    this.state = this.#folded();
    for (const member of sim.members) this.#asked.set(member.name, { next: sim.now, timesOutAt: null });
  }

  get now(): number {
    return this.#sim.now;
  }

  /** Lets the cluster live for `ms`, and hears what can be heard meanwhile. */
  live(ms: number): void {
    this.#sim.advance(this.#sim.now + ms);
    const before = this.facts;
    this.#hearEtcd();
    for (const member of this.#sim.members) this.#hearMember(member);
    this.#hearPorts();
    if (this.facts !== before || this.now - this.#foldedAt >= TICK_MS) this.#fold();
  }

  #fold(): void {
    const next = this.#folded();
    const { memory, events } = recordChanges(this.#recorded, this.state, next);
    this.#recorded = memory;
    this.events.push(...events);
    this.state = next;
    this.#hurry();
  }

  /** While there is no primary, the holder of the lock is asked closely, as the watcher does. */
  #hurry(): void {
    const asked = this.#asked.get(this.state.leader.holder ?? '');
    if (this.#recorded.outage.gap !== null && asked !== undefined)
      asked.next = Math.min(asked.next, this.now + HURRIED_POLL_MS);
  }

  #folded(): ClusterState {
    this.#foldedAt = this.now;
    const { state, memory } = foldCluster(this.facts, this.#memory, this.now);
    this.#memory = memory;
    return { ...state, revision: 1 };
  }

  #answers(member: MemberState): boolean {
    return member.power && !this.unreachable.has(member.name);
  }

  #hearEtcd(): void {
    const servers = this.#sim.dcs.hosts.filter((member) => this.#answers(member));
    if (servers.length > 0 && this.#sim.dcs.quorum()) return this.#hearKeys();
    this.#etcdLostAt ??= this.now;
    this.#etcdRevision = -1;
    if (this.now - this.#etcdLostAt < ETCD_NOTICES_MS || this.now - this.#etcdAt < ETCD_ALIVE_MS) return;
    const reason = servers.length > 0 ? 'no_quorum' : 'unreachable';
    const error = { code: `etcd.${reason}`, message: reason, retryable: true } as const;
    this.#take({ kind: 'lost', reason, at: this.now, error });
  }

  #hearKeys(): void {
    this.#etcdLostAt = null;
    const { store, prefix } = this.#sim;
    if (store.revision !== this.#etcdRevision) {
      const leaderBefore = this.facts.dcs.leader?.name;
      this.#etcdRevision = store.revision;
      const entries = store.range(prefixRange(toStoreKey(prefix))).map((kv) => ({
        key: Buffer.from(kv.key, 'latin1').toString('utf8'),
        value: kv.value.toString('utf8'),
        lease: kv.lease,
        createRevision: String(kv.createRevision),
        modRevision: String(kv.modRevision),
      }));
      this.#take({ kind: 'snapshot', revision: String(store.revision), at: this.now, entries });
      if (this.facts.dcs.leader?.name !== leaderBefore) this.#askEverybodyNow();
    } else if (this.now - this.#etcdAt >= ETCD_ALIVE_MS) {
      this.#take({ kind: 'alive', at: this.now });
    }
  }

  #take(event: EtcdWatchEvent): void {
    this.#etcdAt = this.now;
    this.facts = { ...this.facts, dcs: foldDcs(this.facts.dcs, this.#sim.prefix, event) };
  }

  #askEverybodyNow(): void {
    for (const asked of this.#asked.values()) asked.next = Math.min(asked.next, this.now);
  }

  #hearMember(member: MemberState): void {
    const asked = this.#asked.get(member.name);
    if (asked === undefined) return;
    this.#hearSsh(member);
    if (asked.timesOutAt !== null) {
      if (this.now < asked.timesOutAt) return;
      asked.timesOutAt = null;
      asked.next = this.now + POLL_MS;
      return this.#fail(member, 'rest.timeout');
    }
    if (this.now < asked.next) return;
    if (!this.#answers(member)) {
      asked.timesOutAt = this.now + ASK_TIMEOUT_MS;
      return;
    }
    asked.next = this.now + POLL_MS * (0.9 + this.#sim.random() * 0.2);
    if (!member.agent) return this.#fail(member, 'rest.refused');
    const answer = answerGet(this.#sim, member, {
      method: 'GET',
      name: 'patroni',
      query: new URLSearchParams(),
      body: '',
      hasLength: false,
    });
    if (answer.kind === 'json') this.#learn(member, { kind: 'answer', value: answer.body, at: this.now });
  }

  #hearSsh(member: MemberState): void {
    const cutAt = this.unreachable.get(member.name) ?? (member.power ? null : this.#silentSince(member));
    const isLost = cutAt !== null && this.now - cutAt >= SSH_NOTICES_MS;
    const known = this.facts.ssh.get(member.name)?.kind;
    if (isLost === (known === 'lost') && known !== undefined) return;
    const error = { code: 'ssh.connection_lost', message: 'lost', retryable: true } as const;
    this.facts = {
      ...this.facts,
      ssh: new Map(this.facts.ssh).set(
        member.name,
        isLost ? { kind: 'lost', since: this.now, retryAt: null, error } : { kind: 'connected', since: this.now },
      ),
    };
  }

  #silentSince(member: MemberState): number {
    return this.facts.rest.get(member.name)?.failingSince ?? this.now;
  }

  #hearPorts(): void {
    if (this.now - this.#portsAt < PORT_MS) return;
    this.#portsAt = this.now;
    const silent = this.#sim.members.filter(
      (member) => this.facts.rest.get(member.name)?.error != null && this.#answers(member),
    );
    const up = new Map(silent.map((member) => [member.name, answersQueries(member)] as const));
    if (up.size > 0 || this.facts.postgresUp.size > 0) this.facts = { ...this.facts, postgresUp: up };
  }

  #fail(member: MemberState, code: ErrorCode): void {
    this.#learn(member, { kind: 'error', error: { code, message: code, retryable: true }, at: this.now });
  }

  #learn(member: MemberState, result: Parameters<typeof foldRest>[1]): void {
    const known = this.facts.rest.get(member.name) ?? EMPTY_REST;
    this.facts = { ...this.facts, rest: new Map(this.facts.rest).set(member.name, foldRest(known, result)) };
  }
}
