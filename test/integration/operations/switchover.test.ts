import { afterEach, describe, expect, it } from 'vitest';
import { setScene, type OperationScene, type SceneOptions } from './scene';

let scene: OperationScene;
const open = async (options: SceneOptions = {}): Promise<OperationScene> => {
  scene = await setScene(options);
  return scene;
};
afterEach(() => scene.close());

const writesOf = (path: string): number => scene.writes.filter((line) => line.endsWith(path)).length;

describe('a switchover', () => {
  it('ends when the candidate runs as primary and the former leader streams from it, with the time without a primary', async () => {
    await open();
    const job = await scene.run({ kind: 'switchover', leader: 'db1', candidate: 'db2' });
    expect(job.error).toBeNull();
    expect(job).toMatchObject({
      status: 'done',
      kind: 'switchover',
      target: 'db2',
      command: expect.stringContaining('--leader db1 --candidate db2'),
    });
    expect(job.phases.map((phase) => [phase.id, phase.status])).toEqual([
      ['check', 'done'],
      ['send', 'done'],
      ['promote', 'done'],
      ['rejoin', 'done'],
    ]);
    expect(job.result?.withoutPrimaryMs).toBeGreaterThan(0);
    expect(scene.sim.leaderName()).toBe('db2');
    expect(scene.member('db1')).toMatchObject({ role: 'replica', streaming: true, timeline: 4 });
    expect(writesOf('/switchover')).toBe(1);
    expect(scene.jobs.history('demo', 5)).toMatchObject([
      { status: 'done', who: 'ann', target: 'db2', answers: [expect.stringContaining('Successfully switched over')] },
    ]);
  });

  it('without a candidate ends with the one Patroni chose', async () => {
    await open();
    const job = await scene.run({ kind: 'switchover', leader: 'db1', candidate: null });
    expect(job.status).toBe('done');
    expect(job.result?.sentence).toContain(`to ${scene.sim.leaderName() ?? ''}`);
  });

  it('that ends at another member than the one that was asked for is a warning', async () => {
    await open();
    scene.fault('candidate_dies');
    const job = await scene.run({ kind: 'switchover', leader: 'db1', candidate: 'db2' });
    expect(job.status).toBe('warning');
    expect(job.result?.sentence).toMatch(/^Switched over to db[13] instead of db2|^Switched over to db3/);
  });
});

describe('a switchover whose answer is lost', () => {
  it('is not sent again and ends with the truth: it happened', async () => {
    await open();
    scene.loseAnswers = true;
    const job = await scene.run({ kind: 'switchover', leader: 'db1', candidate: 'db2' });
    expect(job.error).toBeNull();
    expect(job.status).toBe('done');
    expect(scene.sim.leaderName()).toBe('db2');
    expect(writesOf('/switchover')).toBe(1);
  });

  it('by SSH being cut for seconds waits, reconnects and ends with the truth; nothing is sent twice', async () => {
    await open({ timeScale: 3 });
    const job = await scene.start({ kind: 'switchover', leader: 'db1', candidate: 'db3' });
    await scene.until('the request', () => writesOf('/switchover') === 1);
    for (const network of scene.networks) {
      network.refuse(true);
      network.cut();
    }
    const statuses = new Set<string>();
    const undo = scene.jobs.watch((update) => {
      if (update.kind === 'job') statuses.add(update.job.status);
    });
    await new Promise((resolve) => {
      setTimeout(resolve, 6000);
    });
    for (const network of scene.networks) network.refuse(false);
    const end = await scene.end(job);
    undo();
    expect(end.error).toBeNull();
    expect(end.status).toBe('done');
    expect(statuses).toContain('waiting');
    expect(scene.sim.leaderName()).toBe('db3');
    expect(writesOf('/switchover')).toBe(1);
  });

  it('by a network that freezes without a word ends with the truth too', async () => {
    await open({ timeScale: 3 });
    const job = await scene.start({ kind: 'switchover', leader: 'db1', candidate: 'db3' });
    await scene.until('the request', () => writesOf('/switchover') === 1);
    for (const network of scene.networks) network.suspend();
    await new Promise((resolve) => {
      setTimeout(resolve, 6000);
    });
    for (const network of scene.networks) {
      network.resume();
      network.cut();
    }
    const end = await scene.end(job);
    expect(end.error).toBeNull();
    expect(end.status).toBe('done');
    expect(writesOf('/switchover')).toBe(1);
  });
});

