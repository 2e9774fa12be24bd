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
  { suite: 'trixie', net: 210 },
  { suite: 'bookworm', net: 211 },
] as const;

describe.each(releasesToTest('71-repair-members', RELEASES, 'trixie'))(
  'a member that cannot come back by itself is repaired on the page ($suite)',
  ({ suite, net }) => {
    let known: KnownClusterLab;
    let repair: RepairPage;
    let leads: NodeName;
    let victim: NodeName;

    const unit = (name: NodeName, verb: 'start' | 'stop' | 'restart'): Promise<string> =>
      known.on(name, `systemctl reset-failed ${known.cluster.unit} || true; systemctl ${verb} ${known.cluster.unit}`);
    const control = async (name: NodeName, directory = known.cluster.dataDir): Promise<string> => {
      const program = '$(ls /usr/lib/postgresql/*/bin/pg_controldata | tail -n 1)';
      const said = await known.on(name, `${program} ${directory} | grep 'system identifier'`);
      return /\d+/.exec(said)?.[0] ?? '';
    };
    const streaming = (): Promise<true> =>
      waitFor('both replicas stream', 3 * MINUTE, async () =>
        (await known.psql(leads, "select count(*) from pg_stat_replication where state = 'streaming'")).trim() === '2'
          ? true
          : undefined,
      );
    const rowsOn = (name: NodeName): Promise<true> =>
      waitFor(`all rows are on ${name}`, MINUTE, async () =>
        (await known.psql(name, 'select count(*) from repaired')).trim() === String(ROWS) ? true : undefined,
      );
    const kept = async (name: NodeName): Promise<readonly string[]> =>
      (await known.on(name, `ls -d ${known.cluster.dataDir}.matriarch-kept-* 2>/dev/null || true`))
        .split('\n')
        .filter((line) => line !== '');

    beforeAll(async () => {
      known = await openKnownCluster({ name: `repmem-${suite}`, net, nodes: NODES, suite }, MINUTE);
      repair = new RepairPage(known);
      leads = (await known.opened.lab.primaries(known.cluster))[0] ?? 'n1';
      victim = NODES.find((name) => name !== leads) ?? 'n3';
      await known.psql(leads, `create table repaired as select generate_series(1, ${ROWS}) as id`);
    }, 10 * MINUTE);

    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(() => known?.close(), 3 * MINUTE);

    it(
      'a patroni.yml that does not read is put back from the text beside it, validated, and Patroni starts',
      async () => {
        const { config } = known.cluster;
        const good = await known.on(victim, `sha256sum < ${config}`);
        await known.on(victim, `cp -p ${config} ${config}.matriarch-backup`);
        await repair.open('Put back a patroni.yml', victim);
        await repair.refusedWith(/reads as YAML/);
        await repair.cancel();
        await known.on(victim, `printf 'tags: {nofailover: true\\n  broken: [\\n' >> ${config}`);
        await unit(victim, 'stop');
        await known.on(victim, `systemctl start ${known.cluster.unit} || true`);
        await repair.openFinding('Put back a patroni.yml');
        expect(await repair.evidence()).toMatch(/cannot be read as YAML, line \d+/);
        expect(await repair.confirm(null)).toMatch(/reads again, and Patroni of n\d answers/);
        expect(await known.on(victim, `sha256sum < ${config}`)).toBe(good);
        expect(await known.on(victim, `tail -n 1 ${config}.matriarch-backup`)).toContain('broken');
        expect(await known.on(victim, `stat -c '%U %a' ${config}`)).toContain('postgres 600');
        await streaming();
        await rowsOn(victim);
      },
      8 * MINUTE,
    );

    it(
      'the data of another cluster is kept aside and told, and the member copies anew and streams',
      async () => {
        const { dataDir, unit: service } = known.cluster;
        const right = await control(leads);
        await repair.open('Replace the data of another cluster', victim);
        await repair.refusedWith(/is of this cluster/);
        await repair.cancel();
        await unit(victim, 'stop');
        await known.on(
          victim,
          `mv ${dataDir} ${dataDir}.before && ` +
            `su postgres -c "$(ls /usr/lib/postgresql/*/bin/initdb | tail -n 1) -D ${dataDir}" >/dev/null`,
        );
        const foreign = await control(victim);
        expect(foreign).not.toBe(right);
        await known.on(victim, `systemctl start ${service} || true`);
        await waitFor('Patroni says so', MINUTE, async () =>
          (await known.on(victim, `journalctl -u ${service} -n 50 --no-pager`)).includes('system ID mismatch')
            ? true
            : undefined,
        );
        await repair.open('Replace the data of another cluster', victim);
        expect(await repair.evidence()).toContain(foreign);
        expect(await repair.evidence()).toContain('system ID mismatch');
        expect(await repair.confirm('Orders')).toMatch(/has a new copy and streams/);
        expect(await control(victim)).toBe(right);
        const [aside = ''] = await kept(victim);
        expect(await control(victim, aside)).toBe(foreign);
        await streaming();
        await rowsOn(victim);
      },
      8 * MINUTE,
    );

    it(
      'a replica that was promoted by itself is renewed; what it alone had is told before and kept',
      async () => {
        const { dataDir, unit: service, config } = known.cluster;
        const before = await kept(victim);
        const program = (name: string): string => `$(ls /usr/lib/postgresql/*/bin/${name} | tail -n 1)`;
        await repair.open('Renew a member that has diverged', victim);
        await repair.refusedWith(/has not diverged/);
        await repair.cancel();
        await known.on('n1', `patronictl -c ${config} edit-config --force -s postgresql.use_pg_rewind=false`);
        await known.on(victim, `sed -i '/remove_data_directory_on/d' ${config}`);
        await unit(victim, 'stop');
        await known.on(
          victim,
          `su postgres -c "${program('pg_ctl')} -D ${dataDir} -w -l /tmp/alone ` +
            `-o '-c listen_addresses= -c port=5499 -c primary_conninfo=' start" && ` +
            `su postgres -c "${program('pg_ctl')} -D ${dataDir} -w promote" && ` +
            `su postgres -c "psql -XAtq -p 5499 -c checkpoint" && ` +
            `for i in 1 2 3; do su postgres -c "psql -XAtq -p 5499 -c 'insert into repaired values (90000 + '$i')'"; done && ` +
            `su postgres -c "${program('pg_ctl')} -D ${dataDir} -w -m fast stop"`,
        );
        await known.psql(leads, 'insert into repaired values (70001); checkpoint');
        await known.on(victim, `systemctl start ${service} || true`);
        await repair.open('Renew a member that has diverged', victim);
        await repair.shown(/leaves that of n\d at /);
        expect(await repair.evidence()).toMatch(/[3-9] transactions are only there/);
        expect(await repair.confirm('Orders')).toMatch(/has a new copy and streams/);
        await streaming();
        const count = (where: string): Promise<string> => known.psql(victim, `select count(*) from repaired ${where}`);
        await waitFor('the row of the leader is there', MINUTE, async () =>
          (await count('where id = 70001')).trim() === '1' ? true : undefined,
        );
        expect((await count('where id > 90000')).trim()).toBe('0');
        const aside = (await kept(victim)).filter((one) => !before.includes(one));
        expect(aside).toHaveLength(1);
        expect(await control(victim, aside[0])).toBe(await control(leads));
      },
      8 * MINUTE,
    );
  },
);
