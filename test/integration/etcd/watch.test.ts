import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectEtcd } from '../../../electron/core/etcd/connect-etcd';
import type { EtcdClient, EtcdWatchEvent } from '../../../electron/core/etcd/etcd-client';
import { EtcdPool } from '../../../electron/core/etcd/etcd-pool';
import { hasCode } from '../../../shared/model/app-error';
import { startEtcdWire, type EtcdWire } from '../../support/cluster/etcd-wire';
import { eventually } from '../../support/eventually';
import { startFaultProxy } from '../../support/network/fault-proxy';

const PREFIX = '/service/main/';

function connect(ports: readonly number[]): EtcdClient {
  const endpoints = ports.map((port) => ({ host: '127.0.0.1', port, serverId: null }));
  return connectEtcd(
    {
      open: (endpoint) =>
        Promise.resolve({
          target: `${endpoint.host}:${String(endpoint.port)}`,
          why: () => null,
          close: () => Promise.resolve(),
        }),
      readSecret: () => Promise.resolve(undefined),
      now: () => Date.now(),
    },
    { endpoints, tls: null, auth: null },
  );
}

describe('watching etcd', () => {
  let wire: EtcdWire;
  let client: EtcdClient;
  let events: EtcdWatchEvent[];

  const last = (kind: EtcdWatchEvent['kind']): EtcdWatchEvent | undefined =>
    events.findLast((event) => event.kind === kind);
  /** The keys as a listener that only follows the events has them. */
  const seen = (): Record<string, string> => {
    const keys = new Map<string, string>();
    for (const event of events) {
      if (event.kind === 'snapshot') keys.clear();
      if (event.kind === 'snapshot') for (const entry of event.entries) keys.set(entry.key, entry.value);
      if (event.kind === 'changes')
        for (const change of event.changes) {
          if (change.kind === 'put') keys.set(change.entry.key, change.entry.value);
          else keys.delete(change.key);
        }
    }
    return Object.fromEntries(keys);
  };

  beforeEach(async () => {
    wire = await startEtcdWire(3);
    wire.put(`${PREFIX}leader`, 'db1', 30);
    client = connect(wire.ports);
    events = [];
    client.watchPrefix(PREFIX, (event) => {
      events.push(event);
    });
    await eventually('the first snapshot', () => last('snapshot'));
  });

  afterEach(async () => {
    await client.close();
    await wire.close();
  });

  it('tells the whole first, then each change, and nothing of other scopes', async () => {
    wire.put('/service/main2/leader', 'other');
    wire.put(`${PREFIX}leader`, 'db2');
    wire.put(`${PREFIX}members/a "quoted"\nname`, '{}');
    wire.remove(`${PREFIX}leader`);
    await eventually('the changes', () => !('/service/main/leader' in seen()) && Object.keys(seen()).length === 1);
    expect(seen()).toEqual({ [`${PREFIX}members/a "quoted"\nname`]: '{}' });
  });

  it('says no quorum within the promised 5 s, and gives a new snapshot when it is back', async () => {
    wire.setQuorum(false);
    const lost = await eventually('the loss', () => last('lost'), 5_000);
    expect(lost).toMatchObject({ reason: 'no_quorum', error: { code: 'etcd.no_quorum' } });
    await expect(client.range(PREFIX)).rejects.toSatisfy((thrown) => hasCode(thrown, 'etcd.no_quorum'));
    wire.put(`${PREFIX}leader`, 'db3');
    events = [];
    wire.setQuorum(true);
    await eventually('the new snapshot', () => seen()[`${PREFIX}leader`] === 'db3');
  });

  it('moves on to another member when its own ends, and misses nothing', async () => {
    for (const index of [0, 1]) await wire.stop(index);
    wire.put(`${PREFIX}leader`, 'db2');
    await eventually('the change through the member that is left', () => seen()[`${PREFIX}leader`] === 'db2', 15_000);
    await wire.start(0);
    await wire.stop(2);
    wire.put(`${PREFIX}leader`, 'db1');
    await eventually('the change through the member that came back', () => seen()[`${PREFIX}leader`] === 'db1', 15_000);
  });

  it('all members gone is unreachable, not without quorum', async () => {
    for (const index of [0, 1, 2]) await wire.stop(index);
    const lost = await eventually('the loss', () => last('lost'), 15_000);
    expect(lost).toMatchObject({ reason: 'unreachable' });
  });

  it('lists again when the history it needs was compacted', async () => {
    for (const index of [0, 1, 2]) await wire.stop(index);
    for (let count = 0; count < 20; count += 1) wire.put(`${PREFIX}status`, `{"optime":${String(count)}}`);
    wire.store.compact(wire.store.revision);
    await wire.start(1);
    await eventually('the present', () => seen()[`${PREFIX}status`] === '{"optime":19}', 15_000);
  });

  it('writes only over the revision that was seen', async () => {
    const [entry] = (await client.range(`${PREFIX}leader`)).entries;
    await client.compareAndSet(`${PREFIX}leader`, 'db2', entry?.modRevision ?? '');
    await expect(client.compareAndSet(`${PREFIX}leader`, 'db3', entry?.modRevision ?? '')).rejects.toSatisfy((thrown) =>
      hasCode(thrown, 'etcd.conflict'),
    );
    await client.compareAndSet(`${PREFIX}failover`, '{}', '0');
    await expect(client.compareAndSet(`${PREFIX}failover`, '{}', '0')).rejects.toSatisfy((thrown) =>
      hasCode(thrown, 'etcd.conflict'),
    );
  });

  it('tells the time left of a lease, and null when it is over', async () => {
    const [entry] = (await client.range(`${PREFIX}leader`)).entries;
    expect(await client.leaseTime(entry?.lease ?? '')).toMatchObject({ ttlMs: 30_000 });
    expect(await client.leaseTime('424242')).toBeNull();
  });

  it('tells the members, which one leads and which answer', async () => {
    await wire.stop(2);
    const members = await eventually('the third to be silent', async () => {
      const found = await client.members();
      return found.some((member) => member.reachable === false) && found;
    });
    expect(members).toMatchObject([
      { name: 'etcd1', leader: true },
      { name: 'etcd2', leader: false },
      { name: 'etcd3', reachable: false },
    ]);
  });

  it('an alarm of any member is told by each one, so that asking one member alone suffices', async () => {
    const [raised] = await client.members(true);
    expect(raised?.alarms).toEqual([]);
    const { members } = await client.maintenance.read();
    const last = members.at(-1);
    wire.store.alarms.raise({ memberID: BigInt(`0x${last?.id ?? '0'}`).toString(), alarm: 'Nospace' });
    const seen = await client.members(false);
    expect(seen.filter(({ alarms }) => alarms.includes('nospace')).map(({ name }) => name)).toEqual([last?.name]);
  });

  it('a member whose address nobody entered is asked about itself, by the address that etcd names', async () => {
    const one = connect(wire.ports.slice(0, 1));
    try {
      const { members } = await one.maintenance.read();
      expect(members.map(({ status }) => status?.version)).toEqual(members.map(() => expect.any(String)));
      expect(members).toHaveLength(3);
      await wire.stop(2);
      const later = await one.maintenance.read();
      expect(later.members.filter(({ status }) => status === null)).toHaveLength(1);
    } finally {
      await one.close();
    }
  });

  it('an ended watch hears nothing more', async () => {
    const heard: EtcdWatchEvent[] = [];
    const undo = client.watchPrefix(PREFIX, (event) => {
      heard.push(event);
    });
    await eventually('its snapshot', () => heard.length > 0);
    undo();
    undo();
    const count = heard.length;
    wire.put(`${PREFIX}leader`, 'db9');
    await eventually('the other watch', () => seen()[`${PREFIX}leader`] === 'db9');
    expect(heard.length).toBe(count);
  });
});

