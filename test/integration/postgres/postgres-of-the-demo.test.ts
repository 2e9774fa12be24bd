import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { SessionEnd, SessionReading } from '../../../shared/model/postgres/activity';
import type { MemberReplication, SlotReading } from '../../../shared/model/postgres/replication';
import type { Job } from '../../../shared/model/operate/job';
import { blockingTree } from '../../../shared/rules/postgres/blocking-tree';
import { describePostgresPages } from '../../sim/conformance/postgres-pages';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';

const clusterId = 'demo-cluster-ledger';

describe('PostgreSQL of the members of a cluster', () => {
  let app: TestApp;
  let client: TestClient;
  let close: () => void;

  const state = (): ClusterState | null => app.app.core.services.hub.state(clusterId);
  const healthy = () =>
    vi.waitFor(() => expect(state()?.health.level).toBe('healthy'), { timeout: 60_000, interval: 200 });
  const leader = (): string => state()?.leader.holder ?? '';
  const knownOf = async (name: string): Promise<Extract<MemberReplication, { kind: 'known' }>> => {
    const { members } = await client.postgres.replication({ clusterId });
    const found = members.find(({ member }) => member === name);
    if (found?.kind !== 'known') throw new Error(JSON.stringify(found));
    return found;
  };
  const slotOf = async (name: string): Promise<SlotReading | undefined> =>
    (await knownOf(leader())).slots.find((slot) => slot.name === name);
  const end = (session: SessionReading, how: SessionEnd, typed: string | null = null) =>
    client.postgres.endSession({
      clusterId,
      member: leader(),
      end: how,
      pid: session.pid,
      backendStart: session.backendStart ?? '',
      queryStart: session.queryStart,
      transactionStart: session.transactionStart,
      typed,
      requestId: randomUUID(),
    });
  const ended = (job: Job): Promise<Job> =>
    vi.waitFor(
      () => {
        const now = app.app.core.services.jobs.get(job.id);
        if (now?.endedAt == null) throw new Error('the job still runs');
        return now;
      },
      { timeout: 30_000, interval: 100 },
    );
  const sessions = async () => (await client.postgres.activity({ clusterId, member: leader() })).sessions;
  const rootBlocker = async (): Promise<SessionReading> => {
    const [root] = blockingTree(await sessions());
    if (root?.session == null) throw new Error('nobody blocks');
    return root.session;
  };

  beforeAll(async () => {
    app = await startApp({ page: false });
    ({ client, close } = await app.connect());
    await client.demo.start({ clusters: [{ scope: 'ledger', members: 3 }] });
    await healthy();
  });
  afterAll(async () => {
    close();
    await app.close();
  });

  describePostgresPages('by psql on a simulated server', () => ({ client, clusterId, leader: leader(), way: 'psql' }));

  it('is told from both ends of each stream, with the way by which it was asked', async () => {
    const sender = await knownOf(leader());
    expect(sender.source).toMatchObject({ way: 'psql', role: 'postgres' });
    expect(sender.sent).toHaveLength(2);
    for (const { application } of sender.sent)
      expect((await knownOf(application ?? '')).received).toMatchObject({ status: 'streaming' });
  });

  it('has a WAL rate from the second reading on, and none before it', async () => {
    const first = await knownOf(leader());
    await vi.waitFor(async () => expect((await knownOf(leader())).walRate).toBeGreaterThan(0), {
      timeout: 20_000,
      interval: 1_000,
    });
    expect(first.disk?.free).toBeGreaterThan(0);
  });

  it('ends the session at the root of a blocking tree, as a job with its SQL, and the others go on', async () => {
    const root = await rootBlocker();
    const job = await ended(await end(root, 'terminate'));
    expect(job).toMatchObject({ status: 'done', kind: 'end_session' });
    expect(job.command).toContain(`pg_terminate_backend(pid)`);
    expect(job.command).toContain(`backend_start = '${root.backendStart}'`);
    expect(blockingTree(await sessions()).map(({ pid }) => pid)).not.toContain(root.pid);
  });

  it('leaves a session alone whose pid was given again meanwhile', async () => {
    const [session] = (await sessions()).filter(({ kind }) => kind === 'client backend');
    if (session === undefined) throw new Error('no session');
    const before = { ...session, backendStart: '2020-01-01 00:00:00+00' };
    await expect(end(before, 'terminate')).rejects.toMatchObject({ data: { code: 'postgres.session_gone' } });
    expect((await sessions()).map(({ pid }) => pid)).toContain(session.pid);
  });

  it('cancels no statement and terminates no transaction but those that were shown', async () => {
    const working = (await sessions()).find(
      ({ kind, transactionStart }) => kind === 'client backend' && transactionStart,
    );
    if (working === undefined) throw new Error('no session works');
    const other = '2020-01-01 00:00:00+00';
    const gone = { data: { code: 'postgres.session_gone' } };
    await expect(end({ ...working, queryStart: other }, 'cancel')).rejects.toMatchObject(gone);
    await expect(end({ ...working, transactionStart: other }, 'terminate')).rejects.toMatchObject(gone);
    expect((await sessions()).map(({ pid }) => pid)).toContain(working.pid);
    expect(await ended(await end(working, 'cancel'))).toMatchObject({ status: 'done' });
  });

  it('asks for the name of a production cluster, and refuses in a read-only one, before anything is sent', async () => {
    const [session] = (await sessions()).filter(({ kind }) => kind === 'client backend');
    if (session === undefined) throw new Error('no session');
    await client.clusters.update({ clusterId, production: true });
    await vi.waitFor(() => expect(state()?.production).toBe(true));
    await healthy();
    await expect(end(session, 'cancel')).rejects.toMatchObject({ data: { code: 'operation.not_confirmed' } });
    await client.clusters.update({ clusterId, production: false, readOnly: true });
    await vi.waitFor(() => expect(state()?.readOnly).toBe(true));
    await healthy();
    await expect(end(session, 'cancel')).rejects.toMatchObject({ data: { code: 'operation.read_only' } });
    await client.clusters.update({ clusterId, readOnly: false });
    await vi.waitFor(() => expect(state()?.readOnly).toBe(false));
    await healthy();
    expect((await sessions()).map(({ pid }) => pid)).toContain(session.pid);
  });

  it('has a slot that nobody uses and that retains WAL, when a replica dies', async () => {
    const replica = state()?.members.find(({ name }) => name !== leader())?.name ?? '';
    const slot = replica.replaceAll('-', '_');
    expect(await slotOf(slot)).toMatchObject({ active: true });
    await client.demo.inject({ clusterId, faultId: 'crash', member: replica });
    await vi.waitFor(async () => expect(await slotOf(slot)).toMatchObject({ active: false }));
    const before = (await slotOf(slot))?.retained ?? 0;
    await vi.waitFor(async () => expect((await slotOf(slot))?.retained ?? 0).toBeGreaterThan(before));
    const { members } = await client.postgres.replication({ clusterId });
    expect(members.find(({ member }) => member === replica)).toMatchObject({
      kind: 'unknown',
      error: { code: 'postgres.not_answered' },
    });
    await client.demo.heal({ clusterId });
  });
});
