import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EtcdAction } from '../../../shared/model/etcd/etcd-action';
import type { Job } from '../../../shared/model/operate/job';
import { createEtcdAdmin } from '../../../electron/core/etcd-admin/create-etcd-admin';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';

const clusterId = 'demo-cluster-ledger';

describe('the etcd of a cluster', () => {
  let app: TestApp;
  let client: TestClient;
  let close: () => void;
  let requests = 0;

  const healthy = () =>
    vi.waitFor(() => expect(app.app.core.services.hub.state(clusterId)?.health.level).toBe('healthy'), {
      timeout: 60_000,
      interval: 200,
    });
  const start = async (action: EtcdAction, typed: string | null = null): Promise<Job> => {
    const { fingerprint } = await client.etcd.preview({ clusterId, action });
    return client.etcd.act({ clusterId, action, fingerprint, typed, requestId: `etcd-request-${(requests += 1)}` });
  };
  const ended = (job: Job): Promise<Job> =>
    vi.waitFor(
      () => {
        const now = app.app.core.services.jobs.get(job.id);
        if (now?.endedAt == null) throw new Error('the job still runs');
        return now;
      },
      { timeout: 30_000, interval: 100 },
    );
  const look = () => client.etcd.look({ clusterId });
  const leader = async () => (await look()).members.find((member) => member.leader === true);

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

  it('is seen with its members, their leader, sizes and the clusters in it, and nothing is raised', async () => {
    const view = await look();
    expect(view.members).toHaveLength(3);
    expect(view.members.filter((member) => member.leader === true)).toHaveLength(1);
    for (const { status } of view.members) {
      expect(status).toMatchObject({ version: expect.stringMatching(/^3\./), raftTerm: expect.any(Number) });
      expect(status?.dbSize).toBeGreaterThan(0);
    }
    expect(view.alarms).toEqual([]);
    expect(view.scopes).toMatchObject([{ scope: 'ledger', clusterId }]);
  });

  it('shows the keys of the scope as Patroni wrote them', async () => {
    const { rows, prefix } = await client.etcd.keys({ clusterId });
    expect(prefix).toBe('/service/ledger/');
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['config', 'initialize', 'leader', 'status']));
  });

  it('has its leader moved, which the job follows until the other one leads', async () => {
    const to = (await look()).members.find((member) => member.leader === false);
    const job = await ended(await start({ kind: 'move_leader', to: to?.id ?? '' }));
    expect(job).toMatchObject({ status: 'done', kind: 'etcd', command: expect.stringContaining('move-leader') });
    expect((await leader())?.id).toBe(to?.id);
  });

  it('is defragmented member by member, the leader last and only after it handed the lead over', async () => {
    const last = await leader();
    const job = await ended(await start({ kind: 'defragment', member: null }));
    expect(job).toMatchObject({ status: 'done' });
    expect(job.phases.at(-1)?.label).toBe(`Defragment ${last?.name ?? ''}`);
    expect((await leader())?.id).not.toBe(last?.id);
    const [row] = await client.history.list({ clusterId, limit: 1 });
    expect(row).toMatchObject({
      kind: 'etcd',
      status: 'done',
      answers: expect.arrayContaining([expect.stringContaining('before')]),
    });
  });

  it('is not defragmented while a member is lost, and nothing is sent', async () => {
    await client.demo.inject({ clusterId, faultId: 'power_off', member: 'ledger-3' });
    await vi.waitFor(
      async () => {
        const { checks } = await client.etcd.preview({ clusterId, action: { kind: 'defragment', member: null } });
        expect(checks).toContainEqual(expect.objectContaining({ code: 'etcd.member_lost', verdict: 'refuses' }));
      },
      { timeout: 20_000, interval: 300 },
    );
    await expect(start({ kind: 'defragment', member: null })).rejects.toMatchObject({
      data: { code: 'etcd.not_now', message: expect.stringContaining('Nothing was sent') },
    });
    await client.demo.heal({ clusterId });
    await healthy();
  });

  it('compacts what is older than the revisions to keep', async () => {
    const { revision } = (await look()).members[0]?.status ?? { revision: 0 };
    if (revision > 150) {
      const job = await ended(await start({ kind: 'compact', keep: 100 }));
      expect(job).toMatchObject({ status: 'done' });
    } else {
      await expect(start({ kind: 'compact', keep: 100 })).rejects.toMatchObject({ data: { code: 'etcd.not_now' } });
    }
  });

  it('is saved in a file of which the hash is right, and no part of it is left beside it', async () => {
    const job = await ended(await start({ kind: 'snapshot', member: null, file: null }));
    expect(job).toMatchObject({ status: 'done', result: { facts: { 'Keys now': expect.any(Number) } } });
    const file = String(job.result?.facts['File']);
    const bytes = await readFile(file);
    expect(createHash('sha256').update(bytes.subarray(0, -32)).digest()).toEqual(bytes.subarray(-32));
    expect((await readdir(dirname(file))).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('refuses what was confirmed of another state, and the name that a production cluster asks for', async () => {
    const to = (await look()).members.find((member) => member.leader === false);
    const action: EtcdAction = { kind: 'move_leader', to: to?.id ?? '' };
    await expect(
      client.etcd.act({ clusterId, action, fingerprint: 'older', typed: null, requestId: 'of-another-state' }),
    ).rejects.toMatchObject({ data: { code: 'operation.state_changed' } });
    await client.clusters.update({ clusterId, production: true });
    await vi.waitFor(() => expect(app.app.core.services.hub.entry(clusterId)?.production).toBe(true));
    await expect(start(action)).rejects.toMatchObject({ data: { code: 'operation.not_confirmed' } });
    await client.clusters.update({ clusterId, production: false });
  });

  it('is guarded for a cluster that reaches it by other addresses, by the name of its scope in it', async () => {
    const { hub, jobs, now } = app.app.core.services;
    const entry = hub.entry(clusterId);
    if (entry === null) throw new Error('there is no such cluster');
    const beside = (twin: { readonly production?: boolean; readonly readOnly?: boolean }) =>
      createEtcdAdmin({
        hub,
        jobs,
        now,
        directory: '/nowhere',
        clusters: () => [entry, { ...entry, id: 'twin', title: 'Twin', etcd: null, ...twin }],
      }).preview(clusterId, { kind: 'defragment', member: null });
    expect((await beside({})).typeToConfirm).toBeNull();
    expect((await beside({ production: true })).typeToConfirm).toBe('ledger');
    expect((await beside({ readOnly: true })).checks.find(({ verdict }) => verdict === 'refuses')).toMatchObject({
      code: 'operation.read_only',
      sentence: expect.stringContaining('Twin, which uses this etcd too') as string,
    });
  });

  it('is only looked at where the cluster is read-only', async () => {
    await client.clusters.update({ clusterId, readOnly: true });
    await vi.waitFor(() => expect(app.app.core.services.hub.entry(clusterId)?.readOnly).toBe(true));
    await expect(start({ kind: 'defragment', member: null })).rejects.toMatchObject({
      data: { code: 'operation.read_only' },
    });
    expect(await ended(await start({ kind: 'snapshot', member: null, file: null }))).toMatchObject({ status: 'done' });
    await client.clusters.update({ clusterId, readOnly: false });
  });
});
