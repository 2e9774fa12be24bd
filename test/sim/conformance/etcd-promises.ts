import type { Etcd3, IWatchResponse } from 'etcd3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { waitUntilHealthy, eventuallyIn, openEtcd, isAtLeast } from './target';
import type { ConformanceTarget } from './target';

const ROOT = '/matriarch-conformance/';

/** What a client may rely on in etcd: the keys that Patroni keeps there, and etcd's own semantics. */
export function describeEtcdPromises(open: () => ConformanceTarget): void {
  let etcd: Etcd3;
  beforeAll(() => {
    etcd = openEtcd(open());
  });
  afterAll(async () => {
    await etcd.delete().prefix(ROOT);
    etcd.close();
  });
  const current = async (): Promise<number> => Number((await etcd.get(`${ROOT}nothing`).exec()).header.revision);

  it('have the form Patroni writes', async () => {
    const target = open();
    const leader = await waitUntilHealthy(target);
    const prefix = `${target.namespace}${target.scope}/`;
    const keys = await etcd.getAll().prefix(prefix).strings();
    const value = (name: string): unknown => JSON.parse(keys[prefix + name] ?? 'null');
    expect(keys[`${prefix}leader`]).toBe(leader);
    expect(keys[`${prefix}initialize`]).toMatch(/^\d+$/);
    z.looseObject({ ttl: z.number(), loop_wait: z.number() }).parse(value('config'));
    z.looseObject({
      optime: z.number(),
      slots: z.record(z.string(), z.number()).optional(),
      retain_slots: z.array(z.string()).optional(),
    }).parse(value('status'));
    expect(isAtLeast(target, '4.0.0') || !(keys[`${prefix}status`] ?? '').includes('retain_slots')).toBe(true);
    const leads = isAtLeast(target, '4.0.0') ? 'primary' : 'master';
    for (const name of Object.keys(target.restUrls)) {
      const member = z
        .looseObject({
          conn_url: z.string().regex(/^postgres:\/\//),
          api_url: z.string().regex(/^http:\/\/.*\/patroni$/),
          state: z.literal('running'),
          role: z.string(),
          version: z.literal(target.version),
          xlog_location: z.number(),
          timeline: z.number(),
        })
        .parse(value(`members/${name}`));
      expect(member.role).toBe(name === leader ? leads : 'replica');
      expect(member.replication_state).toBe(name !== leader && isAtLeast(target, '3.0.4') ? 'streaming' : undefined);
      expect('receive_lsn' in member).toBe(name !== leader && isAtLeast(target, '4.1.0'));
    }
  });

  it("share one renewed lease for the leader key and the leader's member key", async () => {
    const target = open();
    const leader = await waitUntilHealthy(target);
    const prefix = `${target.namespace}${target.scope}/`;
    const [lock, member] = await Promise.all([
      etcd.get(`${prefix}leader`).exec(),
      etcd.get(`${prefix}members/${leader}`).exec(),
    ]);
    const lease = lock.kvs[0]?.lease ?? '0';
    expect(lease).not.toBe('0');
    expect(member.kvs[0]?.lease).toBe(lease);
    const life = await etcd.leaseClient.leaseTimeToLive({ ID: lease, keys: true });
    expect(Number(life.TTL)).toBeGreaterThan(0);
    expect(Number(life.TTL)).toBeLessThanOrEqual(Number(life.grantedTTL));
    expect(life.keys.map(String).sort()).toEqual([`${prefix}leader`, `${prefix}members/${leader}`].sort());
  });

  it('are read by prefix, with a limit, as keys only, and as of an older revision', async () => {
    await etcd.delete().prefix(ROOT);
    await etcd.put(`${ROOT}a`).value('1');
    const revision = await current();
    await etcd.put(`${ROOT}a`).value('2');
    await etcd.put(`${ROOT}b`).value('3');
    expect(await etcd.getAll().prefix(ROOT).strings()).toEqual({ [`${ROOT}a`]: '2', [`${ROOT}b`]: '3' });
    expect(await etcd.getAll().prefix(ROOT).revision(revision).strings()).toEqual({ [`${ROOT}a`]: '1' });
    const limited = await etcd.getAll().prefix(ROOT).limit(1).exec();
    expect([limited.kvs.length, limited.more, limited.count]).toEqual([1, true, '2']);
    expect((await etcd.getAll().prefix(ROOT).keys()).sort()).toEqual([`${ROOT}a`, `${ROOT}b`]);
    await expect(
      etcd
        .getAll()
        .prefix(ROOT)
        .revision(revision + 1_000_000)
        .exec(),
    ).rejects.toThrow(/future revision/);
  });

  it('change by a transaction in one revision, on the branch its comparisons choose', async () => {
    await etcd.delete().prefix(ROOT);
    const created = await etcd
      .if(`${ROOT}t`, 'Create', '==', 0)
      .then(etcd.put(`${ROOT}t`).value('first'), etcd.put(`${ROOT}u`).value('x'))
      .commit();
    expect(created.succeeded).toBe(true);
    const again = await etcd
      .if(`${ROOT}t`, 'Create', '==', 0)
      .then(etcd.put(`${ROOT}t`).value('second'))
      .else(etcd.get(`${ROOT}t`))
      .commit();
    expect([again.succeeded, again.responses[0]?.response_range?.kvs[0]?.value.toString()]).toEqual([false, 'first']);
    const { kvs } = await etcd.getAll().prefix(ROOT).exec();
    expect(new Set(kvs.map((kv) => kv.mod_revision)).size).toBe(1);
  });

  it('are watched from now and from a past revision, in order, with the previous values', async () => {
    await etcd.delete().prefix(ROOT);
    const start = (await current()) + 1;
    await etcd.put(`${ROOT}w`).value('1');
    await etcd.put(`${ROOT}w`).value('2');
    const events: string[] = [];
    const watcher = await etcd.watch().prefix(ROOT).startRevision(String(start)).withPreviousKV().create();
    watcher.on('data', (response: IWatchResponse) => {
      for (const { type, kv, prev_kv } of response.events)
        events.push(`${String(type)} ${kv.value.toString()} ${prev_kv?.value.toString() ?? ''}`);
    });
    await etcd.delete().key(`${ROOT}w`);
    await eventuallyIn(open(), 'three events', 5, async () => events.length >= 3);
    expect(events).toEqual(['Put 1 ', 'Put 2 1', 'Delete  2']);
    await watcher.cancel();
    await etcd.put(`${ROOT}w`).value('3');
    expect(events).toHaveLength(3);
  });

  it('cannot be watched from a compacted revision', async () => {
    await etcd.put(`${ROOT}c`).value('1');
    await etcd.put(`${ROOT}c`).value('2');
    await etcd.kv.compact({ revision: String(await current()), physical: false });
    const failed = new Promise<Error>((resolve, reject) => {
      etcd
        .watch()
        .key(`${ROOT}c`)
        .startRevision('1')
        .create()
        .then((watcher) => {
          watcher.on('error', resolve);
        }, reject);
    });
    expect((await failed).message).toMatch(/^Watcher canceled/);
  });

  it('live as long as their lease, and their end reaches the watch', async () => {
    const target = open();
    const { ID } = await etcd.leaseClient.leaseGrant({ TTL: '2', ID: '0' });
    await etcd.put(`${ROOT}l`).value('held').lease(ID).exec();
    const gone = new Promise<string>((resolve) => {
      etcd
        .watch()
        .key(`${ROOT}l`)
        .create()
        .then(
          (watcher) =>
            watcher.on('delete', (kv) => {
              resolve(kv.key.toString());
            }),
          () => undefined,
        );
    });
    expect(Number((await etcd.leaseClient.leaseTimeToLive({ ID, keys: false })).grantedTTL)).toBe(2);
    expect(await gone).toBe(`${ROOT}l`);
    await eventuallyIn(
      target,
      'the lease is unknown',
      5,
      async () => (await etcd.leaseClient.leaseTimeToLive({ ID, keys: false })).TTL === '-1',
    );
    await expect(etcd.leaseClient.leaseRevoke({ ID })).rejects.toThrow(/requested lease not found/);
    await expect(etcd.put(`${ROOT}l`).value('x').lease(ID).exec()).rejects.toThrow(/requested lease not found/);
  });

  it('come from members that report their leader and no alarm', async () => {
    const { members } = await etcd.cluster.memberList({});
    expect(members).toHaveLength(3);
    for (const member of members)
      expect(member).toMatchObject({
        name: expect.stringMatching(/./),
        clientURLs: expect.arrayContaining([expect.stringMatching(/^http:\/\/.*:2379$/)]),
      });
    const status = await etcd.maintenance.status();
    expect(members.map(({ ID }) => ID)).toContain(status.leader);
    expect(status.version).toMatch(/^3\.\d+\.\d+$/);
    expect(Number(status.dbSize)).toBeGreaterThan(0);
    expect((await etcd.maintenance.alarm({ action: 'Get', memberID: '0', alarm: 'None' })).alarms).toEqual([]);
  });
}