describe('a switchover that is not as confirmed', () => {
  it('because the leader changed under the dialog is refused, names the change, and sends nothing', async () => {
    await open();
    const preview = await scene.preview({ kind: 'switchover', leader: 'db1', candidate: 'db2' });
    scene.fault('crash', 'db1');
    scene.sim.remove('leader');
    await scene.until('another leader', (state) => state.leader.holder !== null && state.leader.holder !== 'db1');
    const start = scene.operations.start({
      clusterId: 'demo',
      operation: preview.operation,
      fingerprint: preview.fingerprint,
      typed: null,
      requestId: 'request-x',
    });
    await expect(start).rejects.toMatchObject({
      code: 'operation.state_changed',
      message: expect.stringContaining('The leader was db1 and is now'),
    });
    expect(writesOf('/switchover')).toBe(0);
  });

  it('because the candidate vanished is refused and sends nothing', async () => {
    await open();
    const preview = await scene.preview({ kind: 'switchover', leader: 'db1', candidate: 'db3' });
    scene.fault('crash', 'db3');
    await scene.until('db3 gone', (state) => state.members.find((one) => one.name === 'db3')?.condition !== 'healthy');
    const start = scene.operations.start({
      clusterId: 'demo',
      operation: preview.operation,
      fingerprint: preview.fingerprint,
      typed: null,
      requestId: 'request-x',
    });
    await expect(start).rejects.toMatchObject({
      code: expect.stringMatching(/operation\.state_changed|patroni\.candidate_refused/),
      message: expect.stringContaining('db3'),
    });
    expect(scene.writes).toEqual([]);
  });

  it('because another window was quicker gets job.busy, which names the job at work', async () => {
    await open({ timeScale: 2 });
    const preview = await scene.preview({ kind: 'switchover', leader: 'db1', candidate: 'db3' });
    const first = await scene.start({ kind: 'switchover', leader: 'db1', candidate: 'db2' });
    const second = scene.operations.start({
      clusterId: 'demo',
      operation: preview.operation,
      fingerprint: preview.fingerprint,
      typed: null,
      requestId: 'request-y',
    });
    await expect(second).rejects.toMatchObject({
      code: 'job.busy',
      message: expect.stringContaining('Switch over Orders from db1 to db2'),
    });
    expect((await scene.end(first)).status).toBe('done');
    expect(writesOf('/switchover')).toBe(1);
  });

  it('because the same click arrived twice is one job and one request', async () => {
    await open();
    const preview = await scene.preview({ kind: 'switchover', leader: 'db1', candidate: 'db2' });
    const request = {
      clusterId: 'demo',
      operation: preview.operation,
      fingerprint: preview.fingerprint,
      typed: null,
      requestId: 'one-click',
    };
    const [one, two] = await Promise.all([scene.operations.start(request), scene.operations.start(request)]);
    expect(two.id).toBe(one.id);
    expect((await scene.end(one)).status).toBe('done');
    expect((await scene.operations.start(request)).id).toBe(one.id);
    expect(writesOf('/switchover')).toBe(1);
  });
});

describe('what cannot work is not sent', () => {
  it('without quorum in etcd: the preview says so and a start is refused', async () => {
    await open();
    scene.fault('dcs_down');
    await scene.until('the lost quorum', (state) => state.dcs.kind === 'no_quorum');
    const preview = await scene.preview({ kind: 'switchover', leader: 'db1', candidate: 'db2' });
    expect(preview.allowed).toBe(false);
    expect(preview.checks).toContainEqual(expect.objectContaining({ code: 'etcd.no_quorum', verdict: 'refuses' }));
    await expect(scene.start(preview.operation)).rejects.toMatchObject({ code: 'etcd.no_quorum' });
    expect(scene.writes).toEqual([]);
  });

  it('on a read-only cluster', async () => {
    await open({ entry: { readOnly: true } });
    await expect(scene.start({ kind: 'switchover', leader: 'db1', candidate: 'db2' })).rejects.toMatchObject({
      code: 'operation.read_only',
    });
  });

  it('on a production cluster without its name', async () => {
    await open({ entry: { production: true } });
    const preview = await scene.preview({ kind: 'switchover', leader: 'db1', candidate: 'db2' });
    expect(preview.typeToConfirm).toBe('Orders');
    const start = scene.operations.start({
      clusterId: 'demo',
      operation: preview.operation,
      fingerprint: preview.fingerprint,
      typed: 'orders?',
      requestId: 'request-x',
    });
    await expect(start).rejects.toMatchObject({ code: 'operation.not_confirmed' });
    expect(scene.writes).toEqual([]);
  });
});

describe('a switchover Patroni drops', () => {
  it('ends as failed, with who still leads, what can be seen from here, and where the reason is', async () => {
    await open({ config: { maximum_lag_on_failover: 1_000_000_000 } });
    const job = await scene.start({ kind: 'switchover', leader: 'db1', candidate: 'db2' });
    scene.member('db2').partitioned = true;
    const end = await scene.end(job);
    expect(end.status).toBe('failed');
    expect(end.error?.code).toMatch(/^patroni\.(request_dropped|no_good_candidate)$/);
    expect(end.error?.message).toContain('The leader is db1');
    expect(writesOf('/switchover')).toBe(1);
  });
});
