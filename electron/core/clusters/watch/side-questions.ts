import { toErrorData } from '../../../../shared/model/app-error';
import type { DcsState, EtcdMember } from '../../../../shared/model/cluster/cluster-state';
import type { EtcdClient } from '../../etcd/etcd-client';
import type { PatroniClient } from '../../patroni/patroni-client';
import { parseCluster } from '../../patroni/answers/cluster';
import { parseConfig, parseHistory } from '../../patroni/answers/keys';
import type { ClusterFacts } from '../fold/facts';
import { dcsIsLive } from '../fold/view';
import type { MemberPolls } from './member-polls';
import { sameValue } from '../../../../shared/rules/cluster/cluster-patch';
import { isSettled, nothingSettled, settleFindings } from '../../../../shared/rules/cluster/findings/settle-findings';
import { findSlowMembers, type EtcdPace } from '../../../../shared/rules/etcd/slow-members';
import { scopePrefix } from '../../../../shared/rules/cluster/scope-prefix';
import { citusGroupsOf } from '../discovery/list-members';
import type { WatcherDeps } from './watcher-deps';

/** What the questions beside the polls work with. */
export interface SideOptions extends Pick<WatcherDeps, 'now' | 'dial'> {
  readonly etcd: EtcdClient | null;
  readonly polls: MemberPolls;
  readonly visible: () => boolean;
  readonly facts: () => ClusterFacts;
  readonly update: (change: Partial<ClusterFacts>) => void;
}

type Question = 'lease' | 'etcdMembers' | 'listing' | 'config' | 'postgres' | 'groups';

/** ms between two asks: on the screen, and otherwise (null: not asked). */
const EVERY: Readonly<Record<Question, { readonly visible: number; readonly hidden: number | null }>> = {
  lease: { visible: 5_000, hidden: null },
  etcdMembers: { visible: 4_000, hidden: 120_000 },
  listing: { visible: 5_000, hidden: 20_000 },
  config: { visible: 20_000, hidden: 60_000 },
  postgres: { visible: 5_000, hidden: 20_000 },
  groups: { visible: 10_000, hidden: null },
};
const QUESTIONS: readonly Question[] = ['lease', 'etcdMembers', 'listing', 'config', 'postgres', 'groups'];
/** Off the screen all members of etcd are asked so seldom, ms. */
const WHOLE_ETCD_MS = 5 * 60_000;
const LOOK_VISIBLE_MS = 1_000;
const LOOK_HIDDEN_MS = 5_000;
const ASK_TIMEOUT_MS = 4_000;
const PORT_TIMEOUT_MS = 3_000;
/** A member of etcd is slow when three readings in a row say so, and no more when five in a row do not: 12 s and 20 s on the screen. */
const SLOW_LASTS = { tellAfter: 3, takeBackAfter: 5 };
/** Far more keys than the groups of a Citus cluster have. */
const MOST_KEYS = 20_000;

/** The questions that are asked now and then beside the polls: each alone, each bounded, none when it cannot report anything new. */
export class SideQuestions {
  readonly #options: SideOptions;
  readonly #askedAt = new Map<Question, number>();
  readonly #asking = new Set<Question>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #slow = nothingSettled;
  #turn = 0;
  #etcdWholeAt: number;

  constructor(options: SideOptions) {
    this.#options = options;
    // Not all clusters of a fleet ask all members at once.
    this.#etcdWholeAt = options.now() - Math.random() * WHOLE_ETCD_MS;
  }

  start(): void {
    this.#schedule(500 * Math.random());
  }

  /** Something changed: what is asked rarely is asked again now. */
  wake(): void {
    this.#askedAt.delete('lease');
    this.#askedAt.delete('etcdMembers');
    this.#schedule(100);
  }

