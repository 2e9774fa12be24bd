import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDrills } from '../../../electron/core/drill/create-drills';
import { createDrillStore, type DrillRecord } from '../../../electron/core/drill/drill-store';
import { createJobEngine } from '../../../electron/core/jobs/create-job-engine';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Remote, RunOptions, RunResult } from '../../../electron/core/ssh/remote';
import { cluster } from '../../support/cluster/operable-cluster';
import { tempDirectory, type TempDirectory } from '../../support/temp';

const RECORD: DrillRecord = {
  version: 1,
  id: 'aabbccddeeff',
  clusterId: 'c1',
  startedAt: 1000,
  fault: 'patroni_frozen',
  limitSeconds: 60,
  leader: 'db1',
  leaderServerId: 'server-db1',
  restPort: 8008,
  sshPort: 22,
  dataDirectory: '',
  patroniUnit: 'patroni.service',
  patroniRestarts: true,
  scratch: true,
  writer: { serverId: 'server-db2', directory: '/tmp/matriarch-drill-Ab12Cd34' },
  armed: true,
  struckAt: 2000,
};

/** Servers with a frozen Patroni, a scratch database and a writer, and what was done to them. */
function serversLeft() {
  const done: string[] = [];
  let frozen = true;
  let scratch = true;
  const answer = (stdout: string): RunResult => ({ exitCode: 0, stdout, stderr: '', durationMs: 1 });
  const script = (server: string, body: string, args: readonly string[], { stdin = '' }: RunOptions): RunResult => {
    if (body.startsWith('# matriarch:drill-fault')) {
      if (args[0] === 'heal') frozen = false;
      done.push(`${server} ${args[0] ?? ''} ${args[1] ?? ''}`);
      return answer(`patroni=${frozen ? 'T' : 'S'}\n`);
    }
    if (body.startsWith('# matriarch:drill-writer')) done.push(`${server} remove ${args[0] ?? ''}`);
    if (String(stdin).startsWith('-- matriarch:drill remove')) {
      scratch = false;
      done.push(`${server} drop`);
      return answer('left 0\n');
    }
    return answer('');
  };
  const remote = (serverId: string): Remote =>
    ({
      serverId,
      name: serverId,
      state: () => ({ kind: 'connected', since: 0 }),
      script: (body: string, args: readonly string[], options: RunOptions) =>
        Promise.resolve(script(serverId, body, args, options)),
    }) as Partial<Remote> as Remote;
  return { remote, done, isFrozen: () => frozen, hasScratch: () => scratch };
}

const made: TempDirectory[] = [];
afterEach(async () => {
  for (const directory of made.splice(0)) await directory.remove();
});

async function newDirectory(): Promise<string> {
  const directory = await tempDirectory();
  made.push(directory);
  return directory.path;
}

async function drillsWith(state: ClusterState, now = 5000) {
  const store = createDrillStore({ directory: await newDirectory(), isTemporary: () => false });
  await store.keepRecord(RECORD);
  const left = serversLeft();
  const jobs = await createJobEngine({
    directory: await newDirectory(),
    now: () => now,
    secrets: { known: () => [] },
    user: 'ada',
  });
  const drills = createDrills({
    hub: {
      state: () => state,
      entry: () => null,
      etcd: () => null,
      rest: () => null,
      record: () => undefined,
      refresh: () => Promise.resolve(state),
    },
    remotes: { remote: left.remote, drop: () => Promise.resolve(), close: () => Promise.resolve() },
    jobs,
    now: () => now,
    user: 'ada',
    store,
    balancers: { glance: () => Promise.reject(new Error('not asked')) },
    sshPlace: () => null,
    vipOf: () => null,
  });
  return { drills, store, left, jobs };
}

describe('a drill that was broken off when the app was killed', () => {
  it('is said to be so, with what became of its fault', async () => {
    const { drills } = await drillsWith(cluster());
    const view = await drills.view('c1');
    expect(view.left).toMatchObject({ id: RECORD.id, fault: 'patroni_frozen' });
    expect(view.left?.sentence).toMatch(/after its fault was made on db1.*within 57 s by itself/);
  });

  it('is healed and cleaned up after by the next start, as soon as its cluster is seen', async () => {
    const { drills, store, left, jobs } = await drillsWith(cluster());
    const undo = drills.recover();
    await vi.waitFor(async () => expect(await store.record('c1')).toBeNull(), { timeout: 10_000 });
    undo();
    expect([left.isFrozen(), left.hasScratch()]).toEqual([false, false]);
    expect(left.done).toContain('server-db2 remove /tmp/matriarch-drill-Ab12Cd34');
    await vi.waitFor(() => expect(jobs.history('c1', 1)[0]).toMatchObject({ kind: 'drill', status: 'done' }));
    expect((await drills.view('c1')).left).toBeNull();
    await jobs.close();
  });

  it.each<[string, Partial<ClusterState>]>([
    ['that is read-only', { readOnly: true }],
    ['that is on hold', { onHold: true }],
    ['whose leader is not known', { leader: { ...cluster().leader, known: false } }],
  ])('is left alone on a cluster %s', async (_what, change) => {
    const { drills, store, left, jobs } = await drillsWith(cluster(change));
    const undo = drills.recover();
    await new Promise((resolve) => setTimeout(resolve, 50));
    undo();
    expect(left.done).toEqual([]);
    expect(await store.record('c1')).toEqual(RECORD);
    await jobs.close();
  });

  it('is not cleaned up after by hand on a cluster that is read-only', async () => {
    const { drills, jobs } = await drillsWith(cluster({ readOnly: true }));
    await expect(drills.clean({ clusterId: 'c1', requestId: 'clean-it-up' })).rejects.toMatchObject({
      code: 'operation.read_only',
    });
    await jobs.close();
  });
});
