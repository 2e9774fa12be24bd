import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DrillChoice, DrillReport } from '../../../shared/model/drill/drill';
import type { Job } from '../../../shared/model/operate/job';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';

const clusterId = 'demo-cluster-ledger';

describe('a drill in the demo', { timeout: 120_000 }, () => {
  let app: TestApp;
  let client: TestClient;
  let close: () => void;
  let requests = 0;

  const state = () => app.app.core.services.hub.state(clusterId);
  const choiceOf = (fault: DrillChoice['fault']): DrillChoice => ({
    fault,
    serverId: null,
    ways: ['haproxy', 'pgbouncer', 'vip', 'direct'],
    vip: null,
    limitSeconds: 20,
  });
  const well = () =>
    vi.waitFor(() => expect(state()?.health.level).toBe('healthy'), { timeout: 60_000, interval: 200 });
  const started = async (fault: DrillChoice['fault']): Promise<Job> => {
    const { choice, fingerprint, typeToConfirm } = await client.drills.preview({ clusterId, choice: choiceOf(fault) });
    requests += 1;
    return client.drills.start({
      clusterId,
      choice,
      fingerprint,
      typed: typeToConfirm,
      requestId: `drill-${requests}-x`,
    });
  };
  const ended = (job: Job): Promise<Job> =>
    vi.waitFor(
      () => {
        const now = app.app.core.services.jobs.get(job.id);
        if (now?.endedAt == null) throw new Error(`the job still runs: ${JSON.stringify(now?.phases)}`);
        return now;
      },
      { timeout: 100_000, interval: 200 },
    );
  const reports = async (): Promise<readonly DrillReport[]> => (await client.drills.view({ clusterId })).reports;

  beforeAll(async () => {
    app = await startApp({ page: false });
    ({ client, close } = await app.connect());
    await client.demo.start({ clusters: [{ scope: 'ledger', members: 3 }] });
    await well();
  });
  afterAll(async () => {
    close();
    await app.close();
  });

  it('says before it is confirmed which ways there are, and what speaks against it', async () => {
    const preview = await client.drills.preview({ clusterId, choice: choiceOf('network_cut') });
    expect(preview).toMatchObject({ allowed: true, leader: state()?.leader.holder });
    expect(preview.ways.map(({ kind, missing }) => [kind, missing === null])).toEqual([
      ['haproxy', true],
      ['pgbouncer', true],
      ['vip', false],
      ['direct', true],
    ]);
    expect(preview.servers.find(({ serverId }) => serverId === preview.choice.serverId)?.member).not.toBe(
      preview.leader,
    );
    expect(preview.typeToConfirm).toBe(state()?.title);
  });

  it('is refused without the typed name, and with a fingerprint of another time', async () => {
    const { choice, fingerprint, typeToConfirm } = await client.drills.preview({
      clusterId,
      choice: choiceOf('network_cut'),
    });
    const request = { clusterId, choice, requestId: 'drill-refused' };
    await expect(client.drills.start({ ...request, fingerprint, typed: null })).rejects.toMatchObject({
      data: { code: 'operation.not_confirmed' },
    });
    await expect(client.drills.start({ ...request, fingerprint: 'x', typed: typeToConfirm })).rejects.toMatchObject({
      data: { code: 'operation.state_changed' },
    });
    expect(await client.drills.view({ clusterId })).toEqual({ reports: [], left: null, unreadable: [] });
  });

  it('by a switchover measures each way from both clients, finds every write, and removes what it made', async () => {
    const leader = state()?.leader.holder;
    const job = await ended(await started('switchover'));
    expect(job, JSON.stringify([job.lines, job.error])).toMatchObject({ status: 'done', kind: 'drill' });
    const [report] = await reports();
    expect(report).toMatchObject({ fault: 'switchover', leaderBefore: leader, removed: true, healing: 'not_needed' });
    expect(report?.leaderAfter).not.toBe(leader);
    const measured = report?.measures.filter(({ end }) => end !== 'not_measured') ?? [];
    expect(measured.map(({ client: who, way }) => `${who} ${way}`).toSorted()).toEqual([
      'server direct',
      'server haproxy',
      'server pgbouncer',
      'workstation direct',
      'workstation haproxy',
      'workstation pgbouncer',
    ]);
    for (const measure of measured) {
      expect(measure.end, measure.way).toBe('interrupted');
      expect(measure.gapMs, measure.way).toBeLessThan(15_000);
      expect(measure.lost, measure.way).toEqual({ count: 0, numbers: [] });
    }
    expect(report?.rejoin.how).toBe('followed');
  });

  it('that is stopped in the middle heals the fault, removes what it made, and leaves no report', async () => {
    await well();
    const job = await started('network_cut');
    await vi.waitFor(
      () =>
        expect(app.app.core.services.jobs.get(job.id)?.phases.find(({ id }) => id === 'watch')?.status).toBe('active'),
      { timeout: 30_000, interval: 100 },
    );
    await client.jobs.cancel({ id: job.id });
    expect(await ended(job)).toMatchObject({ status: 'cancelled' });
    expect(await client.drills.view({ clusterId })).toMatchObject({ left: null });
    expect(await reports()).toHaveLength(1);
    await well();
  });
});
