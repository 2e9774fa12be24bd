import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClusterHub } from '../../../../electron/core/clusters/watch/create-hub';
import type { ClusterHub } from '../../../../electron/core/clusters/hub';
import type { Inventory, InventoryChange } from '../../../../electron/core/inventory/inventory';
import { appError, hasCode } from '../../../../shared/model/app-error';
import type { ClusterEntry } from '../../../../shared/model/cluster/cluster-entry';
import type { ClusterState, ClusterUpdate, FleetUpdate } from '../../../../shared/model/cluster/cluster-state';
import { settingsSchema } from '../../../../shared/model/app/settings';
import { applyPatch } from '../../../../shared/rules/cluster/cluster-patch';
import { startEtcdWire, type EtcdWire } from '../../../support/cluster/etcd-wire';
import { eventually } from '../../../support/eventually';

const PREFIX = '/service/main/';

/** A Patroni that answers what it is told to, and counts how it is asked. */
class PatroniDouble {
  answer: Record<string, unknown> = {};
  silent = false;
  asked = 0;
  mostAtOnce = 0;
  port = 0;
  #now = 0;
  readonly #server: Server = createServer((request, response) => {
    if (request.url !== '/patroni') return void response.writeHead(503).end('{}');
    this.asked += 1;
    this.#now += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#now);
    response.once('close', () => {
      this.#now -= 1;
    });
    if (!this.silent) setTimeout(() => response.end(JSON.stringify(this.answer)), 15);
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    this.port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}

