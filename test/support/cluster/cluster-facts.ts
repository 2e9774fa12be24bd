import type { EtcdWatchEvent } from '../../../electron/core/etcd/etcd-client';
import type { ClusterFacts, FoldMemory } from '../../../electron/core/clusters/fold/facts';
import { EMPTY_MEMORY, EMPTY_REST, emptyFacts } from '../../../electron/core/clusters/fold/facts';
import { scopePrefix } from '../../../shared/rules/cluster/scope-prefix';
import { foldDcs } from '../../../electron/core/clusters/fold/dcs-facts';
import { foldCluster } from '../../../electron/core/clusters/fold/fold-cluster';
import { foldRest } from '../../../electron/core/clusters/watch/rest-facts';
import type { AppErrorData, ErrorCode } from '../../../shared/model/app-error';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { SshState } from '../../../shared/model/connect/server';

/** The present of these tests, ms. */
export const NOW = 1_800_000_000_000;
const PREFIX = scopePrefix('service', 'main');
const SYSTEM = '7711229015037579552';

/** An entry with the members db1, db2 ..., each with a server of its own. */
function entryOf(names: readonly string[], changes: Partial<ClusterEntry> = {}): ClusterEntry {
  return {
    id: 'c1',
    title: 'Main',
    scope: 'main',
    namespace: 'service',
    tags: [],
    production: false,
    readOnly: false,
    origin: 'user',
    members: names.map((name, index) => ({
      name,
      serverId: `s${String(index + 1)}`,
      apiUrl: apiUrl(index),
      postgresHost: `10.0.0.${String(index + 1)}`,
      postgresPort: 5432,
    })),
    etcd: { endpoints: [{ host: '10.0.0.1', port: 2379, serverId: 's1' }], tls: null, auth: null },
    rest: { tls: null, auth: null },
    ...changes,
  };
}

const apiUrl = (index: number): string => `http://10.0.0.${String(index + 1)}:8008/patroni`;

/** A member key as Patroni 4.0 writes it. */
export function memberValue(index: number, changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    conn_url: `postgres://10.0.0.${String(index + 1)}:5432/postgres`,
    api_url: apiUrl(index),
    state: 'running',
    role: index === 0 ? 'primary' : 'replica',
    version: '4.0.7',
    xlog_location: 1000,
    timeline: 1,
    ...changes,
  });
}

/** GET /patroni of a member that is well. The first one leads and lists the others. */
export function answerOf(
  index: number,
  names: readonly string[],
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  const primary = {
    role: 'primary',
    xlog: { location: 1000 },
    replication: names
      .slice(1)
      .map((name) => ({ application_name: name, client_addr: null, state: 'streaming', sync_state: 'async' })),
  };
  const replica = {
    role: 'replica',
    xlog: { received_location: 1000, replayed_location: 1000, paused: false },
    replication_state: 'streaming',
  };
  return {
    state: 'running',
    timeline: 1,
    server_version: 170005,
    dcs_last_seen: NOW / 1000,
    database_system_identifier: SYSTEM,
    patroni: { version: '4.0.7', scope: 'main', name: names[index] },
    ...(index === 0 ? primary : replica),
    ...changes,
  };
}

const put = (
  key: string,
  value: string,
  lease = '7',
): { key: string; value: string; modRevision: string; createRevision: string; lease: string } => ({
  key: `${PREFIX}${key}`,
  value,
  modRevision: '5',
  createRevision: '1',
  lease,
});

/** Facts that a test bends: all well at first, asked a moment ago. */
export class Facts {
  facts: ClusterFacts;
  memory: FoldMemory = EMPTY_MEMORY;
  now = NOW;
  readonly names: readonly string[];

  constructor(names: readonly string[] = ['db1', 'db2', 'db3'], changes: Partial<ClusterEntry> = {}) {
    this.names = names;
    this.facts = emptyFacts(entryOf(names, changes), 2000);
    if (this.facts.entry.etcd !== null) this.snapshot();
    names.forEach((name, index) => {
      this.answer(name, answerOf(index, names));
      this.ssh(name, { kind: 'connected', since: NOW - 60_000 });
    });
  }

  snapshot(extra: Record<string, string> = {}): this {
    const keys = {
      initialize: SYSTEM,
      config: '{"ttl":30,"loop_wait":10,"retry_timeout":10}',
      leader: this.names[0] ?? '',
      status: '{"optime":1000}',
      ...Object.fromEntries(this.names.map((name, index) => [`members/${name}`, memberValue(index)])),
      ...extra,
    };
    return this.event({
      kind: 'snapshot',
      revision: '9',
      at: this.now,
      entries: Object.entries(keys).map(([key, value]) => put(key, value)),
    });
  }

  event(event: EtcdWatchEvent): this {
    this.facts = { ...this.facts, dcs: foldDcs(this.facts.dcs, PREFIX, event) };
    return this;
  }

  put(key: string, value: string): this {
    return this.event({
      kind: 'changes',
      revision: '10',
      at: this.now,
      changes: [{ kind: 'put', entry: put(key, value) }],
    });
  }

  remove(key: string): this {
    return this.event({
      kind: 'changes',
      revision: '10',
      at: this.now,
      changes: [{ kind: 'delete', key: `${PREFIX}${key}` }],
    });
  }

  /** The DCS and every member that answered last answer again now. */
  refresh(): this {
    this.event({ kind: 'alive', at: this.now });
    const rest = new Map(
      [...this.facts.rest].map(([name, known]) => [name, known.error === null ? { ...known, asOf: this.now } : known]),
    );
    this.facts = { ...this.facts, rest };
    return this;
  }

  answer(name: string, value: Record<string, unknown>): this {
    const known = this.facts.rest.get(name) ?? EMPTY_REST;
    this.facts = {
      ...this.facts,
      rest: new Map(this.facts.rest).set(name, foldRest(known, { kind: 'answer', value, at: this.now })),
    };
    return this;
  }

  fail(name: string, code: ErrorCode, times = 2, cause?: AppErrorData): this {
    const error: AppErrorData = {
      code,
      message: `${code} of ${name}`,
      retryable: true,
      ...(cause === undefined ? {} : { cause }),
    };
    let known = this.facts.rest.get(name) ?? EMPTY_REST;
    for (let count = 0; count < times; count += 1) known = foldRest(known, { kind: 'error', error, at: this.now });
    this.facts = { ...this.facts, rest: new Map(this.facts.rest).set(name, known) };
    return this;
  }

  ssh(name: string, state: SshState): this {
    const serverId = this.facts.entry.members.find((member) => member.name === name)?.serverId;
    if (serverId != null) this.facts = { ...this.facts, ssh: new Map(this.facts.ssh).set(serverId, state) };
    return this;
  }

  lose(reason: 'no_quorum' | 'unreachable' | 'refused'): this {
    return this.event({
      kind: 'lost',
      reason,
      at: this.now,
      error: { code: `etcd.${reason}`, message: `etcd ${reason}`, retryable: true },
    });
  }

  later(ms: number): this {
    this.now += ms;
    return this;
  }

  fold(): ClusterState {
    const { state, memory } = foldCluster(this.facts, this.memory, this.now);
    this.memory = memory;
    return { ...state, revision: 1 };
  }
}

/** One member of a state; throws when it is not there. */
export function memberIn(state: ClusterState, name: string): ClusterState['members'][number] {
  const member = state.members.find((one) => one.name === name);
  if (member === undefined) throw new Error(`no member ${name}`);
  return member;
}

/** The codes of a state's findings. */
export function codes(state: ClusterState): readonly string[] {
  return state.findings.map((finding) => finding.code);
}