  async askAll(): Promise<void> {
    await Promise.all(QUESTIONS.map((question) => this.#ask(question)));
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(inMs: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      for (const question of QUESTIONS) if (this.#isDue(question)) void this.#ask(question);
      this.#schedule(this.#options.visible() ? LOOK_VISIBLE_MS : LOOK_HIDDEN_MS);
    }, inMs);
  }

  #isDue(question: Question): boolean {
    const every = this.#options.visible() ? EVERY[question].visible : EVERY[question].hidden;
    return every !== null && this.#options.now() - (this.#askedAt.get(question) ?? -Infinity) >= every;
  }

  async #ask(question: Question): Promise<void> {
    if (this.#stopped || this.#asking.has(question)) return;
    this.#asking.add(question);
    this.#askedAt.set(question, this.#options.now());
    try {
      const change = await this.#answer(question);
      if (!this.#stopped && change !== null) this.#options.update(change);
    } catch {
      // The state of its source reports why a question has no answer.
    } finally {
      this.#asking.delete(question);
    }
  }

  #answer(question: Question): Promise<Partial<ClusterFacts> | null> {
    switch (question) {
      case 'lease':
        return this.#lease();
      case 'etcdMembers':
        return this.#etcdMembers();
      case 'listing':
        return this.#listing();
      case 'config':
        return this.#config();
      case 'postgres':
        return this.#postgres();
      case 'groups':
        return this.#groups();
    }
  }

  async #lease(): Promise<Partial<ClusterFacts> | null> {
    const { etcd, facts, now } = this.#options;
    const { leader } = facts().dcs;
    if (etcd === null || leader === null || leader.lease === '0' || !dcsIsLive(facts())) return null;
    const found = await etcd.leaseTime(leader.lease);
    return {
      lease: found === null ? null : { holder: leader.name, leftMs: found.leftMs, ttlMs: found.ttlMs, askedAt: now() },
    };
  }

  /**
   * Off the screen all members are asked only now and then, and again at once while one of them was lost: the connections for it are
   * closed soon after, but a hundred clusters would open three hundred each time.
   */
  async #etcdMembers(): Promise<Partial<ClusterFacts> | null> {
    const { etcd, facts, visible, now } = this.#options;
    if (etcd === null) return null;
    const isWhole = visible() || this.#isWholeDue();
    const asked = await etcd.members(isWhole);
    if (isWhole) this.#etcdWholeAt = now();
    const { dcs } = facts();
    const members = asked.map(({ pace: _pace, ...member }) => withKnown(member, dcs.state, !isWhole));
    const withMembers = (state: DcsState): DcsState => {
      if (state.kind === 'live')
        return { ...state, members, etcdVersion: members.find((one) => one.version !== null)?.version ?? null };
      return state.kind === 'no_quorum' ? { ...state, members } : state;
    };
    return { dcs: { ...dcs, state: withMembers(dcs.state) }, ...this.#paces(asked.map(({ pace }) => pace)) };
  }