class MemoryInventory implements Inventory {
  readonly entries = new Map<string, ClusterEntry>();
  readonly #listeners = new Set<(change: InventoryChange) => void>();
  servers = (): [] => [];
  server = (): undefined => undefined;
  saveServer = (): Promise<void> => Promise.resolve();
  removeServer = (): Promise<void> => Promise.resolve();
  clusters = (): ClusterEntry[] => [...this.entries.values()];
  cluster = (id: string): ClusterEntry | undefined => this.entries.get(id);
  saveCluster = (entry: ClusterEntry): Promise<void> => {
    this.entries.set(entry.id, entry);
    return this.#tell(entry.id);
  };
  removeCluster = (id: string): Promise<void> => {
    this.entries.delete(id);
    return this.#tell(id);
  };
  settings = (): ReturnType<Inventory['settings']> =>
    settingsSchema.parse({ pollVisibleMs: 1000, pollHiddenMs: 60_000 });
  saveSettings = (): Promise<void> => Promise.resolve();
  onChange = (listener: (change: InventoryChange) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  #tell(id: string): Promise<void> {
    for (const listener of this.#listeners) listener({ kind: 'cluster', id });
    return Promise.resolve();
  }
}

const replica = (name: string): Record<string, unknown> => ({
  state: 'running',
  role: 'replica',
  timeline: 1,
  xlog: { received_location: 100, replayed_location: 100 },
  patroni: { version: '4.0.7', name },
});
const primary = (name: string, others: readonly string[]): Record<string, unknown> => ({
  state: 'running',
  role: 'primary',
  timeline: 1,
  xlog: { location: 100 },
  patroni: { version: '4.0.7', name },
  replication: others.map((other) => ({ application_name: other, state: 'streaming', sync_state: 'async' })),
});

describe('all clusters of the inventory', () => {
  let etcd: EtcdWire;
  let inventory: MemoryInventory;
  let hub: ClusterHub;
  const members = ['db1', 'db2', "d'b <3>"];
  let doubles: PatroniDouble[];

  const state = (): ClusterState => {
    const found = hub.state('c1');
    if (found === null) throw new Error('no state');
    return found;
  };
  const writeMember = (index: number, role: string): void => {
    etcd.put(
      `${PREFIX}members/${members[index] ?? ''}`,
      JSON.stringify({
        api_url: `http://127.0.0.1:${String(doubles[index]?.port ?? 0)}/patroni`,
        conn_url: `postgres://10.0.0.${String(index + 1)}:5432/postgres`,
        state: 'running',
        role,
        version: '4.0.7',
        timeline: 1,
        xlog_location: 100,
      }),
      30,
    );
  };
  const entry = (changes: Partial<ClusterEntry> = {}): ClusterEntry => ({
    id: 'c1',
    title: 'Main',
    scope: 'main',
    namespace: 'service',
    tags: [],
    production: false,
    readOnly: false,
    origin: 'user',
    members: [],
    etcd: { endpoints: etcd.ports.map((port) => ({ host: '127.0.0.1', port, serverId: null })), tls: null, auth: null },
    rest: { tls: null, auth: null },
    ...changes,
  });
  const startHub = (): ClusterHub =>
    createClusterHub({
      inventory,
      secrets: { read: () => Promise.resolve(undefined) },
      now: () => Date.now(),
      remotes: {
        remote: () => {
          throw appError('inventory.server_unknown', 'none');
        },
        drop: () => Promise.resolve(),
        close: () => Promise.resolve(),
      },
    });

  beforeEach(async () => {
    etcd = await startEtcdWire(3);
    doubles = members.map(() => new PatroniDouble());
    await Promise.all(doubles.map((double) => double.start()));
    members.forEach((name, index) => {
      const double = doubles[index];
      if (double !== undefined) double.answer = index === 0 ? primary(name, members.slice(1)) : replica(name);
      writeMember(index, index === 0 ? 'primary' : 'replica');
    });
    etcd.put(`${PREFIX}leader`, 'db1', 30);
    etcd.put(`${PREFIX}config`, '{"ttl":30}');
    inventory = new MemoryInventory();
    inventory.entries.set('c1', entry());
    hub = startHub();
    await eventually(
      'a healthy cluster',
      () =>
        state().health.level === 'healthy' &&
        state().members.every(
          (member) => member.restAsOf !== null && (member.name === 'db1' || member.upstream === 'db1'),
        ),
    );
  });

  afterEach(async () => {
    await hub.close();
    await Promise.all(doubles.map((double) => double.stop()));
    await etcd.close();
  });

  it('a change of leader in etcd reaches the listener as patches that lead to the same state', async () => {
    let shown: ClusterState | null = null;
    const kinds: string[] = [];
    const undo = hub.watch('c1', (update: ClusterUpdate) => {
      if (update.kind === 'snapshot') shown = update.state;
      else if (shown !== null) shown = applyPatch(shown, update.patch);
      kinds.push(update.kind);
    });
    etcd.put(`${PREFIX}leader`, 'db2', 30);
    const second = doubles[1];
    if (second !== undefined) second.answer = primary('db2', ['db1']);
    await eventually(
      'the new leader',
      () =>
        shown?.leader.holder === 'db2' &&
        shown.members.some((member) => member.name === 'db2' && member.primarySeen === true),
    );
    expect(shown).toEqual(state());
    expect(kinds[0]).toBe('snapshot');
    expect(kinds.slice(1)).not.toContain('snapshot');
    expect(hub.events('c1', 100).map((event) => event.kind)).toEqual(
      expect.arrayContaining(['leader_lost', 'leader_elected', 'promoted', 'primary_gap']),
    );
    undo();
  });

  it('the fleet hears of it too, and of clusters that come and go', async () => {
    const updates: FleetUpdate[] = [];
    const undo = hub.fleet((update) => {
      updates.push(update);
    });
    expect(updates[0]).toMatchObject({ kind: 'snapshot', clusters: [{ clusterId: 'c1', leader: 'db1', worstLag: 0 }] });
    etcd.put(`${PREFIX}leader`, 'db2', 30);
    await eventually('the row', () =>
      updates.some((update) => update.kind === 'patch' && update.clusters['c1']?.leader === 'db2'),
    );
    await inventory.saveCluster(entry({ id: 'c2', scope: 'other', title: 'Other' }));
    await eventually('the second row', () =>
      updates.some((update) => update.kind === 'patch' && update.clusters['c2'] !== undefined),
    );
    await inventory.removeCluster('c2');
    await eventually('its end', () =>
      updates.some((update) => update.kind === 'patch' && update.clusters['c2'] === null),
    );
    expect(hub.state('c2')).toBeNull();
    undo();
  });

  it('a member is never asked twice at once, however often something changes', async () => {
    const undo = hub.watch('c1', () => undefined);
    for (let round = 0; round < 30; round += 1) {
      etcd.put(`${PREFIX}leader`, round % 2 === 0 ? 'db2' : 'db1', 30);
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    }
    await Promise.all([hub.refresh('c1'), hub.refresh('c1')]);
    undo();
    expect(doubles.map((double) => double.mostAtOnce)).toEqual([1, 1, 1]);
    expect(Math.max(...doubles.map((double) => double.asked))).toBeLessThan(12);
  });

  it('a cluster that nobody looks at is asked rarely, one on the screen often', async () => {
    const before = doubles[0]?.asked ?? 0;
    await new Promise((resolve) => {
      setTimeout(resolve, 1500);
    });
    expect(doubles[0]?.asked).toBe(before);
    const undo = hub.watch('c1', () => undefined);
    await eventually('several asks', () => (doubles[0]?.asked ?? 0) >= before + 2);
    undo();
  });

  it('a member whose Patroni ends is told apart from one that is silent', async () => {
    const undo = hub.watch('c1', () => undefined);
    await doubles[1]?.stop();
    await eventually(
      'Patroni to be down',
      () => state().members.find((member) => member.name === 'db2')?.condition === 'patroni_down',
    );
    undo();
  });

  it('refresh answers in bounded time though a member is silent', async () => {
    const silent = doubles[2];
    if (silent !== undefined) silent.silent = true;
    await hub.refresh('c1');
    await eventually(
      'the silence to be told',
      () => state().sources.find((source) => source.id === `rest:${members[2] ?? ''}`)?.error?.code === 'rest.timeout',
    );
  });

  it('refresh right after opening waits for the first word of etcd, so that a preview is not made of nothing', async () => {
    await inventory.saveCluster(entry({ id: 'c9' }));
    expect(hub.state('c9')?.dcs.kind).toBe('connecting');
    expect(await hub.refresh('c9')).toMatchObject({
      leader: { holder: 'db1', known: true },
      dcs: { kind: 'live' },
      config: expect.anything() as unknown,
    });
  });

  it('refresh does not wait for an etcd that never answers', async () => {
    await inventory.saveCluster(
      entry({ id: 'c9', etcd: { endpoints: [{ host: '127.0.0.1', port: 1, serverId: null }], tls: null, auth: null } }),
    );
    expect((await hub.refresh('c9')).dcs.kind).not.toBe('live');
  });

  it('a new name and what is allowed reach who listens, and the watch goes on as it was', async () => {
    const seen: ClusterUpdate[] = [];
    const undo = hub.watch('c1', (update) => {
      seen.push(update);
    });
    await eventually('the watch to begin', () => state().health.level === 'healthy');
    await inventory.saveCluster(entry({ title: 'Renamed', readOnly: true }));
    expect(state()).toMatchObject({ title: 'Renamed', readOnly: true, health: { level: 'healthy' } });
    expect(seen.filter(({ kind }) => kind === 'snapshot')).toHaveLength(1);
    undo();
  });

  it('who listens stays with a cluster that is reached in another way', async () => {
    let snapshots = 0;
    const undo = hub.watch('c1', (update) => {
      if (update.kind === 'snapshot') snapshots += 1;
    });
    await inventory.saveCluster(entry({ rest: { tls: { serverName: 'patroni' }, auth: null } }));
    await eventually('a watch anew', () => snapshots === 2);
    await eventually('the watch to go on', () => state().health.level === 'healthy');
    undo();
    undo();
  });

  it('follows without counting as looked at', async () => {
    const seen: string[] = [];
    const undo = hub.follow('c1', (next) => {
      seen.push(next.leader.holder ?? '-');
    });
    expect(seen).toEqual(['db1']);
    etcd.put(`${PREFIX}leader`, 'db2', 30);
    await eventually('the new leader', () => seen.at(-1) === 'db2');
    undo();
  });

  it('an unknown cluster is refused by name', () => {
    expect(hub.state('nobody')).toBeNull();
    expect(() => hub.watch('nobody', () => undefined)).toThrow();
    try {
      hub.watch('nobody', () => undefined);
    } catch (thrown) {
      expect(hasCode(thrown, 'inventory.cluster_unknown')).toBe(true);
    }
  });

  it('works from REST alone and says what it cannot see', async () => {
    const restOnly = entry({
      id: 'c3',
      etcd: null,
      members: members.map((name, index) => ({
        name,
        serverId: null,
        apiUrl: `http://127.0.0.1:${String(doubles[index]?.port ?? 0)}`,
      })),
    });
    await inventory.saveCluster(restOnly);
    await eventually('its health', () => hub.state('c3')?.health.level === 'healthy');
    expect(hub.state('c3')).toMatchObject({ leader: { holder: 'db1', known: false }, dcs: { kind: 'not_configured' } });
    expect(hub.state('c3')?.blindSpots.length).toBeGreaterThan(0);
  });

  it('events of other services get their place and id', () => {
    hub.record('c1', { at: 1, kind: 'operation', severity: 'info', member: null, sentence: 'A switchover began.' });
    expect(hub.events('c1', 1)).toMatchObject([{ kind: 'operation', sentence: 'A switchover began.' }]);
  });
});
