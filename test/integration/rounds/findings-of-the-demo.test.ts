import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClusterState, Finding } from '../../../shared/model/cluster/cluster-state';
import type { Undo } from '../../../shared/model/undo';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';

const clusterId = 'demo-cluster-ledger';
const SOON = { timeout: 90_000, interval: 250 };

describe('findings that nobody opened a tab for', () => {
  let app: TestApp;
  let client: TestClient;
  let undo: Undo = () => undefined;

  const state = (): ClusterState | null => app.app.core.services.hub.state(clusterId);
  const found = (code: string): readonly Finding[] => (state()?.findings ?? []).filter((one) => one.code === code);
  const isHealthy = () => vi.waitFor(() => expect(state()?.health.level).toBe('healthy'), SOON);

  beforeAll(async () => {
    app = await startApp({ page: false });
    let close: Undo;
    ({ client, close } = await app.connect());
    await client.demo.start({ clusters: [{ scope: 'ledger', members: 3 }] });
    await isHealthy();
    const unwatch = app.app.core.services.hub.watch(clusterId, () => undefined);
    undo = () => {
      unwatch();
      close();
    };
  });
  afterAll(async () => {
    undo();
    await app.close();
  });

  it('name the slot that retains WAL on the leader, with its age, and are taken back when it is gone', async () => {
    await client.demo.inject({ clusterId, faultId: 'slot_hoards', member: null });
    await vi.waitFor(() => {
      const slots = (state()?.findings ?? []).filter(({ code }) => code.startsWith('postgres.slot_'));
      expect(slots).toMatchObject([{ member: state()?.leader.holder, subject: 'cdc_orders', severity: 'warning' }]);
      expect(slots[0]?.evidence).toContain('Retains 390');
      expect(slots[0]?.asOf).toBeGreaterThan(Date.now() - 60_000);
    }, SOON);
    expect(state()?.health.level).toBe('warning');
    await client.demo.heal({ clusterId });
    await isHealthy();
    expect(found('postgres.slot_unused')).toEqual([]);
  });

  it('name a member of etcd that is slow in several readings, and are taken back when it keeps up again', async () => {
    await client.demo.inject({ clusterId, faultId: 'etcd_slow', member: 'ledger-2' });
    await vi.waitFor(() => expect(found('etcd.slow_member')).toMatchObject([{ subject: 'ledger-2' }]), SOON);
    expect(found('etcd.slow_member')[0]?.evidence).toMatch(/Answers after .*2400 entries/);
    await client.demo.heal({ clusterId });
    await isHealthy();
  });

  it('name the load balancer through which nobody gets, once a section, and are taken back when it sees again', async () => {
    await client.demo.inject({ clusterId, faultId: 'balancer_blind', member: 'ledger-3' });
    await vi.waitFor(() => {
      const closed = found('balancer.closed').map(({ subject }) => subject);
      expect(closed).toEqual(['ledger-3 primary', 'ledger-3 replicas']);
    }, SOON);
    expect(found('balancer.disagrees')).toEqual([]);
    expect(found('balancer.closed')[0]?.evidence).toContain('ledger-1 is down (last check: L4TOUT)');
    await client.demo.heal({ clusterId });
    await isHealthy();
  });
});
