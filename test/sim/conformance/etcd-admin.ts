import { createHash } from 'node:crypto';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { etcdServices, type EtcdServiceName } from '../../../electron/core/demo/etcd/protocol';

/** An etcd of three voters without users, whose maintenance is asked by gRPC alone. */
export interface EtcdAdminTarget {
  /** host:port of each member. */
  readonly addresses: readonly string[];
  /** An address of the members' own network at which nobody is. */
  readonly freePeerUrl: string;
  close(): Promise<void>;
}

const headerSchema = z.object({
  cluster_id: z.string().regex(/^[1-9]\d*$/),
  member_id: z.string().regex(/^[1-9]\d*$/),
  revision: z.string(),
  raft_term: z.string(),
});
const memberSchema = z.object({
  ID: z.string(),
  name: z.string(),
  peerURLs: z.array(z.string()),
  clientURLs: z.array(z.string()),
  isLearner: z.boolean(),
});
const membersSchema = z.object({ header: headerSchema, members: z.array(memberSchema) });
const statusSchema = z.object({
  header: headerSchema,
  version: z.string(),
  dbSize: z.coerce.number(),
  dbSizeInUse: z.coerce.number(),
  leader: z.string(),
  raftIndex: z.coerce.number(),
  raftTerm: z.string(),
  raftAppliedIndex: z.coerce.number(),
  errors: z.array(z.string()),
  isLearner: z.boolean(),
});
const alarmsSchema = z.object({
  header: headerSchema.nullable(),
  alarms: z.array(z.object({ memberID: z.string(), alarm: z.string() })),
});
const revisionSchema = z.object({ header: headerSchema });
const noHeaderSchema = z.object({ header: z.null() });
const snapshotPartSchema = z.object({
  header: z.null(),
  remaining_bytes: z.coerce.number(),
  blob: z.instanceof(Buffer),
});

const DEADLINE_MS = 15_000;

/** The members of one etcd as a client that knows nothing but the protocol asks them. */
class RawEtcd {
  readonly #clients: ReadonlyMap<string, Client>;

  constructor(addresses: readonly string[]) {
    this.#clients = new Map(addresses.map((address) => [address, new Client(address, credentials.createInsecure())]));
  }

  get addresses(): readonly string[] {
    return [...this.#clients.keys()];
  }

  /** The answer; rejects with gRPC's own error. */
  ask(address: string, service: EtcdServiceName, method: string, request: object = {}): Promise<unknown> {
    const { path, requestSerialize, responseDeserialize } = this.#method(service, method);
    return new Promise((resolve, reject) => {
      this.#client(address).makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        new Metadata(),
        { deadline: Date.now() + DEADLINE_MS },
        (error, answer) => (error === null ? resolve(answer) : reject(error)),
      );
    });
  }

  /** `8 etcdserver: mvcc: database space exceeded`, or `answered`. */
  async refusal(address: string, service: EtcdServiceName, method: string, request: object = {}): Promise<string> {
    return this.ask(address, service, method, request).then(
      () => 'answered',
      (error: ServiceError) => `${error.code} ${error.details}`,
    );
  }

  async parts(address: string): Promise<readonly z.infer<typeof snapshotPartSchema>[]> {
    const { path, requestSerialize, responseDeserialize } = this.#method('Maintenance', 'Snapshot');
    const stream = this.#client(address).makeServerStreamRequest(path, requestSerialize, responseDeserialize, {});
    const parts = [];
    for await (const part of stream) parts.push(snapshotPartSchema.parse(part));
    return parts;
  }

  async members(address = this.addresses[0] ?? ''): Promise<z.infer<typeof membersSchema>> {
    return membersSchema.parse(await this.ask(address, 'Cluster', 'MemberList'));
  }

  async status(address: string): Promise<z.infer<typeof statusSchema>> {
    return statusSchema.parse(await this.ask(address, 'Maintenance', 'Status'));
  }

  async alarms(request: object, address = this.addresses[0] ?? ''): Promise<z.infer<typeof alarmsSchema>> {
    return alarmsSchema.parse(await this.ask(address, 'Maintenance', 'Alarm', request));
  }

