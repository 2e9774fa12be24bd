import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { RepairPage } from './support/repair-page';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const ROWS = 500;
const REPAIR = 'Restore etcd from a snapshot';

const RELEASES = [
  { suite: 'trixie', net: 234 },
  { suite: 'bookworm', net: 235 },
] as const;

describe.each(releasesToTest('79-repair-etcd-snapshot', RELEASES, 'trixie'))(
  'an etcd of which nothing is left is restored from a snapshot on the page ($suite)',
  ({ suite, net }) => {
    let known: KnownClusterLab;
    let repair: RepairPage;

    const etcdctl = (words: string): Promise<string> =>
      known.on('n1', `ETCDCTL_API=3 etcdctl --endpoints=http://127.0.0.1:2379 ${words}`);
    const primaries = (): Promise<NodeName[]> => known.opened.lab.primaries(known.cluster);
    const workMem = async (): Promise<string> => (await known.psql('n1', 'show work_mem')).trim();
    const setWorkMem = async (value: string): Promise<void> => {
      await known.on('n1', `patronictl -c ${known.cluster.config} edit-config --force -p work_mem=${value}`);
      await waitFor(`work_mem is ${value}`, MINUTE, async () => ((await workMem()) === value ? true : undefined));
    };
    /** Saves a snapshot by the app; answers its file. */
    const saveSnapshot = async (): Promise<string> => {
      const { client } = known.core;
      const action = { kind: 'snapshot', member: null, file: null } as const;
      const { fingerprint } = await client.etcd.preview({ clusterId: known.clusterId, action });
      const job = await client.etcd.act({
        ...{ clusterId: known.clusterId, action, fingerprint, typed: null },
        requestId: 'snapshot-of-the-lab',
      });
      return vi.waitFor(
        () => {
          const file = known.opened.app.app.core.services.jobs.get(job.id)?.result?.facts['File'];
          if (typeof file !== 'string') throw new Error('no snapshot yet');
          return file;
        },
        { timeout: MINUTE, interval: 200 },
      );
    };

    beforeAll(async () => {
      known = await openKnownCluster({ name: `repsnap-${suite}`, net, nodes: NODES, suite }, MINUTE);
      repair = new RepairPage(known);
      const [leader = 'n1'] = await primaries();
      await known.psql(leader, `create table repaired as select generate_series(1, ${ROWS}) as id`);
    }, 10 * MINUTE);

    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(() => known?.close(), 3 * MINUTE);

    it(
      'a damaged snapshot and servers that may come back are refused; a whole one brings the keys of its time back, and Patroni leads',
      async () => {
        const prefix = `/${known.cluster.namespace.replaceAll(/^\/|\/$/g, '')}/${known.cluster.scope}/`;
        await setWorkMem('9MB');
        const identifier = await etcdctl(`get --print-value-only ${prefix}initialize`);
        const file = await saveSnapshot();
        await setWorkMem('11MB');
        const [leader = 'n1'] = await primaries();
        await known.psql(leader, 'insert into repaired values (70001)');
        await waitFor('the row is on n1', MINUTE, async () =>
          (await known.psql('n1', 'select count(*) from repaired where id = 70001')).trim() === '1' ? true : undefined,
        );
        await repair.open(REPAIR);
        await repair.refusedWith(/answers: its data is newer than any snapshot/);
        await repair.cancel();

        await known.opened.lab.kill('n2', 'n3');
        await known.on(
          'n1',
          'systemctl stop etcd; rm -rf /var/lib/etcd/default/member/wal; echo broken > /var/lib/etcd/default/member/snap/db',
        );
        const bytes = await readFile(file);
        const damaged = file.replace(/-[\dT-]+\.db$/, '-damaged.db');
        bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000);
        await writeFile(damaged, bytes);

        await repair.open(REPAIR);
        await repair.refusedWith(/Whether etcd on n2 can come back is not known/);
        await repair.sayGone('n2');
        await repair.sayGone('n3');
        await repair.choose('n1');
        await repair.choose('.*-damaged.db');
        await repair.refusedWith(/hash at its end is wrong/);
        await repair.choose(file.split('/').at(-1) ?? '');
        expect(await repair.confirm('Orders')).toMatch(/goes on with n1 alone, from the snapshot/);

        expect((await etcdctl('member list')).trim().split('\n')).toHaveLength(1);
        expect(await etcdctl(`get --print-value-only ${prefix}initialize`)).toBe(identifier);
        expect(await known.on('n1', 'cat /var/lib/etcd/default.matriarch-kept-*/member/snap/db')).toBe('broken\n');
        expect(
          await known.on(
            'n1',
            'stat -c %U /var/lib/etcd/default; ls -d /var/tmp/matriarch-snapshot* 2>/dev/null || true',
          ),
        ).toBe('etcd\n');
        await waitFor('n1 leads alone', 3 * MINUTE, async () =>
          (await primaries()).join() === 'n1' ? true : undefined,
        );
        expect((await known.psql('n1', 'select count(*) from repaired')).trim()).toBe(String(ROWS + 1));
        await waitFor('the configuration is that of the snapshot', MINUTE, async () =>
          (await workMem()) === '9MB' ? true : undefined,
        );
        await known.psql('n1', 'insert into repaired values (70002)');
        expect(await known.on('n1', `patronictl -c ${known.cluster.config} list`)).toMatch(/n1.*Leader.*running/);
      },
      12 * MINUTE,
    );
  },
);
