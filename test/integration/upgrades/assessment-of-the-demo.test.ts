import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Job } from '../../../shared/model/operate/job';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';

const clusterId = 'demo-cluster-ledger';

describe('the assessment of a new major version in the demo', { timeout: 120_000 }, () => {
  let app: TestApp;
  let client: TestClient;
  let close: () => void;

  const services = () => app.app.core.services;
  const ended = (job: Job): Promise<Job> =>
    vi.waitFor(
      () => {
        const now = services().jobs.get(job.id);
        if (now?.endedAt == null) throw new Error(`the job still runs: ${JSON.stringify(now?.phases)}`);
        return now;
      },
      { timeout: 60_000, interval: 200 },
    );
  const replica = async (): Promise<{ readonly member: string; readonly target: number }> => {
    const places = await client.assessments.offers({ clusterId });
    const place = places.find(({ leads, offers }) => !leads && offers.length > 0);
    return { member: place?.member ?? '', target: place?.offers[0]?.major ?? 0 };
  };
  const choiceOf = async (removePackages: boolean) => ({
    ...(await replica()),
    directory: null,
    maxRateMb: null,
    removePackages,
  });
  const begin = async (removePackages: boolean): Promise<Job> => {
    const choice = await choiceOf(removePackages);
    const shown = await client.assessments.preview({ clusterId, choice });
    expect(shown.checks.filter(({ verdict }) => verdict === 'refuses')).toEqual([]);
    const { fingerprint, typeToConfirm: typed } = shown;
    return client.assessments.start({ clusterId, choice, fingerprint, typed, requestId: crypto.randomUUID() });
  };

  beforeAll(async () => {
    app = await startApp({ page: false });
    ({ client, close } = await app.connect());
    await client.demo.start({ clusters: [{ scope: 'ledger', members: 3 }] });
    await vi.waitFor(() => expect(services().hub.state(clusterId)?.health.level).toBe('healthy'), {
      timeout: 60_000,
      interval: 200,
    });
  });
  afterAll(async () => {
    close();
    await app.close();
  });

  it('is refused for a path that is none, a version that is not newer, and with a fingerprint of another time', async () => {
    const choice = await choiceOf(true);
    await expect(
      client.assessments.preview({ clusterId, choice: { ...choice, directory: '/srv/a b' } }),
    ).rejects.toMatchObject({ data: { code: 'upgrade.no_place' } });
    const { checks } = await client.assessments.preview({ clusterId, choice: { ...choice, target: 10 } });
    expect(checks.map(({ code }) => code)).toContain('upgrade.not_newer');
    await expect(
      client.assessments.start({ clusterId, choice, fingerprint: 'x', typed: null, requestId: 'assess-other' }),
    ).rejects.toMatchObject({ data: { code: 'operation.state_changed' } });
  });

  it('tells what pg_upgrade stopped at and what the upgrade would take, and removes what it installed', async () => {
    const job = await ended(await begin(true));
    expect(job.status, JSON.stringify([job.error, job.lines])).toBe('warning');
    const { reports, left, packages } = await client.assessments.view({ clusterId });
    expect({ left, packages }).toEqual({ left: null, packages: [] });
    expect(reports[0]).toMatchObject({
      verdict: 'refused',
      missingExtensions: [{ name: 'pg_cron' }],
      changedDefaults: [{ name: 'io_method', before: 'sync', after: 'worker' }],
      packagesRemoved: true,
    });
    expect(JSON.stringify([job, reports])).not.toMatch(/only-simulated/);
  });

  it('keeps the packages where that was wanted, names them, and removes them when asked to', async () => {
    await ended(await begin(false));
    const { packages } = await client.assessments.view({ clusterId });
    expect(packages).toHaveLength(1);
    const [{ serverId, major } = { serverId: '', major: 0 }] = packages;
    const job = await client.assessments.removePackages({ clusterId, serverId, major, requestId: crypto.randomUUID() });
    expect(await ended(job)).toMatchObject({ status: 'done' });
    expect((await client.assessments.view({ clusterId })).packages).toEqual([]);
  });

  it('that is stopped by the user removes what it made, and has nothing to clean up', async () => {
    const job = await begin(true);
    await vi.waitFor(
      () =>
        expect(
          services()
            .jobs.get(job.id)
            ?.phases.find(({ id }) => id === 'work')?.status,
        ).toBe('active'),
      { timeout: 30_000, interval: 50 },
    );
    services().jobs.cancel(job.id);
    expect((await ended(job)).status).toBe('cancelled');
    const { left, packages } = await client.assessments.view({ clusterId });
    expect({ left, packages }).toEqual({ left: null, packages: [] });
    await expect(client.assessments.clean({ clusterId, requestId: 'assess-clean' })).rejects.toMatchObject({
      data: { code: 'upgrade.nothing_left' },
    });
  });

  it('is not begun where the cluster is set to read-only', async () => {
    const entry = services().inventory.cluster(clusterId);
    if (entry === undefined) throw new Error('the demo has no such cluster');
    await services().inventory.saveCluster({ ...entry, readOnly: true });
    await vi.waitFor(() => expect(services().hub.state(clusterId)?.readOnly).toBe(true), { timeout: 10_000 });
    const choice = await choiceOf(true);
    const { fingerprint, typeToConfirm: typed } = await client.assessments.preview({ clusterId, choice });
    await expect(
      client.assessments.start({ clusterId, choice, fingerprint, typed, requestId: 'assess-read-only' }),
    ).rejects.toMatchObject({ data: { code: 'operation.read_only' } });
  });
});
