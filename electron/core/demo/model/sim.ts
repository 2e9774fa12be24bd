import { scopePrefix } from '../../../../shared/rules/cluster/scope-prefix';
import { toStoreKey, type EtcdStore } from '../etcd-store/store';
import { Agenda } from './agenda';
import type { AgendaItem } from './agenda';
import type { SimDcs } from './dcs';
import { isObject, parseJson } from './json';
import type { Json, JsonObject } from './json';
import { seeded } from './random';
import { flagOf, numberOf } from './settings';
import type { DemoClusterSpec, MemberState, SimDrill, SimFailoverKey, SimLogLine, SimProgram } from './types';
import { walPosition } from './wal';

/** Longer sleeps than this of the real machine are not lived through; the demo sleeps along. */
const LONGEST_CATCH_UP_MS = 60_000;
const LOG_LINES = 2000;
/** Longer chains of members that follow each other are a ring. */
const MOST_DEPTH = 20;

/** How a cluster of the demo is made. Times are ms of the injected clock; `timeScale` 3 makes everything happen three times as fast. */
export interface SimOptions {
  readonly spec: DemoClusterSpec;
  readonly members: readonly MemberState[];
  readonly dcs: SimDcs;
  readonly seed: number;
  readonly timeScale: number;
  readonly startAt: number;
  readonly systemIdentifier: string;
  /** All clusters of the demo, itself among them; without it, itself alone. */
  readonly fleet?: (() => readonly Sim[]) | undefined;
}

/** The upstream of a standby leader whose other site is in the demo, too. No member is called so. */
export const OTHER_SITE = '';

/** Packages that were put in place on a server. */
export interface PlacedPackages {
  readonly id: string;
  readonly at: number;
  /** When PostgreSQL was among them, ms; what runs since before is older. */
  readonly postgresAt: number | null;
  readonly versions: ReadonlyMap<string, string>;
}

/**
 * One simulated cluster: its members, the etcd that it uses and what will happen next. Deterministic from the
 * seed and the times it is given; no I/O and no timers. The rules that move it are in ha.ts,
 * postgres.ts and faults.ts.
 */
export class Sim {
  readonly agenda = new Agenda();
  spec: DemoClusterSpec;
  readonly members: readonly MemberState[];
  readonly dcs: SimDcs;
  readonly random: () => number;
  readonly timeScale: number;
  prefix: string;
  readonly systemIdentifier: string;
  readonly bytesPerSecond: number;
  readonly #fleet: () => readonly Sim[];
  now: number;
  /** The next member that could take the lock dies before it does. */
  candidateDies = false;
  /** A slot that nobody uses has retained WAL until the disk of the primary is nearly full. */
  slotHoards = false;
  /** What drills wrote, and the switches and writers of drills that are at work. */
  readonly drill: SimDrill = { rows: [], switches: new Map(), writers: new Map() };
  /** Packages that were put in place, by the names of members: under which run, when, and which versions. */
  readonly placed = new Map<string, PlacedPackages>();
  /** Assessments of a new major version at work, by the names of members: which, since when, from which version to which. */
  readonly assessed = new Map<string, { readonly id: string; readonly at: number; readonly target: string }>();
  /** Set by who drives the model: something is due earlier than before. */
  onEarlier: () => void = () => undefined;

  constructor(options: SimOptions) {
    this.spec = options.spec;
    this.members = options.members;
    this.dcs = options.dcs;
    this.random = seeded(options.seed);
    this.timeScale = options.timeScale;
    this.now = options.startAt;
    this.dcs.expire(this, this.now);
    this.systemIdentifier = options.systemIdentifier;
    this.#fleet = options.fleet ?? (() => []);
    this.prefix = prefixOf(options.spec);
    this.bytesPerSecond = options.spec.writes ?? 20_000 + Math.floor(this.random() * 180_000);
  }

  /** The cluster is described anew: by the configuration of its first member. Its keys have another prefix from now on. */
  describe(spec: DemoClusterSpec): void {
    this.spec = spec;
    this.prefix = prefixOf(spec);
  }

  /** Lets everything happen that is due up to `time`. */
  advance(time: number): void {
    const lost = time - this.now - LONGEST_CATCH_UP_MS;
    if (lost > 0) this.#sleep(lost);
    for (let due = this.nextDue(); due <= time; due = this.nextDue()) {
      this.now = Math.max(this.now, due);
      this.dcs.expire(this, this.now);
      if (this.agenda.next() <= this.now) this.agenda.take()?.run();
    }
    this.now = Math.max(this.now, time);
  }

  /** When something is due next, or Infinity. */
  nextDue(): number {
    const expiry = this.store.leases.nextExpiry();
    // What should have ended by now waits for a cluster that is behind, and ends in its time.
    return Math.min(this.agenda.next(), expiry > this.now ? expiry : Infinity);
  }

  /** Something that happens after `ms` of the simulated cluster's time. */
  after(ms: number, run: () => void): AgendaItem {
    return this.at(this.now + ms / this.timeScale, run);
  }

