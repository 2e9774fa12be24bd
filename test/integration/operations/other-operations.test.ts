import { afterEach, describe, expect, it } from 'vitest';
import { injectFault } from '../../../electron/core/demo/model/faults';
import { setScene, type OperationScene, type SceneOptions } from './scene';

let scene: OperationScene;
const open = async (options: SceneOptions = {}): Promise<OperationScene> => {
  scene = await setScene(options);
  return scene;
};
afterEach(() => scene.close());

const writesOf = (path: string): string[] => scene.writes.filter((line) => line.endsWith(path));
const pending = (): string[] =>
  scene
    .state()
    .members.filter((one) => one.pendingRestartFlag)
    .map((one) => one.name);

describe('a failover', () => {
  it('with the leader powered off is sent to another member and makes the candidate leader; the dead leader is a warning', async () => {
    await open();
    scene.fault('power_off', 'db1');
    await scene.until(
      'db1 as lost',
      (state) => state.members.find((one) => one.name === 'db1')?.condition !== 'healthy',
    );
    const job = await scene.run({ kind: 'failover', candidate: 'db3' });
    expect(job.error).toBeNull();
    expect(['done', 'warning']).toContain(job.status);
    expect(scene.sim.leaderName()).toBe('db3');
    expect(writesOf('/failover')).toHaveLength(1);
    expect(writesOf('/failover')[0]).not.toContain('db1');
    expect(job.result?.withoutPrimaryMs).toBeGreaterThan(0);
    expect(job.result?.sentence).toContain('without a primary');
  });

  it('is not asked of a leader whose server went silent a moment ago, before anybody noticed', async () => {
    await open({ timeScale: 2 });
    const preview = await scene.preview({ kind: 'failover', candidate: 'db3' });
    scene.networks[0]?.suspend();
    scene.fault('power_off', 'db1');
    const job = await scene.operations.start({
      clusterId: 'demo',
      operation: preview.operation,
      fingerprint: preview.fingerprint,
      typed: preview.typeToConfirm,
      requestId: 'request-silent',
    });
    const end = await scene.end(job);
    expect(end.error).toBeNull();
    expect(end.lines.filter((line) => line.text.startsWith('POST')).map((line) => line.text)).toEqual([
      'POST /failover to db3',
    ]);
    expect(scene.sim.leaderName()).toBe('db3');
  });

  it.each(['4.0.7', '3.0.2'])(
    'right after the power cut is asked for again when Patroni %s could not write it to the etcd that went ' +
      'too, and nothing of it is in the DCS',
    async (version) => {
      await open({ version, timeScale: 2 });
      for (const name of ['db2', 'db3']) scene.member(name).etcdOn = 'db1';
      scene.fault('power_off', 'db1');
      const end = await scene.run({ kind: 'failover', candidate: 'db3' });
      expect(end.error).toBeNull();
      expect(scene.sim.leaderName()).toBe('db3');
      expect(writesOf('/failover')).toEqual(['db3 POST /failover', 'db3 POST /failover']);
    },
  );

  it('names the estimated loss, prefers a switchover while the leader is well, and wants the name of the cluster', async () => {
    await open();
    const preview = await scene.preview({ kind: 'failover', candidate: 'db2' });
    expect(preview.typeToConfirm).toBe('Orders');
    expect(preview.candidates.find((one) => one.member === 'db2')?.estimatedLoss).not.toBeNull();
    expect(preview.checks).toContainEqual(
      expect.objectContaining({ code: 'operation.switchover_is_better', verdict: 'warns' }),
    );
    const start = scene.operations.start({
      clusterId: 'demo',
      operation: preview.operation,
      fingerprint: preview.fingerprint,
      typed: null,
      requestId: 'request-x',
    });
    await expect(start).rejects.toMatchObject({ code: 'operation.not_confirmed' });
    expect(scene.writes).toEqual([]);
  });
});

