import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { BackupSetup } from '../../shared/model/backups/backup-setup';
import type { RestoreWish } from '../../shared/model/backups/restore';
import type { Job } from '../../shared/model/operate/job';
import type { TestConnection } from '../support/app/app';
import type { ReferenceCluster } from './support/cluster-file';
import { addCluster, trustHostKeys } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { openPageLab, type PageLab } from './support/page-lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const MEMBERS: readonly NodeName[] = ['n1', 'n2', 'n3'];
/** Where backups are kept. */
const KEEPER: NodeName = 'n4';
const STANZA = 'orders';

const told = z.array(
  z.object({ name: z.string(), backup: z.array(z.object({ label: z.string(), type: z.string() })) }),
);

const RELEASES = [
  { suite: 'trixie', net: 213 },
  { suite: 'bookworm', net: 214 },
] as const;

describe.each(releasesToTest('73-backups', RELEASES, 'trixie'))(
  'backups of a cluster that others set up ($suite)',
  ({ suite, net }) => {
    let opened: PageLab;
    let cluster: ReferenceCluster;
    let core: TestConnection;
    let clusterId = '';
    let keeperId = '';
    let setup: BackupSetup;

    const on = (name: NodeName, command: string): Promise<string> =>
      opened.lab.node(name).console(command, { timeoutMs: 2 * MINUTE });
    const psql = async (name: NodeName, query: string): Promise<string> =>
      (await on(name, `su postgres -c "psql -XAtq -p ${cluster.port} -c \\"${query}\\""`)).trim();
    const leader = (): Promise<NodeName> =>
      waitFor('one of them leads', 3 * MINUTE, async () => {
        for (const name of MEMBERS)
          if ((await psql(name, 'select pg_is_in_recovery()').catch(() => '')) === 'f') return name;
        return undefined;
      });
    /** pgBackRest's own words, asked on the server with the repository. */
    const info = async () => {
      const text = await on(KEEPER, `su postgres -c 'pgbackrest --stanza=${STANZA} info --output=json'`);
      return told.parse(JSON.parse(text))[0];
    };
    /** The end of a job, as the page shows it; what it wrote is in the error where it ended otherwise. */
    const ended = async (started: Job, status: Job['status']): Promise<Job> => {
      let last = started;
      await waitFor(`the end of ${started.title}`, 25 * MINUTE, async () => {
        const stream = await core.client.jobs.watch();
        for await (const update of stream) {
          const jobs = update.kind === 'snapshot' ? update.jobs : [update.job];
          last = jobs.find(({ id }) => id === started.id) ?? last;
          if (last.endedAt !== null) return true;
        }
        return undefined;
      });
      if (last.status !== status)
        throw new Error(
          `${last.status}: ${JSON.stringify(last.error ?? last.result)}\n${last.lines.map(({ text }) => text).join('\n')}`,
        );
      return last;
    };
    const restore = async (wish: RestoreWish): Promise<Job> => {
      const preview = await core.client.backups.previewRestore({ clusterId, wish });
      const { fingerprint, typeToConfirm } = preview;
      expect(preview.checks.filter(({ verdict }) => verdict === 'refuses')).toEqual([]);
      return core.client.backups.restore({
        clusterId,
        wish,
        fingerprint,
        typed: typeToConfirm,
        requestId: randomUUID(),
      });
    };

    beforeAll(async () => {
      opened = await openPageLab(
        { name: `backup-${suite}`, net, nodes: [...MEMBERS, KEEPER], suite, image: 'stack' },
        { patienceMs: MINUTE },
      );
      cluster = await opened.lab.cluster({ layout: 'plain', nodes: MEMBERS });
      await trustHostKeys(opened, [...MEMBERS, KEEPER]);
      core = await opened.app.connect();
      await core.client.vault.useSession();
      clusterId = await addCluster(opened.lab, core.client, MEMBERS);
      const { id } = await core.client.servers.add({
        name: KEEPER,
        host: opened.lab.node(KEEPER).ip,
        user: 'root',
        auth: { kind: 'key', keyPath: opened.lab.keyPath },
        sudo: { kind: 'root' },
      });
      keeperId = id;
      setup = {
        stanza: STANZA,
        repository: { kind: 'server', serverId: keeperId, address: opened.lab.node(KEEPER).ip, path: '/srv/backups' },
        ...{
          keepFull: 2,
          compression: 'gz',
          encrypted: true,
          fullDay: 'Sun',
          time: '01:30',
          changes: 'diff',
          fromReplica: true,
        },
      };
    }, 15 * MINUTE);
    afterAll(async () => {
      core?.close();
      await opened?.close();
    }, 3 * MINUTE);

    it(
      'says that there is none, once every server was read',
      async () => {
        const { standing, hosts } = await core.client.backups.read({ clusterId });
        expect(hosts.map(({ server, error }) => [server, error])).toEqual(MEMBERS.map((name) => [name, null]));
        expect(standing.kind).toBe('none');
      },
      MINUTE * 3,
    );

    it(
      'are set up on a server of their own, with the archive turned on and the first backup made',
      async () => {
        const preview = await core.client.backups.previewSetUp({ clusterId, setup });
        expect(preview.checks.filter(({ verdict }) => verdict === 'refuses')).toEqual([]);
        const { fingerprint } = preview;
        const request = { clusterId, setup, store: null, fingerprint, typed: null, requestId: randomUUID() };
        await ended(await core.client.backups.setUp(request), 'done');
        const own = await info();
        expect(own?.backup.map(({ type }) => type)).toEqual(['full']);
        const view = await core.client.backups.read({ clusterId });
        expect(view.standing).toMatchObject({
          kind: 'backed_up',
          stanza: STANZA,
          newest: { label: own?.backup[0]?.label },
        });
        expect(await psql(await leader(), 'show archive_mode')).toBe('on');
        expect(await on(KEEPER, `systemctl is-active matriarch-backup-${STANZA}-full.timer`)).toMatch(/^active/);
        // The key of a member runs pgBackRest and nothing else.
        const ssh = `su postgres -c "/etc/pgbackrest/matriarch/${STANZA}/ssh postgres@${opened.lab.node(KEEPER).ip} id" 2>&1 || true`;
        expect(await on('n1', ssh)).not.toContain('uid=');
        expect(await on('n1', `cat /etc/pgbackrest/conf.d/*.conf`)).not.toContain('cipher-pass');
      },
      25 * MINUTE,
    );

    it(
      'are made by the timer, and the app tells what pgBackRest tells',
      async () => {
        await on(KEEPER, `systemctl start matriarch-backup-${STANZA}-diff.service`);
        const own = await info();
        expect(own?.backup.map(({ type }) => type)).toEqual(['full', 'diff']);
        const { hosts } = await core.client.backups.read({ clusterId });
        for (const { pgbackrest } of hosts)
          expect(pgbackrest?.stanzas?.[0]?.backups.map(({ label }) => label)).toEqual(
            own?.backup.map(({ label }) => label),
          );
      },
      5 * MINUTE,
    );

    it(
      'bring the whole cluster back to the moment before a table was dropped, with exactly the rows of that moment',
      async () => {
        const first = await leader();
        await psql(first, 'create table orders (n int)');
        await psql(first, 'insert into orders select generate_series(1, 1000)');
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        const at = Math.round(Number(await psql(first, 'select extract(epoch from clock_timestamp()) * 1000')));
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        await psql(first, 'insert into orders select generate_series(1001, 1100)');
        await psql(first, 'drop table orders');
        const wish = { member: first, target: { kind: 'time', at }, timeline: null } as const;
        for (const [bad, words] of [
          [{ ...wish, target: { kind: 'time', at: Date.now() + 3_600_000 } }, /in the future/],
          [{ ...wish, target: { kind: 'time', at: at - 86_400_000 } }, /before the end of the first backup/],
          [{ ...wish, timeline: 99 }, /no timeline 99/],
        ] as const) {
          const preview = await core.client.backups.previewRestore({ clusterId, wish: bad });
          expect(preview.allowed).toBe(false);
          expect(preview.checks.map(({ sentence }) => sentence).join(' ')).toMatch(words);
        }
        const timeline = Number(await psql(first, 'select timeline_id from pg_control_checkpoint()'));
        await ended(await restore(wish), 'warning');
        expect(await leader()).toBe(first);
        expect(await psql(first, 'select count(*), min(n), max(n) from orders')).toBe('1000|1|1000');
        for (const name of MEMBERS) {
          expect(await psql(name, 'select count(*), max(n) from orders')).toBe('1000|1000');
          expect(await on(name, 'ls -d /var/lib/postgresql/*/*.before-restore-* 2>/dev/null | wc -l')).toMatch(/^1/);
        }
        await psql(first, 'insert into orders values (1001)');
        for (const name of MEMBERS)
          await waitFor(
            `${name} follows`,
            MINUTE,
            async () => (await psql(name, 'select max(n) from orders')) === '1001',
          );
        expect(Number(await psql(first, 'select timeline_id from pg_control_checkpoint()'))).toBeGreaterThan(timeline);
        expect(await on(first, `grep -c matriarch_restore ${cluster.config} || true`)).toMatch(/^0/);
      },
      30 * MINUTE,
    );

    it(
      'are made on the new timeline, proved by a restore that leaves nothing behind, and a member is made anew from them',
      async () => {
        const request = { clusterId, kind: 'full', requestId: randomUUID() } as const;
        await ended(await core.client.backups.backUp(request), 'done');
        const newest = (await info())?.backup.at(-1);
        expect(newest?.type).toBe('full');
        const first = await leader();
        const member = MEMBERS.find((name) => name !== first) ?? 'n1';
        const proof = await ended(
          await core.client.backups.prove({ clusterId, member, requestId: randomUUID() }),
          'done',
        );
        expect(proof.result?.sentence).toMatch(new RegExp(`${newest?.label}.*answered: 1 tables`));
        expect((await core.client.backups.read({ clusterId })).proof).toMatchObject({
          good: true,
          label: newest?.label,
        });
        expect(await on(member, 'ls -d /var/lib/postgresql/matriarch-proof-* 2>/dev/null | wc -l')).toMatch(/^0/);
        expect(await on(member, `pgrep -fc 'matriarch-proof' || true`)).toMatch(/^0/);

        const operation = { kind: 'reinit', member, fromLeader: false } as const;
        const preview = await core.client.operations.preview({ clusterId, operation });
        const { fingerprint, typeToConfirm } = preview;
        await ended(
          await core.client.operations.start({
            clusterId,
            operation,
            fingerprint,
            typed: typeToConfirm,
            requestId: randomUUID(),
          }),
          'done',
        );
        expect(
          await on(member, `journalctl -u patroni -o cat --no-pager | grep -c 'created using pgbackrest'`),
        ).toMatch(/^1/);
        expect(await psql(member, 'select count(*) from orders')).toBe('1001');
      },
      25 * MINUTE,
    );
  },
);