  /** Something that happens at a time of the clock. */
  at(time: number, run: () => void): AgendaItem {
    const before = this.agenda.next();
    const item = this.agenda.add(time, run);
    if (time < before) this.onEarlier();
    return item;
  }

  member(name: string | null | undefined): MemberState | undefined {
    return this.members.find((member) => member.name === name);
  }

  /** Where a member stands in the log now, in bytes. */
  position(member: MemberState, depth = 0, at = this.now): number {
    return walPosition(member.wal, at, (name) => {
      if (name === OTHER_SITE) return this.#otherPosition(at, depth + 1);
      const upstream = this.member(name);
      return upstream === undefined || depth > this.members.length ? 0 : this.position(upstream, depth + 1, at);
    });
  }

  /** How far the WAL of the followed cluster goes; a ring of clusters that follow each other comes to an end. */
  #otherPosition(at: number, depth: number): number {
    const other = this.source();
    if (other === null || depth > MOST_DEPTH) return 0;
    return Math.max(0, ...other.members.map((member) => other.position(member, depth, at)));
  }

  /** The cluster of the demo to which its configuration leads as to the one that it follows; null: none, or one that is not in the demo. */
  source(): Sim | null {
    if (!this.followsOther()) return null;
    const section = this.config().standby_cluster;
    const hosts = isObject(section) && typeof section.host === 'string' ? section.host.split(',') : [];
    return this.#fleet().find((one) => one !== this && one.members.some(({ ip }) => hosts.includes(ip))) ?? null;
  }

  /** The standby leaders of other clusters that receive from this one. */
  receivers(): readonly { readonly sim: Sim; readonly member: MemberState }[] {
    return this.#fleet()
      .filter((one) => one !== this && one.source() === this)
      .flatMap((sim) =>
        sim.members
          .filter(({ role, streaming }) => role === 'standby_leader' && streaming)
          .map((member) => ({ sim, member })),
      );
  }

  /** Whether two members reach each other over the network. */
  connected(a: MemberState, b: MemberState): boolean {
    return a.power && b.power && (a === b || (!a.partitioned && !b.partitioned));
  }

  get store(): EtcdStore {
    return this.dcs.store;
  }

  dcsReachable(member: MemberState): boolean {
    return member.power && !member.partitioned && this.dcs.quorum();
  }

  read(name: string): string | null {
    return this.store.get(toStoreKey(this.prefix + name))?.value.toString('utf8') ?? null;
  }

  readObject(name: string): JsonObject | null {
    const value = parseJson(this.read(name) ?? '');
    return isObject(value) ? value : null;
  }

  /** Writes a key when its value is another than before. */
  write(name: string, value: Json, lease = '0'): void {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const key = toStoreKey(this.prefix + name);
    const old = this.store.get(key);
    if (old?.value.toString('utf8') !== text || old.lease !== lease) this.store.put(key, text, lease);
  }

  remove(name: string): void {
    this.store.deleteRange({ start: toStoreKey(this.prefix + name), end: '' });
  }

  leaderName(): string | null {
    return this.read('leader');
  }

  config(): JsonObject {
    return this.readObject('config') ?? {};
  }

  loopWait(member: MemberState): number {
    return numberOf(member.config, 'loop_wait', 10) * 1000;
  }

  /** Whether its configuration names another cluster to follow (patroni/global_config.py, is_standby_cluster). */
  followsOther(): boolean {
    const section = this.config().standby_cluster;
    return isObject(section) && ['host', 'port', 'restore_command'].some((key) => Boolean(section[key]));
  }

  paused(): boolean {
    return flagOf(this.config(), 'pause');
  }

  /** The `failover` key, or null when it is empty. */
  failover(): SimFailoverKey | null {
    const value = this.readObject('failover');
    const text = (field: string): string | null =>
      typeof value?.[field] === 'string' && value[field] !== '' ? value[field] : null;
    const key = { leader: text('leader'), member: text('member'), scheduledAt: text('scheduled_at') };
    return key.leader === null && key.member === null ? null : key;
  }

  /** Writes a line into a member's Patroni log. */
  log(member: MemberState, text: string, level: SimLogLine['level'] = 'INFO'): void {
    this.note(member, 'patroni', text, level);
  }

  /** Writes a line of a program into the journal of a member's server; one without power writes nothing. */
  note(member: MemberState, program: SimProgram, text: string, level: SimLogLine['level'] = 'INFO'): void {
    if (!member.power) return;
    member.log.push({ number: (member.log.at(-1)?.number ?? 0) + 1, at: this.now, program, level, text });
    if (member.log.length > LOG_LINES) member.log.shift();
  }

  #sleep(ms: number): void {
    this.agenda.postpone(ms);
    this.dcs.sleep(ms, this.now + ms);
    for (const member of this.members) {
      if (member.wal.kind === 'write' || member.wal.kind === 'crawl')
        member.wal = { ...member.wal, at: member.wal.at + ms };
    }
    this.now += ms;
  }
}

function prefixOf({ namespace, scope, citusGroup }: DemoClusterSpec): string {
  return scopePrefix(namespace ?? '/service/', scope, citusGroup);
}