describe('a reinit', () => {
  it('of a replica that only looks healthy ends when the leader streams to it on its own timeline', async () => {
    await open({ timeScale: 10, prepare: (sim) => injectFault(sim, 'broken_replica', sim.member('db3')) });
    await scene.until('db3 behind', (state) => state.members.find((one) => one.name === 'db3')?.timeline === 2);
    const job = await scene.run({ kind: 'reinit', member: 'db3', fromLeader: true });
    expect(job.error).toBeNull();
    expect(job).toMatchObject({ status: 'done', confirmation: expect.stringContaining('db3') });
    expect(scene.member('db3')).toMatchObject({ timeline: 3, streaming: true });
    expect(writesOf('/reinitialize')).toEqual(['db3 POST /reinitialize']);
  });

  it('shows the copy as under way until PostgreSQL runs on the new data, through every state between', async () => {
    await open({ timeScale: 2 });
    const job = await scene.start({ kind: 'reinit', member: 'db3', fromLeader: false });
    const seen = (state: string): Promise<unknown> =>
      scene.until(state, (now) => now.members.find((one) => one.name === 'db3')?.state === state);
    await seen('creating replica');
    const copying = Date.now();
    const end = await scene.end(job);
    expect(end.error).toBeNull();
    const copy = end.phases.find((phase) => phase.id === 'copy');
    expect(copy?.endedAt).toBeGreaterThan(copying);
  });

  it('of a member that is being created already is refused, and of the leader too', async () => {
    await open({ timeScale: 2 });
    const first = await scene.start({ kind: 'reinit', member: 'db3', fromLeader: false });
    await scene.until(
      'the copy',
      (state) => state.members.find((one) => one.name === 'db3')?.state === 'creating replica',
    );
    scene.jobs.cancel(first.id);
    expect((await scene.end(first)).error).toMatchObject({
      code: 'job.cancelled',
      message: expect.stringContaining('goes on'),
    });
    await expect(scene.start({ kind: 'reinit', member: 'db3', fromLeader: false })).rejects.toMatchObject({
      code: 'patroni.reinit_running',
    });
    await expect(scene.start({ kind: 'reinit', member: 'db1', fromLeader: false })).rejects.toMatchObject({
      code: 'patroni.is_leader',
    });
    expect(writesOf('/reinitialize')).toHaveLength(1);
  });
});

describe('a change of configuration', () => {
  it('shows what waits for a restart, and a rolling restart of what waits goes replicas first and clears it', async () => {
    await open();
    const change = await scene.run({
      kind: 'change_config',
      patch: { postgresql: { parameters: { max_connections: 200 } } },
    });
    expect(change).toMatchObject({
      status: 'done',
      result: { sentence: expect.stringContaining('wait for a restart') },
    });
    await scene.until('three pending', () => pending().length === 3);
    const job = await scene.run({ kind: 'rolling_restart', pendingOnly: true, role: 'any' });
    expect(job.error).toBeNull();
    expect(job.status).toBe('done');
    expect(writesOf('/restart')).toEqual(['db2 POST /restart', 'db3 POST /restart', 'db1 POST /restart']);
    expect(job.result?.withoutPrimaryMs).toBeGreaterThan(0);
    expect(pending()).toEqual([]);
  });

  it('that lowers a shared-memory parameter makes the leader restart first', async () => {
    await open();
    await scene.run({ kind: 'change_config', patch: { postgresql: { parameters: { max_connections: 50 } } } });
    await scene.until('three pending', () => pending().length === 3);
    const job = await scene.run({ kind: 'rolling_restart', pendingOnly: true, role: 'any' });
    expect(job).toMatchObject({ status: 'done', error: null });
    expect(writesOf('/restart')[0]).toBe('db1 POST /restart');
    expect(pending()).toEqual([]);
  });

  it('with values that Patroni would store without a word is refused', async () => {
    await open();
    await expect(scene.start({ kind: 'change_config', patch: { ttl: 1 } })).rejects.toMatchObject({
      code: 'config.bad_value',
    });
    await expect(scene.start({ kind: 'change_config', patch: { retry_timeout: 15 } })).rejects.toMatchObject({
      code: 'config.timing_rule',
    });
    expect(scene.writes).toEqual([]);
  });

  it('confirmed on an older configuration is refused', async () => {
    await open();
    const preview = await scene.preview({ kind: 'change_config', patch: { maximum_lag_on_failover: 5 } });
    await scene.run({ kind: 'change_config', patch: { maximum_lag_on_failover: 7 } });
    const start = scene.operations.start({
      clusterId: 'demo',
      operation: preview.operation,
      fingerprint: preview.fingerprint,
      typed: null,
      requestId: 'request-x',
    });
    await expect(start).rejects.toMatchObject({
      code: 'operation.state_changed',
      message: expect.stringContaining('configuration has changed'),
    });
  });
});

