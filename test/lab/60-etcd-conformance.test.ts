import { describeEtcdAdmin } from '../sim/conformance/etcd-admin';
import { openLab, type NodeName } from './support/lab';
import { releasesToTest } from './support/releases';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];

const RELEASES = [
  { suite: 'trixie', net: 170 },
  { suite: 'bookworm', net: 171 },
] as const;

/** The etcd of a real cluster: the simulated one must answer like it. */
for (const { suite, net } of releasesToTest('60-etcd-conformance', RELEASES, 'trixie'))
  describeEtcdAdmin(
    `the maintenance of the etcd of ${suite}`,
    async () => {
      const lab = await openLab({ name: `admin-${suite}`, net, suite, image: 'stack' });
      await lab.cluster({ layout: 'plain', nodes: NODES });
      return {
        addresses: NODES.map((name) => `${lab.node(name).ip}:2379`),
        freePeerUrl: `http://${lab.node('n4').ip}:2380`,
        close: async () => {
          await lab.down();
        },
      };
    },
    10 * MINUTE,
  );
