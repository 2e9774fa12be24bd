import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Job } from '../../../shared/model/operate/job';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';

const clusterId = 'demo-cluster-ledger';
const SECRET = 'Correct horse battery';

describe('passwords of a cluster', { timeout: 90_000 }, () => {
  let app: TestApp;
  let client: TestClient;
  let close: () => void;
  let requests = 0;

  const state = () => app.app.core.services.hub.state(clusterId);
  const request = () => ({ clusterId, typed: null, requestId: `passwords-${(requests += 1)}` });
  const ended = (job: Job): Promise<Job> =>
    vi.waitFor(
      () => {
        const now = app.app.core.services.jobs.get(job.id);
        if (now?.endedAt == null) throw new Error('the job still runs');
        return now;
      },
      { timeout: 60_000, interval: 100 },
    );
  /** Whether the patroni.yml of every member has these two passwords, told by its SHA-256: the page never gets them. */
  const allHave = async (superuser: string, replication: string): Promise<boolean> => {
    const names = (state()?.members ?? []).map(({ name }) => name);
    const files = await Promise.all(names.map((member) => client.configure.memberFile({ clusterId, member })));
    return files.every(({ files: [file] }) => {
      const values = [superuser, replication];
      const text = file?.text?.replaceAll(/••••••[0-9a-f]{8}/g, () => values.shift() ?? '') ?? '';
      return createHash('sha256').update(text).digest('hex') === file?.sha;
    });
  };

  beforeAll(async () => {
    app = await startApp({ page: false });
    ({ client, close } = await app.connect());
    await client.demo.start({ clusters: [{ scope: 'ledger', members: 3 }] });
    await vi.waitFor(() => expect(state()?.health.level).toBe('healthy'), { timeout: 60_000, interval: 200 });
  });
  afterAll(async () => {
    close();
    await app.close();
  });

  it('are listed with where each stands, and none of them leaves the core', async () => {
    const view = await client.passwords.accounts({ clusterId });
    expect(view).toMatchObject({ refused: null, change: null });
    expect(view.accounts.map(({ username, uses }) => [username, ...uses])).toEqual([
      ['postgres', 'superuser'],
      ['replicator', 'replication'],
      ['app', 'application'],
      ['reporting', 'application'],
    ]);
    expect(view.accounts[0]?.places).toHaveLength(3);
    expect(JSON.stringify(view)).not.toContain('only-simulated');
  });

  it('are changed on every member and in PostgreSQL; the job says nothing of them, and they are kept', async () => {
    const accounts = [
      { id: 'role:postgres', password: SECRET },
      { id: 'role:replicator', password: null },
      { id: 'role:app', password: null },
    ];
    const job = await ended(await client.passwords.change({ ...request(), accounts }));
    expect(job).toMatchObject({ status: 'done', kind: 'passwords' });
    expect(JSON.stringify(job)).not.toContain(SECRET);
    expect(JSON.stringify(job)).not.toContain('SCRAM');
    const { change } = await client.passwords.accounts({ clusterId });
    expect(change).toMatchObject({ ended: true, postgres: 'new', way: 'forward' });
    expect(Object.values(change?.members ?? {})).toEqual([1, 2, 3].map(() => ({ files: 'new', reloaded: true })));
    expect(await client.passwords.reveal({ clusterId, account: 'role:postgres' })).toEqual({ password: SECRET });
    const made = await client.passwords.reveal({ clusterId, account: 'role:replicator' });
    expect(made.password).toMatch(/^[A-Za-z2-9]{24}$/);
    expect(await allHave(SECRET, made.password)).toBe(true);
  });

  it('are taken back to what they were, in files and in PostgreSQL, by one job however often and wherever it is asked for', async () => {
    const { change } = await client.passwords.accounts({ clusterId });
    const startedAt = change?.startedAt ?? 0;
    const one = { ...request(), way: 'back' as const, startedAt };
    const answers = await Promise.allSettled([
      client.passwords.finish(one),
      client.passwords.finish(one),
      client.passwords.finish({ ...one, ...request() }),
    ]);
    const jobs = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
    const refused = answers.flatMap((answer): unknown[] => (answer.status === 'rejected' ? [answer.reason] : []));
    for (const reason of refused) expect(reason).toMatchObject({ data: { code: 'job.busy' } });
    for (const job of jobs) expect(await ended(job)).toMatchObject({ status: 'done' });
    expect((await client.passwords.accounts({ clusterId })).change).toBeNull();
    await expect(client.passwords.finish({ ...one, ...request() })).rejects.toMatchObject({
      data: { code: 'config.no_password_change' },
    });
    expect(await allHave('only-simulated', 'only-simulated-too')).toBe(true);
  });

  it.each([
    ['that is too short', [{ id: 'role:app', password: 'short' }], 'config.password_refused'],
    ['with a line end', [{ id: 'role:app', password: 'two\nlines here' }], 'config.password_refused'],
    ['of an account that is not there', [{ id: 'role:ghost', password: null }], 'config.password_refused'],
  ])('a password %s is refused before anything is written', async (_what, accounts, code) => {
    await expect(client.passwords.change({ ...request(), accounts })).rejects.toMatchObject({ data: { code } });
    expect((await client.passwords.accounts({ clusterId })).change).toBeNull();
  });

  it('a window that still shows an earlier change neither goes on with nor takes back the one that came after it', async () => {
    const accounts = [{ id: 'role:app', password: null }];
    const first = await ended(await client.passwords.change({ ...request(), accounts }));
    expect(first).toMatchObject({ status: 'done' });
    const shown = (await client.passwords.accounts({ clusterId })).change;
    await ended(await client.passwords.change({ ...request(), accounts }));
    const later = (await client.passwords.accounts({ clusterId })).change;
    for (const way of ['forward', 'back'] as const)
      await expect(
        client.passwords.finish({ ...request(), way, startedAt: shown?.startedAt ?? 0 }),
      ).rejects.toMatchObject({ data: { code: 'config.no_password_change' } });
    expect((await client.passwords.accounts({ clusterId })).change).toEqual(later);
  });

  it('of a cluster that is production are changed only when its name was typed', async () => {
    await client.clusters.update({ clusterId, production: true });
    await vi.waitFor(() => expect(state()?.production).toBe(true));
    const accounts = [{ id: 'role:app', password: null }];
    await expect(client.passwords.change({ ...request(), accounts })).rejects.toMatchObject({
      data: { code: 'operation.not_confirmed' },
    });
  });
});