describe('a restart', () => {
  it('of the leader measures the time without a primary and the leader stays', async () => {
    await open({ timeScale: 3 });
    const job = await scene.run({ kind: 'restart', member: 'db1', pendingOnly: false });
    expect(job).toMatchObject({ status: 'done', error: null });
    expect(job.result?.withoutPrimaryMs).toBeGreaterThan(100);
    expect(scene.sim.leaderName()).toBe('db1');
    expect(writesOf('/restart')).toEqual(['db1 POST /restart']);
  });

  it('of a replica whose answer is lost is not sent again', async () => {
    await open({ timeScale: 3 });
    scene.loseAnswers = true;
    const job = await scene.run({ kind: 'restart', member: 'db2', pendingOnly: false });
    expect(job).toMatchObject({ status: 'done', error: null });
    expect(writesOf('/restart')).toHaveLength(1);
  });

  it('of a member whose Patroni is down is refused', async () => {
    await open();
    scene.fault('crash', 'db3');
    await scene.until(
      'db3 down',
      (state) => state.members.find((one) => one.name === 'db3')?.condition === 'patroni_down',
    );
    await expect(scene.start({ kind: 'restart', member: 'db3', pendingOnly: false })).rejects.toMatchObject({
      code: 'rest.refused',
    });
  });
});

describe('plans and pauses', () => {
  it('a scheduled switchover shows in the cluster and is cancelled again', async () => {
    await open();
    const at = Date.now() + 3_600_000;
    const job = await scene.run({ kind: 'schedule_switchover', leader: 'db1', candidate: 'db2', at });
    expect(job).toMatchObject({ status: 'done', error: null });
    expect(scene.state().scheduledSwitchover).toMatchObject({ from: 'db1', to: 'db2' });
    expect((await scene.run({ kind: 'cancel_switchover' })).status).toBe('done');
    expect(scene.state().scheduledSwitchover).toBeNull();
    await expect(scene.start({ kind: 'cancel_switchover' })).rejects.toMatchObject({
      code: 'operation.nothing_scheduled',
    });
  });

  it('a scheduled restart shows at its member and is cancelled again', async () => {
    await open();
    const job = await scene.run({
      kind: 'schedule_restart',
      member: 'db2',
      pendingOnly: false,
      at: Date.now() + 3_600_000,
    });
    expect(job).toMatchObject({ status: 'done', error: null });
    expect((await scene.run({ kind: 'cancel_restart', member: 'db2' })).status).toBe('done');
    expect(scene.member('db2').scheduledRestart).toBeNull();
  });

  it('pausing ends when every member has seen it; resuming too; a scheduled switchover is refused meanwhile', async () => {
    await open();
    expect(await scene.run({ kind: 'pause' })).toMatchObject({
      status: 'done',
      error: null,
      result: { sentence: expect.stringContaining('db1, db2 and db3') },
    });
    expect(scene.state().members.every((one) => one.pausedSeen === true)).toBe(true);
    const plan = scene.start({
      kind: 'schedule_switchover',
      leader: 'db1',
      candidate: 'db2',
      at: Date.now() + 3_600_000,
    });
    await expect(plan).rejects.toMatchObject({ code: 'patroni.paused' });
    expect(await scene.run({ kind: 'resume' })).toMatchObject({ status: 'done', error: null });
    expect(scene.state().paused).toBe(false);
  });

  it('a reload is asked of each member once', async () => {
    await open();
    expect(await scene.run({ kind: 'reload', members: ['db1', 'db2', 'db3'] })).toMatchObject({
      status: 'done',
      error: null,
    });
    expect(writesOf('/reload')).toEqual(['db1 POST /reload', 'db2 POST /reload', 'db3 POST /reload']);
  });
});

describe('without etcd', () => {
  it('a switchover is followed by the REST API alone', async () => {
    await open({ entry: { etcd: null } });
    const job = await scene.run({ kind: 'switchover', leader: 'db1', candidate: 'db2' });
    expect(job).toMatchObject({ status: 'done', error: null });
    expect(scene.sim.leaderName()).toBe('db2');
  });
});

describe('with hostile names', () => {
  it('a member named with quotes, markup and a newline is switched over to, and its command is one shell word', async () => {
    const hostile = `db'2 "<b>"\n$(reboot)`;
    await open({ names: ['db1', hostile, 'db3'] });
    const job = await scene.run({ kind: 'switchover', leader: 'db1', candidate: hostile });
    expect(job).toMatchObject({ status: 'done', error: null, target: hostile });
    expect(job.command).toContain(`'db'\\''2 "<b>"\n$(reboot)'`);
    expect(scene.sim.leaderName()).toBe(hostile);
  });
});
