import { afterEach, describe, expect, it, vi } from 'vitest';
import { createJobEngine } from '../../../electron/core/jobs/create-job-engine';
import { createOperations, type OperationService } from '../../../electron/core/operations/create-operations';
import type { EtcdClient } from '../../../electron/core/etcd/etcd-client';
import { appError } from '../../../shared/model/app-error';
import type { Job } from '../../../shared/model/operate/job';
import { valueAt } from '../../../shared/rules/configure/config-patch';
import { tempDirectory } from '../../support/temp';
import { jobEnded, setScene, type OperationScene, type SceneOptions } from './scene';

let scene: OperationScene;
const undo: (() => Promise<void>)[] = [];
const open = async (options: SceneOptions = {}): Promise<OperationScene> => {
  scene = await setScene(options);
  return scene;
};
afterEach(async () => {
  vi.restoreAllMocks();
  for (const one of undo.splice(0)) await one();
  await scene.close();
});

type Patch = Record<string, unknown>;

/** Another person with an app of their own, on the same cluster. */
async function secondEditor(): Promise<(patch: Patch) => Promise<Job | string>> {
  const temp = await tempDirectory();
  const jobs = await createJobEngine({
    directory: temp.path,
    now: Date.now,
    secrets: { known: () => [] },
    user: 'ben',
  });
  const timing = { refreshMs: 200, settleMs: 3000 };
  const operations = createOperations({ hub: scene.hub, jobs, now: Date.now, user: 'ben', timing });
  undo.push(async () => {
    await jobs.close();
    await temp.remove();
  });
  return (patch) => edit(operations, (job) => jobEnded(jobs, job, 30_000), patch);
}

let requests = 0;
/** Changes something as the page does; answers the job's end, or the code that it was refused with. */
async function edit(
  operations: OperationService,
  end: (job: Job) => Promise<Job>,
  patch: Patch,
): Promise<Job | string> {
  const operation = { kind: 'change_config', patch } as const;
  const { fingerprint } = await operations.preview('demo', operation);
  requests += 1;
  try {
    const requestId = `edit-${requests}`;
    return await end(await operations.start({ clusterId: 'demo', operation, fingerprint, typed: null, requestId }));
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown);
  }
}

/** Lets something happen, or fail, in the moment in which the app writes. */
function whileWriting(change: (client: EtcdClient, write: () => Promise<void>) => Promise<void>): void {
  const real = scene.hub.etcd;
  vi.spyOn(scene.hub, 'etcd').mockImplementation((id) => {
    const client = real(id);
    if (client === null) return null;
    return {
      ...client,
      compareAndSet: (key, value, revision) => change(client, () => client.compareAndSet(key, value, revision)),
    };
  });
}

describe('two who change the configuration at once', () => {
  it('never lose a value: over 20 rounds each one is in the DCS, or its editor was told', async () => {
    await open();
    const ben = await secondEditor();
    const ann = (patch: Patch): Promise<Job | string> => edit(scene.operations, (job) => scene.end(job), patch);
    let told = 0;
    for (let round = 0; round < 20; round += 1) {
      const before = scene.sim.config();
      const own: Patch = { maximum_lag_on_failover: 2_000_000 + round };
      const other: Patch =
        round % 2 === 0 ? { max_timelines_history: 10 + round } : { maximum_lag_on_failover: 3_000_000 + round };
      const ends = await Promise.all([ann(own), ben(other)]);
      const after = scene.sim.config();
      for (const [index, patch] of [own, other].entries()) {
        const end = ends[index];
        const code = typeof end === 'string' ? end : (end?.error?.code ?? null);
        if (code === null) expect(after, JSON.stringify(end)).toMatchObject(patch);
        else expect(['config.conflict', 'operation.state_changed']).toContain(code);
        if (code !== null) told += 1;
      }
      expect(after).not.toEqual(before);
    }
    expect(told).toBeGreaterThan(0);
    expect(scene.writes).toEqual([]);
  }, 180_000);

  it('in the very moment of writing: the other one stays, and the message names what was changed', async () => {
    await open();
    whileWriting(async (_client, write) => {
      scene.sim.write('config', { ...scene.sim.config(), maximum_lag_on_failover: 77 });
      await write();
    });
    const job = await scene.run({ kind: 'change_config', patch: { maximum_lag_on_failover: 55, ttl: 40 } });
    expect(job).toMatchObject({
      status: 'refused',
      error: { code: 'config.conflict', message: expect.stringMatching(/maximum_lag_on_failover from \d+ to 77/) },
    });
    expect(scene.sim.config()).toMatchObject({ maximum_lag_on_failover: 77, ttl: 30 });
    expect(scene.writes).toEqual([]);
  });
});

describe('a change of the configuration', () => {
  it('whose answer is lost is decided by the cluster and written once', async () => {
    await open();
    whileWriting(async (_client, write) => {
      await write();
      throw appError('etcd.timeout', 'etcd did not answer in time.');
    });
    const job = await scene.run({ kind: 'change_config', patch: { ttl: 41 } });
    expect(job).toMatchObject({ status: 'done', error: null });
    expect(scene.sim.config()).toMatchObject({ ttl: 41 });
    expect(scene.writes).toEqual([]);
  });

  it('whose answer is lost, and of which nothing can be seen since, is not told as not carried out', async () => {
    await open({ timing: { blindMs: 1_000 } });
    whileWriting(() => {
      scene.fault('dcs_down');
      return Promise.reject(appError('etcd.timeout', 'etcd did not answer in time.'));
    });
    const job = await scene.run({ kind: 'change_config', patch: { ttl: 45 } });
    expect(job).toMatchObject({ status: 'unknown', error: { code: 'operation.end_not_seen' } });
    expect(scene.writes).toEqual([]);
  });

  it("goes through Patroni's REST API where etcd does not let the app write", async () => {
    await open();
    whileWriting(() => Promise.reject(appError('etcd.permission_denied', 'etcd does not let app write this key.')));
    const job = await scene.run({ kind: 'change_config', patch: { ttl: 42 } });
    expect(job).toMatchObject({ status: 'done', error: null });
    expect(scene.writes).toEqual(['db1 PATCH /config']);
    expect(scene.sim.config()).toMatchObject({ ttl: 42 });
  });

  it("goes through Patroni's REST API where etcd is not known, and the preview says what that does not promise", async () => {
    await open({ entry: { etcd: null } });
    const preview = await scene.preview({ kind: 'change_config', patch: { ttl: 43 } });
    expect(preview.checks).toContainEqual(expect.objectContaining({ code: 'config.by_rest', verdict: 'warns' }));
    expect(await scene.run({ kind: 'change_config', patch: { ttl: 43 } })).toMatchObject({ status: 'done' });
    expect(scene.writes).toEqual(['db1 PATCH /config']);
  });

  it('leaves alone what only Patroni can write back unchanged', async () => {
    await open();
    const key = `${scene.sim.prefix}config`;
    const text = JSON.stringify(scene.sim.config()).replace(/\}$/, ',"kept":9223372036854775807}');
    scene.sim.write('config', text);
    await scene.until('the number', (state) => valueAt(state.config?.raw ?? {}, ['kept']) !== undefined);
    const job = await scene.run({ kind: 'change_config', patch: { ttl: 44 } });
    expect(job, key).toMatchObject({ status: 'done', error: null });
    expect(scene.writes).toEqual(['db1 PATCH /config']);
  });
});