describe('an etcd that nobody waits for', () => {
  let wire: EtcdWire;
  let client: EtcdClient;
  let events: EtcdWatchEvent[];
  let awaited: boolean;

  beforeEach(async () => {
    wire = await startEtcdWire(3);
    client = connect(wire.ports);
    events = [];
    awaited = false;
    client.watchPrefix(
      PREFIX,
      (event) => {
        events.push(event);
      },
      () => awaited,
    );
    await eventually('the first snapshot', () => events.length > 0);
  });

  afterEach(async () => {
    await client.close();
    await wire.close();
  });

  it('is asked for nothing while its changes prove the quorum, and is asked when they end', async () => {
    const ranges = vi.spyOn(wire.store, 'range');
    const beats = setInterval(() => {
      wire.put(`${PREFIX}status`, String(Date.now()));
    }, 200);
    await eventually('twenty changes', () => events.filter((event) => event.kind === 'changes').length >= 20, 30_000);
    clearInterval(beats);
    expect(ranges).not.toHaveBeenCalled();
    expect(events.filter((event) => event.kind === 'alive')).toEqual([]);
    await eventually('a question', () => events.some((event) => event.kind === 'alive'), 15_000);
    expect(ranges).toHaveBeenCalled();
  });

  it('that loses its quorum is said to, by itself', async () => {
    wire.setQuorum(false);
    expect(await eventually('the loss', () => events.find((event) => event.kind === 'lost'), 15_000)).toMatchObject({
      reason: 'no_quorum',
    });
  });

  it('is asked again at once when somebody waits for it', async () => {
    const beats = setInterval(() => {
      wire.put(`${PREFIX}status`, String(Date.now()));
    }, 200);
    await eventually('changes', () => events.filter((event) => event.kind === 'changes').length >= 5, 30_000);
    awaited = true;
    await eventually('a question among the changes', () => events.some((event) => event.kind === 'alive'), 15_000);
    clearInterval(beats);
  });

  it('is asked over one way alone: the members beside it are not known', async () => {
    expect((await client.members(false)).map(({ reachable }) => reachable).toSorted()).toEqual([null, null, true]);
    expect((await client.members()).map(({ reachable }) => reachable)).toEqual([true, true, true]);
  });
});

