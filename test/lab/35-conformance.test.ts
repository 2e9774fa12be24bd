import { patroniOf, type ConformanceTarget } from '../sim/conformance/target';
import { describeConformance } from '../sim/conformance/suite';
import { openLab, type NodeName, type Suite } from './support/lab';
import { releasesToTest } from './support/releases';

const MINUTE = 60_000;

/** A real cluster of three for the conformance suite: the simulator must behave like it. */
async function labTarget(suite: Suite, net: number): Promise<ConformanceTarget> {
  const lab = await openLab({ name: `conform-${suite}`, net, suite, image: 'stack' });
  const cluster = await lab.cluster({ layout: 'plain', nodes: ['n1', 'n2', 'n3'] });
  const nodes: readonly NodeName[] = ['n1', 'n2', 'n3'];
  const node = (name: string): NodeName => nodes.find((known) => known === name) ?? 'n1';
  const target: ConformanceTarget = {
    scope: cluster.scope,
    namespace: '/service/',
    version: '0.0.0',
    restUrls: Object.fromEntries(nodes.map((name) => [name, `http://${lab.node(name).ip}:8008`])),
    etcdAddress: `${lab.node('n1').ip}:2379`,
    timeScale: 1,
    killMember: async (name) => {
      await lab.crash(node(name));
    },
    reviveMember: async (name) => {
      await lab.uncrash(node(name));
    },
    close: async () => {
      await lab.down();
    },
  };
  const patroni = (await patroniOf(target, 'n1'))?.patroni;
  const version =
    typeof patroni === 'object' && patroni !== null && 'version' in patroni ? String(patroni.version) : '0.0.0';
  return { ...target, version };
}

const releases = releasesToTest(
  'The conformance suite',
  [
    { name: 'Debian 12 with Patroni 3.0', suite: 'bookworm', net: 65 },
    { name: 'Debian 13 with Patroni 4.0', suite: 'trixie', net: 66 },
  ] as const,
  'trixie',
);
for (const { name, suite, net } of releases) describeConformance(name, () => labTarget(suite, net), 10 * MINUTE);
