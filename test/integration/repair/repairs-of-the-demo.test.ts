import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Job } from '../../../shared/model/operate/job';
import type { Repair, RepairPreview } from '../../../shared/model/repair/repair';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';

const clusterId = 'demo-cluster-ledger';
const RETIRED: Repair = { kind: 'stale_member', member: 'ledger-retired' };

describe('guided repair', () => {
  let app: TestApp;
  let client: TestClient;
  let close: () => void;
  let requests = 0;

  const findings = () => app.app.core.services.hub.state(clusterId)?.findings.map(({ code }) => code) ?? [];
  const preview = (repair: Repair, gone: readonly string[] = []): Promise<RepairPreview> =>
    client.repair.preview({ clusterId, repair, gone: [...gone] });
  const refusals = ({ checks }: RepairPreview) =>
    checks.flatMap(({ code, verdict }) => (verdict === 'refuses' ? [code] : []));
  const start = (repair: Repair, gone: readonly string[], fingerprint: string, typed: string | null = null) =>
    client.repair.start({
      clusterId,
      repair,
      gone: [...gone],
      fingerprint,
      asOf: Date.now(),
      typed,
      requestId: `repair-${(requests += 1)}-x`,
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

  beforeAll(async () => {
    app = await startApp({ page: false });
    ({ client, close } = await app.connect());
    await client.demo.start({ clusters: [{ scope: 'ledger', members: 3 }] });
    await vi.waitFor(() => expect(app.app.core.services.hub.state(clusterId)?.health.level).toBe('healthy'), {
      timeout: 60_000,
      interval: 200,
    });
    await client.demo.inject({ clusterId, faultId: 'stale_key', member: null });
    await vi.waitFor(() => expect(findings()).toContain('member.stale_key'), { timeout: 10_000 });
  });
  afterAll(async () => {
    close();
    await app.close();
  });

  it('refuses to remove the key of a member that may run, and does so once it is said by name to be gone', async () => {
    const unsure = await preview(RETIRED);
    expect(refusals(unsure)).toEqual(['repair.not_known']);
    expect(unsure.silent).toEqual(['ledger-retired']);
    await expect(start(RETIRED, [], unsure.fingerprint)).rejects.toMatchObject({ data: { code: 'repair.refused' } });
    const sure = await preview(RETIRED, ['ledger-retired']);
    expect(refusals(sure)).toEqual([]);
    await expect(start(RETIRED, ['ledger-retired'], unsure.fingerprint)).rejects.toMatchObject({
      data: { code: 'operation.state_changed' },
    });
    const job = await ended(await start(RETIRED, ['ledger-retired'], sure.fingerprint));
    expect(job, JSON.stringify(job.error)).toMatchObject({ status: 'done', kind: 'repair' });
    expect(job.confirmation).toContain('ledger-retired is said to be gone for good');
    const { rows } = await client.etcd.keys({ clusterId });
    expect(rows.map(({ name }) => name)).not.toContain('members/ledger-retired');
    expect(await readFile(String(job.result?.facts['Kept in']), 'utf8')).toContain('members/ledger-retired');
    await vi.waitFor(() => expect(findings()).not.toContain('member.stale_key'), { timeout: 10_000 });
  });

  it('refuses to remove the key of a member that runs, and the scope of a cluster that lives', async () => {
    const running = await preview({ kind: 'stale_member', member: 'ledger-2' });
    expect(refusals(running)).toEqual(['repair.lease_runs', 'repair.agent_runs']);
    const scope = await preview({ kind: 'stale_scope' });
    expect(refusals(scope)).toContain('repair.leads');
    expect(scope.typeToConfirm).toBe('ledger');
    await expect(start({ kind: 'stale_scope' }, [], scope.fingerprint, 'ledger')).rejects.toMatchObject({
      data: { code: expect.stringMatching(/^(repair.refused|operation.state_changed)$/) as string },
    });
  });

  it('makes no new cluster where one has run', async () => {
    expect(refusals(await preview({ kind: 'stuck_bootstrap' }))).toEqual(
      expect.arrayContaining(['repair.leads', 'repair.has_data']),
    );
  });

  it('is refused in a cluster that is read-only, whoever asks', async () => {
    await client.clusters.update({ clusterId, readOnly: true });
    await vi.waitFor(() => expect(app.app.core.services.hub.entry(clusterId)?.readOnly).toBe(true));
    await expect(start(RETIRED, [], 'x')).rejects.toMatchObject({ data: { code: 'operation.read_only' } });
    await client.clusters.update({ clusterId, readOnly: false });
  });
});
