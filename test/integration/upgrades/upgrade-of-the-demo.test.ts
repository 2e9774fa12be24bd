import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Job } from '../../../shared/model/operate/job';
import type { UpgradePart } from '../../../shared/model/upgrade/upgrade';
import { usualBounds } from '../../../shared/rules/upgrade/upgrade-gates';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';

const clusterId = 'demo-cluster-ledger';

describe('a rolling upgrade in the demo', { timeout: 180_000 }, () => {
  let app: TestApp;
  let client: TestClient;
  let close: () => void;
  let requests = 0;

  const state = () => app.app.core.services.hub.state(clusterId);
  const choiceOf = (parts: readonly UpgradePart[]) => ({
    parts: [...parts],
    countWrites: true,
    // A session of the demo sits in a transaction for long: with the usual bound that is in the way.
    bounds: { ...usualBounds, drainMs: 1000, transactionMs: 86_400_000 },
  });
  const preview = (parts: readonly UpgradePart[]) => client.upgrades.preview({ clusterId, choice: choiceOf(parts) });
  const well = () =>
    vi.waitFor(() => expect(state()?.health.level).toBe('healthy'), { timeout: 60_000, interval: 200 });
  const started = async (parts: readonly UpgradePart[]): Promise<Job> => {
    const shown = await preview(parts);
    expect(shown.checks.filter(({ verdict }) => verdict === 'refuses')).toEqual([]);
    requests += 1;
    const { choice, fingerprint, typeToConfirm: typed } = shown;
    return client.upgrades.start({ clusterId, choice, fingerprint, typed, requestId: `upgrade-${requests}-x` });
  };
  const jobOf = (job: Job): Job | null => app.app.core.services.jobs.get(job.id);
  const ended = (job: Job): Promise<Job> =>
    vi.waitFor(
      () => {
        const now = jobOf(job);
        if (now?.endedAt == null) throw new Error(`the job still runs: ${JSON.stringify(now?.phases)}`);
        return now;
      },
      { timeout: 160_000, interval: 200 },
    );

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

  it('is refused while a transaction is open for longer than the bound, and names whose it is', async () => {
    const { checks } = await client.upgrades.preview({
      clusterId,
      choice: { ...choiceOf(['postgresql']), bounds: usualBounds },
    });
    expect(checks.find(({ verdict }) => verdict === 'refuses')).toMatchObject({
      code: 'upgrade.transactions',
      sentence: expect.stringMatching(/on ledger-1/) as string,
    });
  });

  it('is refused with a fingerprint of another time, and where nothing is chosen', async () => {
    const { choice, typeToConfirm: typed } = await preview(['postgresql']);
    await expect(
      client.upgrades.start({ clusterId, choice, fingerprint: 'x', typed, requestId: 'upgrade-refused' }),
    ).rejects.toMatchObject({ data: { code: 'operation.state_changed' } });
    const { allowed, checks } = await preview([]);
    expect(allowed).toBe(false);
    expect(checks.find(({ verdict }) => verdict === 'refuses')?.code).toBe('upgrade.nothing');
  });

  it('that is stopped by the user ends between two steps, with the tags of its members as before', async () => {
    const before = state()?.members.map(({ name, tags }) => [name, tags]);
    const job = await started(['postgresql']);
    await vi.waitFor(() => expect(jobOf(job)?.phases.find(({ id }) => id === 'step:0')?.status).toBe('active'), {
      timeout: 60_000,
      interval: 100,
    });
    await client.jobs.cancel({ id: job.id });
    expect(await ended(job)).toMatchObject({ status: 'cancelled' });
    await well();
    expect(state()?.members.map(({ name, tags }) => [name, tags])).toEqual(before);
    expect(await client.upgrades.stopped({ clusterId })).toMatchObject({ sentence: 'Stopped by you.', leftovers: [] });
  });

  it('goes on from there, hands over once, counts the writes, and leaves nothing', async () => {
    const leader = state()?.leader.holder;
    const job = await ended(await started(['postgresql', 'haproxy']));
    expect(job, JSON.stringify([job.lines, job.error])).toMatchObject({ status: 'done', kind: 'upgrade' });
    expect(job.result?.facts['Acknowledged writes that were lost']).toBe(0);
    expect(state()?.leader.holder).not.toBe(leader);
    const { servers } = await client.upgrades.read({ clusterId });
    for (const { packages, outdatedProcesses } of servers) {
      expect(packages.filter(({ installed, offered }) => installed !== offered)).toEqual([]);
      expect(outdatedProcesses).toEqual([]);
    }
    expect(await client.upgrades.stopped({ clusterId })).toBeNull();
    expect(state()?.members.some(({ tags }) => tags['nofailover'] === true)).toBe(false);
  });
});
