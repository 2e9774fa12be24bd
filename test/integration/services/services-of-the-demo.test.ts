import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Job } from '../../../shared/model/operate/job';
import type { ServiceAction, ServiceName } from '../../../shared/model/operate/service';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';

const clusterId = 'demo-cluster-ledger';

describe('the services on the servers of members', () => {
  let app: TestApp;
  let client: TestClient;
  let close: () => void;
  let requests = 0;

  const state = (): ClusterState | null => app.app.core.services.hub.state(clusterId);
  const healthy = () =>
    vi.waitFor(() => expect(state()?.health.level).toBe('healthy'), { timeout: 60_000, interval: 200 });
  const act = (member: string, service: ServiceName, action: ServiceAction, requestId = `request-${(requests += 1)}`) =>
    client.services.act({ clusterId, member, service, action, typed: null, requestId });
  const ended = (job: Job): Promise<Job> =>
    vi.waitFor(
      () => {
        const now = app.app.core.services.jobs.get(job.id);
        if (now?.endedAt == null) throw new Error('the job still runs');
        return now;
      },
      { timeout: 30_000, interval: 100 },
    );
  const stateOf = async (member: string, service: ServiceName) =>
    (await client.services.read({ clusterId, member })).services.find((one) => one.name === service)?.state;

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

  it('are those that are installed there', async () => {
    const { services } = await client.services.read({ clusterId, member: 'ledger-3' });
    expect(services.map(({ name, state: how }) => [name, how])).toEqual([
      ['patroni', 'running'],
      ['postgresql', 'running'],
      ['etcd', 'running'],
    ]);
  });

  it('a Patroni that is down is started over SSH, its log is read meanwhile, and the job names the command', async () => {
    await client.demo.inject({ clusterId, faultId: 'crash', member: 'ledger-3' });
    await vi.waitFor(async () => expect(await stateOf('ledger-3', 'patroni')).toBe('stopped'));
    const log = await client.services.log({ clusterId, member: 'ledger-3', service: 'patroni' });
    expect(log.from).toBe('journalctl -u patroni.service');
    expect(log.lines.length).toBeGreaterThan(0);
    const job = await ended(await act('ledger-3', 'patroni', 'start'));
    expect(job).toMatchObject({ status: 'done', kind: 'service', command: 'sudo systemctl start patroni.service' });
    expect(await stateOf('ledger-3', 'patroni')).toBe('running');
    await healthy();
  });

  it('a request that is sent twice starts one job', async () => {
    const [first, second] = [
      await act('ledger-2', 'etcd', 'restart', 'twice-the-same'),
      await act('ledger-2', 'etcd', 'restart', 'twice-the-same'),
    ];
    expect(second.id).toBe(first.id);
    await ended(first);
  });

  it('nothing is asked for that is so already', async () => {
    await healthy();
    await expect(act('ledger-3', 'patroni', 'start')).rejects.toMatchObject({
      data: { code: 'operation.refused', message: expect.stringContaining('already') },
    });
  });

  it('a read-only cluster refuses to change its services, and still shows them', async () => {
    await client.clusters.update({ clusterId, readOnly: true });
    await vi.waitFor(() => expect(state()?.readOnly).toBe(true));
    await expect(act('ledger-3', 'patroni', 'restart')).rejects.toMatchObject({
      data: { code: 'operation.read_only' },
    });
    expect(await stateOf('ledger-3', 'patroni')).toBe('running');
    await client.clusters.update({ clusterId, readOnly: false });
  });
});
