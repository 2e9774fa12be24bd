import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { RepairPage } from './support/repair-page';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const ROWS = 500;
const REPAIR = 'Renew a member that has diverged';

const RELEASES = [
  { suite: 'trixie', net: 232 },
  { suite: 'bookworm', net: 233 },
] as const;

describe.each(releasesToTest('78-repair-two-leaders', RELEASES, 'trixie'))(
  'two leaders that were both written to in a partition become one on the page ($suite)',
  ({ suite, net }) => {
    let known: KnownClusterLab;
    let repair: RepairPage;

    const program = (name: string): string => `$(ls /usr/lib/postgresql/*/bin/${name} | tail -n 1)`;
    const count = async (name: NodeName, where = 'true'): Promise<number> =>
      Number((await known.psql(name, `select count(*) from repaired where ${where}`)).trim());
    const leader = (): Promise<NodeName> =>
      waitFor('one leader', 3 * MINUTE, async () => {
        const [first, ...more] = await known.opened.lab.primaries(known.cluster);
        return more.length === 0 ? first : undefined;
      });
    const streaming = (name: NodeName): Promise<true> =>
      waitFor('both replicas stream', 3 * MINUTE, async () =>
        (await known.psql(name, "select count(*) from pg_stat_replication where state = 'streaming'")).trim() === '2'
          ? true
          : undefined,
      );
    const timeline = async (name: NodeName): Promise<string> =>
      (await known.psql(name, 'select timeline_id from pg_control_checkpoint()')).trim();

    /** Cuts the leader off while its Patroni hangs, so that both sides take writes; answers the old leader and the new one. */
    const splitBrain = async (lostFrom: number): Promise<{ readonly old: NodeName; readonly now: NodeName }> => {
      const old = await leader();
      await streaming(old);
      const { unit } = known.cluster;
      await known.opened.lab.node(old).console(`systemctl kill -s STOP --kill-whom=main ${unit}`);
      await known.opened.lab.partition({ kind: 'iso', nodes: [old] });
      const now = await waitFor('a second leader', 2 * MINUTE, async () =>
        (await known.opened.lab.primaries(known.cluster)).find((name) => name !== old),
      );
      const base = lostFrom;
      await known.psql(old, 'checkpoint');
      for (let row = 0; row < 4; row += 1) await known.psql(old, `insert into repaired values (${base + row})`);
      await known.psql(now, `insert into repaired select generate_series(${base + 1000}, ${base + 1009}); checkpoint`);
      expect([
        await count(old, `id between ${base} and ${base + 99}`),
        await count(now, `id >= ${base + 1000}`),
      ]).toEqual([4, 10]);
      await known.opened.lab.heal();
      expect((await known.opened.lab.primaries(known.cluster)).toSorted()).toEqual([old, now].toSorted());
      return { old, now };
    };

    /** Starts a kept data directory by itself, apart from the cluster, and counts rows in it. */
    const countInKept = async (name: NodeName, directory: string, where: string): Promise<number> => {
      const [ctl, scratch] = [program('pg_ctl'), '/var/lib/postgresql/scratch'];
      const said = await known.on(
        name,
        `set -e; rm -rf ${scratch}; cp -a ${directory} ${scratch}; rm -f ${scratch}/postmaster.pid ${scratch}/standby.signal
printf "listen_addresses = ''\\nport = 5499\\nunix_socket_directories = '/tmp'\\narchive_mode = off\\n" > ${scratch}/scratch.conf
printf 'local all all peer\\n' > ${scratch}/pg_hba.conf; chown -R postgres: ${scratch}
files='-c config_file=${scratch}/scratch.conf -c hba_file=${scratch}/pg_hba.conf'
su postgres -c "${ctl} -D ${scratch} -w -l /tmp/scratch.log -o '$files' start" >/dev/null
su postgres -c "psql -XAtq -h /tmp -p 5499 -c 'select count(*) from repaired where ${where}'"
su postgres -c "${ctl} -D ${scratch} -w -m fast stop" >/dev/null; rm -rf ${scratch}`,
      );
      return Number(said.trim());
    };
    const kept = async (name: NodeName): Promise<readonly string[]> =>
      (await known.on(name, `ls -d ${known.cluster.dataDir}.matriarch-kept-* 2>/dev/null || true`))
        .split('\n')
        .filter((line) => line !== '');

    beforeAll(async () => {
      known = await openKnownCluster({ name: `reptwo-${suite}`, net, nodes: NODES, suite }, MINUTE);
      repair = new RepairPage(known);
      await known.psql(await leader(), `create table repaired as select generate_series(1, ${ROWS}) as id`);
    }, 10 * MINUTE);

    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(() => known?.close(), 3 * MINUTE);

    it(
      'the page says which one has what, keeps a copy of what is lost, and Patroni rewinds the old leader',
      async () => {
        const { old, now } = await splitBrain(10_000);
        await repair.open(REPAIR, now);
        await repair.refusedWith(/holds the leader lock/);
        await repair.cancel();
        await repair.open(REPAIR, old);
        await repair.choose('Keep a copy of its data');
        const evidence = await repair.evidence();
        expect(evidence).toMatch(new RegExp(`The WAL of ${old} leaves that of ${now} at [0-9A-F]+/[0-9A-F]+`));
        const counted = /(\d+) transactions are only there, committed from/.exec(evidence);
        expect(Number(counted?.[1])).toBeGreaterThanOrEqual(4);
        expect(evidence).toMatch(/It changes postgres\.public\.repaired \(\d+ records\)/);
        expect(evidence).toMatch(
          new RegExp(`${now} is on timeline 2, and its WAL goes to [0-9A-F/]+; before it was on 1 until`),
        );
        expect(evidence).toMatch(new RegExp(`${old} is on timeline 1, its first`));
        const said = await repair.confirm('Orders');
        expect(said).toMatch(new RegExp(`${old} was rewound and streams from ${now}`));
        await streaming(now);
        expect(await leader()).toBe(now);
        await waitFor('the rows of the surviving side are there', MINUTE, async () =>
          (await count(old, 'id >= 11000')) === 10 ? true : undefined,
        );
        expect(await count(old, 'id between 10000 and 10099')).toBe(0);
        expect(await count(old, `id <= ${ROWS}`)).toBe(ROWS);
        await known.psql(now, 'checkpoint');
        const [copy = ''] = await kept(old);
        expect(said).toContain(copy);
        expect(await countInKept(old, copy, 'id between 10000 and 10099')).toBe(4);
        const rows = await known.on(
          old,
          `journalctl -u ${known.cluster.unit} --no-pager | grep -ci 'pg_rewind' || true`,
        );
        expect(Number(rows)).toBeGreaterThan(0);
      },
      10 * MINUTE,
    );

    it(
      'where all is copied anew, the data with what is lost stays aside, and there is one timeline',
      async () => {
        const { old, now } = await splitBrain(20_000);
        const before = await kept(old);
        await repair.open(REPAIR, old);
        await repair.shown(/transactions are only there/);
        expect(await repair.confirm('Orders')).toMatch(new RegExp(`${old} has a new copy and streams from ${now}`));
        await streaming(now);
        expect(await leader()).toBe(now);
        expect(await count(now, 'id >= 21000')).toBe(10);
        await known.psql(now, 'checkpoint');
        const [aside = ''] = (await kept(old)).filter((one) => !before.includes(one));
        expect(await countInKept(old, aside, 'id between 20000 and 20099')).toBe(4);
        await waitFor('one timeline', 2 * MINUTE, async () => {
          const all = await Promise.all(NODES.map(timeline));
          return new Set(all).size === 1 ? true : undefined;
        });
      },
      10 * MINUTE,
    );
  },
);
