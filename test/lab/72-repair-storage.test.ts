import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { RepairPage } from './support/repair-page';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const ROWS = 500;
/** A quota that a few hundred values fill. */
const QUOTA = 24 * 1024 * 1024;

describe('an etcd that takes no writes is repaired on the page', () => {
  let known: KnownClusterLab;
  let repair: RepairPage;

  const etcdctl = (words: string, at: NodeName = 'n1'): Promise<string> =>
    known.on(at, `ETCDCTL_API=3 etcdctl --endpoints=http://127.0.0.1:2379 ${words}`);
  const leader = async (): Promise<string> => (await known.opened.lab.primaries(known.cluster)).join(' and ');

  beforeAll(async () => {
    known = await openKnownCluster({ name: 'repsto', net: 212, nodes: NODES, suite: 'trixie' }, MINUTE);
    repair = new RepairPage(known);
    const [first = 'n1'] = await known.opened.lab.primaries(known.cluster);
    await known.psql(first, `create table repaired as select generate_series(1, ${ROWS}) as id`);
  }, 10 * MINUTE);

  afterEach(({ task }) => known.opened.pictureOf(task));
  afterAll(() => known?.close(), 3 * MINUTE);

  it(
    'an etcd that ran out of space takes writes again, and Patroni keeps its leader and its rows',
    async () => {
      const before = await leader();
      await repair.open('Let etcd take writes again');
      await repair.refusedWith(/No member has raised NOSPACE/);
      await repair.cancel();
      for (const name of NODES) {
        await known.on(name, `echo ETCD_QUOTA_BACKEND_BYTES=${QUOTA} >> /etc/default/etcd; systemctl restart etcd`);
        await waitFor(`${name} to be healthy`, MINUTE, async () =>
          /is healthy/.test(await etcdctl('endpoint health 2>&1', name)),
        );
      }
      await known.on(
        'n1',
        `export ETCDCTL_API=3; head -c 60000 /dev/zero | tr '\\0' x > /tmp/value; for i in $(seq 600); do ` +
          `etcdctl --endpoints=http://127.0.0.1:2379 put /filler < /tmp/value >/dev/null 2>/tmp/full || break; done`,
      );
      expect(await etcdctl('alarm list')).toMatch(/NOSPACE/);
      await repair.openFinding('Let etcd take writes again');
      expect(await repair.evidence()).toMatch(/NOSPACE is raised by/);
      expect(await repair.confirm(null)).toMatch(/takes writes/);
      expect(await etcdctl('alarm list')).toBe('');
      expect(await etcdctl('put /filler small')).toMatch(/OK/);
      expect(await leader()).toBe(before);
      const [first = 'n1'] = await known.opened.lab.primaries(known.cluster);
      expect((await known.psql(first, 'select count(*) from repaired')).trim()).toBe(String(ROWS));
    },
    8 * MINUTE,
  );

  it(
    'the last member of an etcd goes on alone when the others are named as gone, and another one is added to it',
    async () => {
      const prefix = `/${known.cluster.namespace.replaceAll(/^\/|\/$/g, '')}/${known.cluster.scope}/`;
      const kept = ['config', 'initialize', 'history'];
      const valueOf = (key: string): Promise<string> => etcdctl(`get --print-value-only ${prefix}${key}`);
      const before = await Promise.all(kept.map(valueOf));
      await repair.open('Let the surviving etcd go on alone');
      await repair.refusedWith(/The majority is there/);
      await repair.cancel();
      await known.opened.lab.kill('n2', 'n3');
      await repair.openFinding('Let the surviving etcd go on alone', 2 * MINUTE);
      await repair.refusedWith(/n2 does not answer and may come back/);
      await repair.sayGone('n2');
      await repair.sayGone('n3');
      expect(await repair.confirm('Orders')).toMatch(/goes on with n1 alone and takes writes/);
      expect((await etcdctl('member list')).trim().split('\n')).toHaveLength(1);
      expect(await etcdctl('put /filler alone')).toMatch(/OK/);
      expect(await Promise.all(kept.slice(0, 2).map(valueOf))).toEqual(before.slice(0, 2));
      expect(await known.on('n1', 'ls -d /var/lib/etcd/default.matriarch-kept-*/member/snap/db')).toContain('kept');
      expect(await known.on('n1', 'ls /run/systemd/system/etcd.service.d 2>/dev/null || true')).not.toContain('force');
      await waitFor('n1 leads alone', 3 * MINUTE, async () => ((await leader()) === 'n1' ? true : undefined));
      expect((await known.psql('n1', 'select count(*) from repaired')).trim()).toBe(String(ROWS));
      await known.opened.lab.reset(['n2'], { suite: 'trixie', image: 'stack' });
      const peer = `http://${known.opened.lab.node('n2').ip}:2380`;
      const client = `http://${known.opened.lab.node('n2').ip}:2379`;
      await etcdctl(`member add n2 --learner --peer-urls=${peer}`);
      await known.opened.lab.node('n2').console(
        `systemctl stop etcd || true; rm -rf /var/lib/etcd/default; cat > /etc/default/etcd <<'SETTINGS'
ETCD_NAME=n2
ETCD_DATA_DIR=/var/lib/etcd/default
ETCD_LISTEN_PEER_URLS=${peer}
ETCD_INITIAL_ADVERTISE_PEER_URLS=${peer}
ETCD_LISTEN_CLIENT_URLS=${client},http://127.0.0.1:2379
ETCD_ADVERTISE_CLIENT_URLS=${client}
ETCD_INITIAL_CLUSTER=n1=http://${known.opened.lab.node('n1').ip}:2380,n2=${peer}
ETCD_INITIAL_CLUSTER_STATE=existing
SETTINGS
systemctl enable -q etcd; systemctl start --no-block etcd`,
      );
      const id =
        (await etcdctl('member list'))
          .split('\n')
          .find((line) => line.includes(peer))
          ?.split(',')[0] ?? '';
      await waitFor('the new member votes', 2 * MINUTE, async () =>
        /promoted/.test(await etcdctl(`member promote ${id}`)) ? true : undefined,
      );
      expect(await etcdctl(`get --print-value-only ${prefix}initialize`, 'n2')).toBe(before[1]);
    },
    10 * MINUTE,
  );
});
