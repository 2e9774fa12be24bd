import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { RepairPage } from './support/repair-page';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2'];
const ROWS = 500;

const RELEASES = [
  { suite: 'trixie', net: 230 },
  { suite: 'bookworm', net: 231 },
] as const;

describe.each(releasesToTest('77-repair-wal', RELEASES, 'trixie'))(
  'WAL that a slot lost or holds is mended on the page ($suite)',
  ({ suite, net }) => {
    let known: KnownClusterLab;
    let repair: RepairPage;
    let leads: NodeName;
    let follows: NodeName;

    const configure = (words: string): Promise<string> =>
      known.on('n1', `patronictl -c ${known.cluster.config} edit-config --force ${words}`);
    const slot = async (name: string, columns: string): Promise<string> =>
      (await known.psql(leads, `select ${columns} from pg_replication_slots where slot_name = '${name}'`)).trim();
    /** Fills so many segments of WAL, and lets PostgreSQL recycle what nothing holds. */
    const writeSegments = async (count: number): Promise<void> => {
      for (let done = 0; done < count; done += 1)
        await known.psql(leads, `select pg_logical_emit_message(false, 'lab', 'x'); select pg_switch_wal()`);
      await known.psql(leads, 'checkpoint');
    };
    /** Stops Patroni, and fails where its PostgreSQL does not end. */
    const stopped = (unit: string): string =>
      `systemctl stop ${unit}; for i in $(seq 40); do pgrep -u postgres -x postgres >/dev/null || break; sleep 1; done; ` +
      `if pgrep -u postgres -x postgres >/dev/null; then echo PostgreSQL runs still >&2; exit 1; fi`;
    const streaming = (): Promise<true> =>
      waitFor('the replica streams', 3 * MINUTE, async () =>
        (await known.psql(leads, "select count(*) from pg_stat_replication where state = 'streaming'")).trim() === '1'
          ? true
          : undefined,
      );

    beforeAll(async () => {
      known = await openKnownCluster({ name: `repwal-${suite}`, net, nodes: NODES, suite }, MINUTE);
      repair = new RepairPage(known);
      leads = (await known.opened.lab.primaries(known.cluster))[0] ?? 'n1';
      follows = leads === 'n1' ? 'n2' : 'n1';
      await configure('-p wal_level=logical -p wal_keep_size=16MB -p max_slot_wal_keep_size=32MB');
      // So that the leader stays the leader while its PostgreSQL is down.
      await known.on(
        follows,
        `printf 'tags: {nofailover: true}\\n' >> ${known.cluster.config}; systemctl reload ${known.cluster.unit}`,
      );
      await waitFor('the parameters have arrived', MINUTE, async () =>
        (await known.psql(leads, 'show max_slot_wal_keep_size')).trim() === '32MB' ? true : undefined,
      );
      const { scope } = known.cluster;
      await known.on('n1', `patronictl -c ${known.cluster.config} restart --force ${scope}`);
      await waitFor('the leader is restarted', 2 * MINUTE, async () =>
        (await known.psql(leads, 'show wal_level').catch(() => '')).trim() === 'logical' ? true : undefined,
      );
      await known.psql(leads, `create table repaired as select generate_series(1, ${ROWS}) as id`);
      await streaming();
    }, 12 * MINUTE);

    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(() => known?.close(), 3 * MINUTE);

    it(
      'a replica whose slot was lost is copied anew, and streams by a slot that holds WAL again',
      async () => {
        await repair.open('Mend a lost slot', leads);
        await repair.refusedWith(/No slot of n\d is lost/);
        await repair.cancel();
        await known.psql(leads, `select pg_create_logical_replication_slot('reader', 'test_decoding')`);
        // Not stopped in order: Patroni 3.0 removes the slot of a member that takes its leave.
        await known.opened.lab.crash(follows);
        await waitFor('nobody uses the slot', MINUTE, async () =>
          (await slot(follows, 'active')) === 'f' ? true : undefined,
        );
        await writeSegments(8);
        await waitFor('the slot is lost', 2 * MINUTE, async () => {
          if ((await slot(follows, 'wal_status')) === 'lost') return true;
          await writeSegments(2);
          return undefined;
        });
        expect(await slot('reader', 'wal_status')).toBe('lost');
        await known.opened.lab.uncrash(follows);
        await waitFor('PostgreSQL and Patroni of the replica answer', 2 * MINUTE, async () => {
          const said = await known.on(follows, 'curl -s http://127.0.0.1:8008/patroni');
          return said.includes('"state": "running"') ? true : undefined;
        });
        expect((await known.psql(leads, 'select count(*) from pg_stat_replication')).trim()).toBe('0');
        const started = await known.psql(follows, 'select pg_postmaster_start_time()');
        await repair.open('Mend a lost slot', leads);
        await repair.refusedWith(/Choose the slot/);
        await repair.choose(follows);
        expect(await repair.evidence()).toMatch(new RegExp(`does not stream to ${follows}, whose slot it is`));
        expect(await repair.checks()).toMatch(new RegExp(`${follows} has nothing that ${leads} does not have`));
        expect(await repair.confirm('Orders')).toMatch(
          new RegExp(`has a new copy and streams from ${leads} by the slot`),
        );
        expect(await slot(follows, 'wal_status, active')).toMatch(/^(reserved|extended)\|t$/);
        await streaming();
        expect(await known.psql(follows, 'select pg_postmaster_start_time()')).not.toBe(started);
        expect((await known.psql(follows, 'select count(*) from repaired')).trim()).toBe(String(ROWS));
      },
      10 * MINUTE,
    );

    it(
      'a logical slot that was lost is made anew as it was, and what its reader misses is said',
      async () => {
        await repair.open('Mend a lost slot', leads);
        await repair.choose('reader');
        expect(await repair.evidence()).toMatch(/logical slot reader \(test_decoding in postgres\) is lost/);
        expect(await repair.confirm('Orders')).toMatch(/Its reader has to copy its tables anew/);
        expect(await slot('reader', 'wal_status, plugin, database')).toMatch(
          /^(reserved|extended)\|test_decoding\|postgres$/,
        );
        await known.psql(leads, 'insert into repaired values (90001)');
        expect(await known.psql(leads, `select data from pg_logical_slot_get_changes('reader', null, null)`)).toContain(
          '90001',
        );
        await known.psql(leads, `select pg_drop_replication_slot('reader')`);
      },
      5 * MINUTE,
    );

    it(
      'a disk that WAL has filled is free again after the slot that holds it is dropped, and PostgreSQL serves',
      async () => {
        const { dataDir, unit } = known.cluster;
        const free = async (): Promise<number> =>
          Number((await known.on(leads, `df -PBM /mnt/wal | awk 'NR==2 { print +$4 }'`)).trim());
        await configure('-p max_slot_wal_keep_size=-1');
        await known.on(
          leads,
          `set -e; ${stopped(unit)}; wal=${dataDir}/pg_wal; size=$(du -sm "$wal" | cut -f1); mkdir -p /mnt/wal
mount -t tmpfs -o size=$((size + 190))m,mode=700,uid=$(id -u postgres),gid=$(id -g postgres) tmpfs /mnt/wal
cp -a "$wal/." /mnt/wal/; rm -rf "$wal"; ln -s /mnt/wal "$wal"; chown -h postgres:postgres "$wal"
head -c 96M /dev/zero > /mnt/wal/somebodys-archive; systemctl start ${unit}`,
        );
        await waitFor('the leader leads again', 3 * MINUTE, async () =>
          (await known.opened.lab.primaries(known.cluster))[0] === leads ? true : undefined,
        );
        await streaming();
        await repair.open('Free a disk of WAL', leads);
        await repair.refusedWith(
          new RegExp(`No slot holds WAL that may be dropped here|Patroni keeps the slot ${follows}`),
        );
        await repair.cancel();
        await known.psql(leads, `select pg_create_physical_replication_slot('forgotten', true)`);
        await waitFor('the disk is full', 3 * MINUTE, async () => {
          const written = await writeSegments(1).catch(() => 'full');
          return written === 'full' ? true : undefined;
        });
        await known.on(leads, stopped(unit));
        expect(await free()).toBeLessThan(48);
        await repair.open('Free a disk of WAL', leads);
        expect(await repair.evidence()).toMatch(/The physical slot forgotten is not in use and holds \d+ MB of WAL/);
        await repair.choose('Drop the slot forgotten');
        await repair.refusedWith(/needs 48 MB to start.*Nothing in pg_wal may ever be removed by hand/s);
        await repair.cancel();
        await known.on(leads, 'rm /mnt/wal/somebodys-archive');
        await repair.open('Free a disk of WAL', leads);
        await repair.choose('Drop the slot forgotten');
        const before = await free();
        expect(await repair.confirm('Orders')).toMatch(/The slot forgotten is gone: PostgreSQL of n\d serves/);
        expect(await free()).toBeGreaterThan(before);
        expect(await slot('forgotten', '1')).toBe('');
        expect(await slot(follows, 'active')).toBe('t');
        await known.psql(leads, 'insert into repaired values (90002)');
        expect((await known.psql(leads, 'select count(*) from repaired where id = 90002')).trim()).toBe('1');
        await streaming();
      },
      12 * MINUTE,
    );
  },
);