  /** The addresses of the member that leads, and of another one. */
  async leaderAndOther(): Promise<{ readonly leader: string; readonly other: string; readonly otherId: string }> {
    const all = await Promise.all(
      this.addresses.map(async (address) => ({ address, ...(await this.status(address)) })),
    );
    const leads = all.find(({ header, leader }) => header.member_id === leader);
    const other = all.find(({ address }) => address !== leads?.address);
    if (leads === undefined || other === undefined) throw new Error('No member leads.');
    return { leader: leads.address, other: other.address, otherId: other.header.member_id };
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  #client(address: string): Client {
    const client = this.#clients.get(address);
    if (client === undefined) throw new Error(`${address} is no member.`);
    return client;
  }

  #method(service: EtcdServiceName, method: string) {
    const found = etcdServices()[service][method];
    if (found === undefined) throw new Error(`${service} has no ${method}.`);
    return found;
  }
}

const NOBODY = '4242';

/**
 * What etcd answers to whoever maintains it, as one suite for the simulated etcd and for real ones; where a real one answers
 * otherwise, the simulator is wrong.
 */
export function describeEtcdAdmin(title: string, open: () => Promise<EtcdAdminTarget>, openTimeoutMs = 60_000): void {
  describe(title, () => {
    let target: EtcdAdminTarget;
    let etcd: RawEtcd;
    let first: string;

    beforeAll(async () => {
      target = await open();
      etcd = new RawEtcd(target.addresses);
      first = target.addresses[0] ?? '';
    }, openTimeoutMs);
    afterAll(async () => {
      etcd?.close();
      await target?.close();
    }, openTimeoutMs);

    it('lists three voters with their addresses, and the same on each of them', async () => {
      const lists = await Promise.all(etcd.addresses.map((address) => etcd.members(address)));
      const [list] = lists;
      expect(list?.members.map(({ isLearner }) => isLearner)).toEqual([false, false, false]);
      expect(new Set(list?.members.map(({ ID }) => ID)).size).toBe(3);
      for (const { name, peerURLs, clientURLs } of list?.members ?? []) {
        expect(name).not.toBe('');
        expect(peerURLs.join()).toMatch(/^https?:\/\/[\d.]+:2380$/);
        expect(clientURLs.join()).toMatch(/^https?:\/\/[\d.]+:2379/);
      }
      for (const { header, members } of lists) {
        expect([...members].sort((a, b) => (a.ID < b.ID ? -1 : 1))).toEqual(
          [...(list?.members ?? [])].sort((a, b) => (a.ID < b.ID ? -1 : 1)),
        );
        expect(header.cluster_id).toBe(list?.header.cluster_id);
        // A list of members is of no revision.
        expect(header.revision).toBe('0');
      }
      expect(new Set(lists.map(({ header }) => header.member_id))).toEqual(new Set(list?.members.map(({ ID }) => ID)));
    });

    it('says of each member how far it is, how large its file is, and who leads', async () => {
      const all = await Promise.all(etcd.addresses.map((address) => etcd.status(address)));
      expect(new Set(all.map(({ leader }) => leader)).size).toBe(1);
      expect(all.map(({ header }) => header.member_id)).toContain(all[0]?.leader);
      for (const one of all) {
        expect(one).toMatchObject({ errors: [], isLearner: false, raftTerm: one.header.raft_term });
        expect(one.version).toMatch(/^3\.\d+\.\d+$/);
        expect(one.dbSizeInUse).toBeGreaterThan(0);
        expect(one.dbSize).toBeGreaterThanOrEqual(one.dbSizeInUse);
        expect(one.dbSize % 4096).toBe(0);
        expect(one.raftIndex).toBeGreaterThanOrEqual(one.raftAppliedIndex);
        expect(Number(one.header.revision)).toBeGreaterThan(0);
        expect(Number(one.header.revision)).toBeLessThan(one.raftIndex);
      }
    });

    it('answers an alarm that is raised or ended with that one alone, names it in each status, and refuses writes meanwhile', async () => {
      const [one = '', other = ''] = (await etcd.members()).members.map(({ ID }) => ID);
      const put = (): Promise<string> =>
        etcd.refusal(first, 'KV', 'Put', { key: Buffer.from('/conformance/a'), value: Buffer.from('b') });
      const none = await etcd.alarms({ action: 'Get' });
      expect(none.alarms).toEqual([]);
      // The answer says since 3.5 who gives it.
      expect(none.header === null).toBe((await etcd.status(first)).version.startsWith('3.4.'));
      expect(await put()).toBe('answered');
      try {
        const raised = await etcd.alarms({ action: 'Activate', memberID: one, alarm: 'Nospace' });
        expect(raised.alarms).toEqual([{ memberID: one, alarm: 'Nospace' }]);
        const second = await etcd.alarms({ action: 'Activate', memberID: other, alarm: 'Nospace' });
        expect(second.alarms).toEqual([{ memberID: other, alarm: 'Nospace' }]);
        expect((await etcd.alarms({ action: 'Get' })).alarms.map(({ memberID }) => memberID).sort()).toEqual(
          [one, other].sort(),
        );
        const said = (await etcd.status(first)).errors;
        expect(said).toContain(`memberID:${one} alarm:NOSPACE `);
        expect(await put()).toBe('8 etcdserver: mvcc: database space exceeded');
        expect(await etcd.refusal(first, 'KV', 'DeleteRange', { key: Buffer.from('/conformance/a') })).toBe('answered');
      } finally {
        const ended = await etcd.alarms({ action: 'Deactivate', memberID: one, alarm: 'Nospace' });
        expect(ended.alarms).toEqual([{ memberID: one, alarm: 'Nospace' }]);
        await etcd.alarms({ action: 'Deactivate', memberID: other, alarm: 'Nospace' });
      }
      expect((await etcd.alarms({ action: 'Deactivate', memberID: one, alarm: 'Nospace' })).alarms).toEqual([]);
      expect((await etcd.alarms({ action: 'Get' })).alarms).toEqual([]);
      expect((await etcd.status(first)).errors).toEqual([]);
      expect(await put()).toBe('answered');
    });

    it('compacts once, and refuses what is gone and what is not yet there', async () => {
      const { header } = revisionSchema.parse(
        await etcd.ask(first, 'KV', 'Put', { key: Buffer.from('/conformance/c'), value: Buffer.from('d') }),
      );
      const revision = Number(header.revision);
      const compact = (at: number): Promise<string> => etcd.refusal(first, 'KV', 'Compact', { revision: String(at) });
      const done = revisionSchema.parse(await etcd.ask(first, 'KV', 'Compact', { revision: header.revision }));
      expect(Number(done.header.revision)).toBeGreaterThanOrEqual(revision);
      expect(await compact(revision)).toBe('11 etcdserver: mvcc: required revision has been compacted');
      expect(await compact(revision + 1_000_000)).toBe('11 etcdserver: mvcc: required revision is a future revision');
      const range = (at: number): Promise<string> =>
        etcd.refusal(first, 'KV', 'Range', { key: Buffer.from('/conformance/c'), revision: String(at) });
      expect(await range(revision)).toBe('answered');
      expect(await range(revision - 1)).toBe('11 etcdserver: mvcc: required revision has been compacted');
      expect(await range(revision + 1_000_000)).toBe('11 etcdserver: mvcc: required revision is a future revision');
    });

    it("defragments one member's file, says nothing to it, and holds no more than before", async () => {
      const before = await etcd.status(first);
      noHeaderSchema.parse(await etcd.ask(first, 'Maintenance', 'Defragment'));
      const after = await etcd.status(first);
      expect(after.dbSize).toBeLessThanOrEqual(before.dbSize);
      expect(after.dbSizeInUse).toBeLessThanOrEqual(after.dbSize);
    });

    it('sends a snapshot in parts without headers, whole pages with their SHA-256 behind them', async () => {
      const parts = await etcd.parts(first);
      const whole = Buffer.concat(parts.map(({ blob }) => blob));
      let left = whole.length;
      for (const { remaining_bytes, blob } of parts) {
        left -= blob.length;
        // The sum at the end is not counted among what remains.
        expect([left, left - 32]).toContain(remaining_bytes);
      }
      const [file, sum] = [whole.subarray(0, -32), whole.subarray(-32)];
      expect(file.length % 512).toBe(0);
      expect(createHash('sha256').update(file).digest('hex')).toBe(sum.toString('hex'));
    });

    it('hands the lead over when the leader is asked, and refuses it otherwise', async () => {
      const { leader, other, otherId } = await etcd.leaderAndOther();
      const move = (address: string, to: string): Promise<string> =>
        etcd.refusal(address, 'Maintenance', 'MoveLeader', { targetID: to });
      expect(await move(other, otherId)).toBe('9 etcdserver: not leader');
      expect(await move(leader, NOBODY)).toBe('9 etcdserver: bad leader transferee');
      noHeaderSchema.parse(await etcd.ask(leader, 'Maintenance', 'MoveLeader', { targetID: otherId }));
      await expect.poll(async () => (await etcd.status(other)).leader, { timeout: 10_000 }).toBe(otherId);
    });

    it('refuses members that nobody is or could be, with the reason', async () => {
      const [known] = (await etcd.members()).members;
      const refusal = (method: string, request: object): Promise<string> =>
        etcd.refusal(first, 'Cluster', method, request);
      expect(await refusal('MemberAdd', { peerURLs: known?.peerURLs ?? [], isLearner: true })).toBe(
        '9 etcdserver: Peer URLs already exists',
      );
      expect(await refusal('MemberAdd', { peerURLs: ['nonsense'], isLearner: true })).toBe(
        '3 etcdserver: given member URLs are invalid',
      );
      expect(await refusal('MemberRemove', { ID: NOBODY })).toBe('5 etcdserver: member not found');
      expect(await refusal('MemberPromote', { ID: NOBODY })).toBe('5 etcdserver: member not found');
      expect(await refusal('MemberUpdate', { ID: NOBODY, peerURLs: [target.freePeerUrl] })).toBe(
        '5 etcdserver: member not found',
      );
      expect(await refusal('MemberPromote', { ID: known?.ID ?? '' })).toBe(
        '9 etcdserver: can only promote a learner member',
      );
    });

    it('takes one learner at a time, without a name until it starts, promotes none that lags, and removes it', async () => {
      const refusal = (method: string, request: object): Promise<string> =>
        etcd.refusal(first, 'Cluster', method, request);
      const added = z
        .object({ header: headerSchema, member: memberSchema, members: z.array(memberSchema) })
        .parse(await etcd.ask(first, 'Cluster', 'MemberAdd', { peerURLs: [target.freePeerUrl], isLearner: true }));
      try {
        expect(added.member).toMatchObject({
          name: '',
          clientURLs: [],
          peerURLs: [target.freePeerUrl],
          isLearner: true,
        });
        expect(added.members).toHaveLength(4);
        for (const address of etcd.addresses)
          await expect
            .poll(async () => (await etcd.members(address)).members, { timeout: 5_000 })
            .toContainEqual(added.member);
        const next = target.freePeerUrl.replace(':2380', ':2480');
        expect(await refusal('MemberAdd', { peerURLs: [next], isLearner: true })).toBe(
          '9 etcdserver: too many learner members in cluster',
        );
        expect(await refusal('MemberPromote', { ID: added.member.ID })).toBe(
          '9 etcdserver: can only promote a learner member which is in sync with leader',
        );
      } finally {
        const removed = membersSchema.parse(await etcd.ask(first, 'Cluster', 'MemberRemove', { ID: added.member.ID }));
        expect(removed.members).toHaveLength(3);
      }
      expect(await refusal('MemberRemove', { ID: added.member.ID })).toMatch(/^5 etcdserver: member not found/);
    });
  });
}
