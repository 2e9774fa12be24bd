import { describe, expect, it } from 'vitest';
import { exportText, planImport } from '../../../electron/core/inventory/exchange';
import { aCluster, aServer } from './entries';

const server = aServer({
  id: 's1',
  auth: { kind: 'password', passwordSecret: 'secret-id-1' },
  sudo: { kind: 'password', passwordSecret: 'secret-id-2' },
});
const cluster = aCluster({
  id: 'c1',
  rest: { tls: { ca: 'PEM', keySecret: 'secret-id-3' }, auth: { username: 'patroni', passwordSecret: 'secret-id-4' } },
});

describe('the inventory file', () => {
  it('is exported without secrets and with all else', () => {
    const text = exportText([server], [cluster]);
    expect(text).not.toContain('secret-id');
    expect(text).toContain('patroni');
    expect(text).toContain('192.0.2.1');
  });

  it('is exported without the clusters of the demo', () => {
    expect(exportText([], [aCluster({ origin: 'demo', title: 'Demo orders' })])).not.toContain('Demo orders');
  });

  it('is imported whole into an empty inventory', () => {
    const plan = planImport(exportText([server], [cluster]), [], []);
    expect(plan.servers.map((one) => one.id)).toEqual(['s1']);
    expect(plan.clusters.map((one) => one.id)).toEqual(['c1']);
    expect(plan.skipped).toEqual([]);
  });

  it('adds nothing when it is imported twice, and says why', () => {
    const plan = planImport(exportText([server], [cluster]), [server], [cluster]);
    expect(plan.servers).toEqual([]);
    expect(plan.clusters).toEqual([]);
    expect(plan.skipped).toHaveLength(2);
  });

  it('does not add a server known under another id twice: its clusters use the known one', () => {
    const known = aServer({ id: 'mine', name: 'my db1' });
    const plan = planImport(exportText([server], [cluster]), [known], []);
    expect(plan.servers).toEqual([]);
    expect(plan.clusters[0]?.members[0]?.serverId).toBe('mine');
    expect(plan.clusters[0]?.etcd?.endpoints[0]?.serverId).toBe('mine');
  });

  it('keeps the servers of load balancers with a cluster, as they are known where it is read', () => {
    const behind = { ...cluster, balancerServers: ['lb', 's1'] };
    const file = exportText([server, aServer({ id: 'lb', host: '192.0.2.9' })], [behind]);
    const plan = planImport(file, [aServer({ id: 'mine' })], []);
    expect(plan.clusters[0]?.balancerServers).toEqual(['lb', 'mine']);
  });

  it.each(['', 'null', '{}', '{"format":"matriarch-inventory","version":1,"servers":[{}],"clusters":[]}', '<xml/>'])(
    'is refused when it is no export: %j',
    (text) => {
      expect(() => planImport(text, [], [])).toThrow(
        expect.objectContaining({ data: expect.objectContaining({ code: 'inventory.not_an_export' }) }),
      );
    },
  );
});
