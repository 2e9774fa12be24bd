import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { RepairPage } from './support/repair-page';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const ROWS = 500;

const RELEASES = [
  { suite: 'trixie', net: 208 },
  { suite: 'bookworm', net: 209 },
] as const;

describe.each(releasesToTest('70-repair-dcs', RELEASES, 'trixie'))(
  'what stands in the DCS of a cluster is repaired on the page ($suite)',
  ({ suite, net }) => {
    let known: KnownClusterLab;
    let repair: RepairPage;

    const etcdctl = (words: string): Promise<string> =>
      known.on('n1', `ETCDCTL_API=3 etcdctl --endpoints=http://127.0.0.1:2379 ${words}`);
    const prefix = (): string => `/${known.cluster.namespace.replaceAll(/^\/|\/$/g, '')}/${known.cluster.scope}/`;
    const keys = async (): Promise<readonly string[]> =>
      (await etcdctl(`get --prefix ${prefix()} --keys-only`)).split('\n').filter((line) => line !== '');
    const everywhere = (verb: 'start' | 'stop', nodes = NODES): Promise<unknown> =>
      Promise.all(nodes.map((name) => known.on(name, `systemctl ${verb} ${known.cluster.unit}`)));
    const leader = (): Promise<NodeName> =>
      waitFor('one member leads', 2 * MINUTE, async () => {
        const [first, ...others] = await known.opened.lab.primaries(known.cluster);
        return others.length === 0 ? first : undefined;
      });
    const rows = async (name: NodeName): Promise<number> =>
      Number(await known.psql(name, 'select count(*) from repaired'));
    const leasesEnd = (): Promise<true> =>
      waitFor('the leases of the members end', 2 * MINUTE, async () =>
        (await keys()).some((key) => /\/(leader|members\/.*)$/.test(key)) ? undefined : true,
      );

    beforeAll(async () => {
      known = await openKnownCluster({ name: `repdcs-${suite}`, net, nodes: NODES, suite }, MINUTE);
      repair = new RepairPage(known);
      await known.psql(await leader(), `create table repaired as select generate_series(1, ${ROWS}) as id`);
    }, 10 * MINUTE);

    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(() => known?.close(), 3 * MINUTE);

    it(
      'a member key that nobody keeps is removed from its finding, and no other key is touched',
      async () => {
        const value = await etcdctl(`get --print-value-only ${prefix()}members/n3`);
        const stale = value.trim().replaceAll(known.opened.lab.node('n3').ip, '10.99.0.9');
        await known.on(
          'n1',
          `ETCDCTL_API=3 etcdctl --endpoints=http://127.0.0.1:2379 put '${prefix()}members/old one' <<'VALUE'\n${stale}\nVALUE`,
        );
        await repair.openFinding('Remove a stale member key');
        await repair.refusedWith(/Whether Patroni of old one runs is not known/);
        await repair.sayGone('old one');
        expect(await repair.confirm(null)).toMatch(/is gone from etcd/);
        expect(await keys()).not.toContain(`${prefix()}members/old one`);
        expect((await keys()).filter((key) => key.includes('/members/')).sort()).toEqual(
          NODES.map((name) => `${prefix()}members/${name}`),
        );
        expect(await known.on('n1', `patronictl -c ${known.cluster.config} list`)).not.toContain('old one');
        expect(await rows(await leader())).toBe(ROWS);
      },
      4 * MINUTE,
    );

    it(
      'the key of a member that runs is refused, and so is the scope of a cluster that lives',
      async () => {
        await repair.open('Remove a stale member key', 'n2');
        await repair.refusedWith(/Patroni of n2 runs on n2/);
        await repair.cancel();
        await repair.open('Remove the whole scope');
        await repair.refusedWith(/holds the leader lock/);
        await repair.cancel();
        expect((await keys()).length).toBeGreaterThan(5);
      },
      2 * MINUTE,
    );

    it(
      'a scope is removed when no Patroni runs and the lost server is named; its data is intact and leads again',
      async () => {
        await everywhere('stop');
        await known.opened.lab.kill('n3');
        await leasesEnd();
        await repair.open('Remove the whole scope');
        await repair.refusedWith(/Whether Patroni of n3 runs is not known/);
        await repair.sayGone('n3');
        expect(await repair.confirm('Orders')).toMatch(/are gone from etcd/);
        expect(await keys()).toEqual([]);
        await everywhere('start', ['n1', 'n2']);
        expect(await rows(await leader())).toBe(ROWS);
        await known.opened.lab.up(['n3']);
        await waitFor('n3 streams again', 3 * MINUTE, async () => {
          const streaming = await known.psql(await leader(), 'select count(*) from pg_stat_replication');
          return streaming.trim() === '2' ? true : undefined;
        });
      },
      8 * MINUTE,
    );

    it(
      'a bootstrap that never ended begins again, but not while a server has data',
      async () => {
        const { dataDir } = known.cluster;
        await everywhere('stop');
        await leasesEnd();
        await etcdctl(`del --prefix ${prefix()}`);
        await etcdctl(`put ${prefix()}initialize ''`);
        for (const name of ['n1', 'n2'] as const) await known.on(name, `mv ${dataDir} ${dataDir}.kept`);
        await everywhere('start', ['n1', 'n2']);
        await waitFor('both wait for somebody else', 2 * MINUTE, async () =>
          (await known.on('n1', `journalctl -u ${known.cluster.unit} -n 20 --no-pager`)).includes('waiting for leader')
            ? true
            : undefined,
        );
        await repair.open('Let the cluster bootstrap again');
        await repair.refusedWith(/n3 has the data of a cluster/);
        await repair.cancel();
        await known.on('n3', `mv ${dataDir} ${dataDir}.kept`);
        await repair.open('Let the cluster bootstrap again');
        expect(await repair.confirm('Orders')).toMatch(/bootstrapped and leads/);
        const first = await leader();
        const control = await known.on(
          first,
          `$(ls /usr/lib/postgresql/*/bin/pg_controldata | tail -n 1) ${dataDir} | grep 'system identifier'`,
        );
        expect(await etcdctl(`get --print-value-only ${prefix()}initialize`)).toContain(
          /\d+/.exec(control)?.[0] ?? '?',
        );
        for (const name of NODES) await known.on(name, `test -s ${dataDir}.kept/global/pg_control`);
      },
      8 * MINUTE,
    );
  },
);