  #isWholeDue(): boolean {
    const { facts, now } = this.#options;
    const { state } = facts().dcs;
    const isOneLost = 'members' in state && state.members.some(({ reachable }) => reachable === false);
    return isOneLost || now() - this.#etcdWholeAt >= WHOLE_ETCD_MS;
  }

  /** Off the screen there is nobody to compare the one member with that is asked: what was found before grows old there. */
  #paces(paces: readonly EtcdPace[]): Partial<ClusterFacts> {
    if (paces.filter(({ latencyMs }) => latencyMs !== null).length < 2) return {};
    const asOf = this.#options.now();
    const slow = findSlowMembers(paces).map((finding) => ({ ...finding, asOf }));
    this.#slow = settleFindings(this.#slow, slow, SLOW_LASTS);
    const { reported } = this.#options.facts();
    const findings = [...this.#slow.told.values()];
    if (findings.length === 0 && !reported.has('etcd')) return {};
    return {
      reported: new Map(reported).set('etcd', { findings, asOf, isSettled: isSettled(this.#slow, SLOW_LASTS) }),
    };
  }

  /** Which groups a Citus cluster has: one that is new is not among those that are watched. */
  async #groups(): Promise<Partial<ClusterFacts> | null> {
    const { etcd, facts } = this.#options;
    const { namespace, scope, citusGroup } = facts().entry;
    if (etcd === null || citusGroup === undefined || !dcsIsLive(facts())) return null;
    const citusGroups = citusGroupsOf(await etcd.keys(scopePrefix(namespace, scope), MOST_KEYS));
    return sameValue(citusGroups, facts().citusGroups) ? null : { citusGroups };
  }

  /** A member that answers, each time another one. */
  #anyMember(): { readonly name: string; readonly client: PatroniClient } | null {
    const { polls, facts } = this.#options;
    const names = polls.names().filter((name) => facts().rest.get(name)?.error == null);
    const all = names.length > 0 ? names : polls.names();
    const name = all[(this.#turn += 1) % Math.max(1, all.length)];
    const client = name === undefined ? null : polls.client(name);
    return name === undefined || client === null ? null : { name, client };
  }

  /** Only when etcd does not report it: GET /cluster costs Patroni a read of its DCS. */
  async #listing(): Promise<Partial<ClusterFacts> | null> {
    const { facts, now } = this.#options;
    const one = this.#anyMember();
    if (one === null || dcsIsLive(facts()) || facts().dcs.state.kind === 'connecting') return null;
    try {
      const answer = parseCluster(await one.client.get('/cluster', ASK_TIMEOUT_MS));
      if (answer === null) return null;
      this.#followMembers({ ...facts(), listing: { answer, from: one.name, asOf: now(), error: null } });
      return { listing: { answer, from: one.name, asOf: now(), error: null } };
    } catch (thrown) {
      return { listing: { ...facts().listing, error: toErrorData(thrown) } };
    }
  }

  #followMembers(facts: ClusterFacts): void {
    if (!this.#stopped) this.#options.polls.sync(facts);
  }

  async #config(): Promise<Partial<ClusterFacts> | null> {
    const { facts } = this.#options;
    const one = this.#anyMember();
    if (one === null || dcsIsLive(facts()) || facts().dcs.state.kind === 'connecting') return null;
    const config = parseConfig(await one.client.get('/config', ASK_TIMEOUT_MS));
    const history = parseHistory(await one.client.get('/history', ASK_TIMEOUT_MS));
    return { restConfig: config, restHistory: history };
  }

  /** Where Patroni does not answer: does PostgreSQL still accept connections? */
  async #postgres(): Promise<Partial<ClusterFacts> | null> {
    const { facts, polls } = this.#options;
    const silent = [...facts().rest].filter(
      ([, rest]) => rest.error !== null && rest.failures > 0 && rest.error.code.startsWith('rest.'),
    );
    if (silent.length === 0) return facts().postgresUp.size === 0 ? null : { postgresUp: new Map() };
    const asked = await Promise.all(
      silent.map(async ([name]) => [name, await this.#portAnswers(name, polls.server(name))] as const),
    );
    return { postgresUp: new Map(asked.flatMap(([name, up]) => (up === null ? [] : [[name, up] as const]))) };
  }

  async #portAnswers(name: string, serverId: string | null): Promise<boolean | null> {
    const { dcs, entry } = this.#options.facts();
    const key = dcs.members.get(name)?.key;
    const known = entry.members.find((member) => member.name === name);
    const host = key?.host ?? known?.postgresHost;
    const port = key?.port ?? known?.postgresPort;
    if (host == null || port == null) return null;
    try {
      const socket = await this.#options.dial(serverId)(host, port, PORT_TIMEOUT_MS);
      socket.on('error', () => undefined);
      socket.destroy();
      return true;
    } catch (thrown) {
      const { code } = toErrorData(thrown);
      return code === 'ssh.dial_refused' || code === 'app.unexpected' ? false : null;
    }
  }
}

/**
 * What is not told of a member that was not asked stays known: its version, and after a reading of one member alone (`isPart`) whether
 * it answered when all were asked.
 */
function withKnown(member: EtcdMember, before: DcsState, isPart: boolean): EtcdMember {
  if (member.reachable !== null || !('members' in before)) return member;
  const known = before.members.find(({ name }) => name === member.name);
  const version = member.version ?? known?.version ?? null;
  if (!isPart) return { ...member, version };
  return { ...member, version, reachable: known?.reachable ?? null, seesLeader: known?.seesLeader ?? null };
}