describe('a bad way to etcd', () => {
  it('a frozen link is noticed, and the watch goes on when it thaws', async () => {
    const wire = await startEtcdWire(1);
    const proxy = await startFaultProxy(wire.ports[0] ?? 0);
    const client = connect([proxy.port]);
    const events: EtcdWatchEvent[] = [];
    client.watchPrefix(PREFIX, (event) => {
      events.push(event);
    });
    await eventually('the first snapshot', () => events.find((event) => event.kind === 'snapshot'));
    proxy.suspend();
    expect(await eventually('the loss', () => events.find((event) => event.kind === 'lost'), 15_000)).toMatchObject({
      reason: 'unreachable',
    });
    wire.put(`${PREFIX}leader`, 'db1');
    proxy.resume();
    await eventually(
      'the change',
      () => events.some((event) => event.kind === 'snapshot' && event.entries.length === 1),
      15_000,
    );
    await client.close();
    await proxy.close();
    await wire.close();
  });

  it('nothing listening is unreachable', async () => {
    const client = connect([1]);
    await expect(client.range('/')).rejects.toSatisfy((thrown) => hasCode(thrown, 'etcd.unreachable'));
    await client.close();
  });

  it('clusters of one etcd share one connection, closed by the last', async () => {
    let made = 0;
    let closed = 0;
    const pool = new EtcdPool((access) => {
      made += 1;
      return {
        ...connect(access.endpoints.map((one) => one.port)),
        close: () => {
          closed += 1;
          return Promise.resolve();
        },
      };
    });
    const access = { endpoints: [{ host: '127.0.0.1', port: 1, serverId: null }], tls: null, auth: null };
    const [first, second] = [pool.take(access), pool.take(access)];
    await first.close();
    await first.close();
    expect([made, closed]).toEqual([1, 0]);
    await second.close();
    expect([made, closed]).toEqual([1, 1]);
  });
});
