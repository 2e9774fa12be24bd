import { startDemo } from '../../electron/core/demo/demo';
import { exposeService } from '../support/cluster/demo-target';
import { describeEtcdAdmin } from './conformance/etcd-admin';

/** Patroni's version stands for that of etcd: the simulator has an older one beside an older Patroni. */
for (const [version, etcd] of [
  ['3.3.8', '3.4'],
  ['4.0.7', '3.5'],
] as const) {
  describeEtcdAdmin(`the maintenance of the simulated etcd ${etcd}`, async () => {
    const demo = await startDemo({ clusters: [{ scope: 'orders', members: 3, version }], timeScale: 20, seed: 7 });
    const members = demo.clusters[0]?.members ?? [];
    const exposed = await Promise.all(members.map(({ server, address }) => exposeService(demo, server, address, 2379)));
    return {
      addresses: exposed.map(({ port }) => `127.0.0.1:${port}`),
      freePeerUrl: 'http://10.99.0.9:2380',
      close: async () => {
        for (const listener of exposed) listener.close();
        await demo.close();
      },
    };
  });
}
