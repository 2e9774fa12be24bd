import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { EtcdAction } from '../../shared/model/etcd/etcd-action';
import type { EtcdView } from '../../shared/model/etcd/etcd-view';
import type { HistoryRow } from '../../shared/model/operate/job';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];

/** `etcdctl endpoint status --cluster -w json`, as far as it is compared. */
const endpointStatus = z.array(
  z.object({
    Endpoint: z.string(),
    Status: z.object({
      header: z.object({ member_id: z.number(), raft_term: z.number() }),
      version: z.string(),
      leader: z.number(),
    }),
  }),
);

const RELEASES = [
  { suite: 'trixie', net: 152 },
  { suite: 'bookworm', net: 153 },
] as const;

describe.each(releasesToTest('52-configuration-and-etcd', RELEASES, 'trixie'))(
  'the configuration and the etcd of a cluster that others set up ($suite)',
  ({ suite, net }) => {
    let known: KnownClusterLab;

    const etcdctl = (words: string): Promise<string> =>
      known.on('n1', `ETCDCTL_API=3 etcdctl --endpoints=http://127.0.0.1:2379 ${words}`);

    beforeAll(async () => {
      known = await openKnownCluster({ name: `config-${suite}`, net, nodes: NODES, suite }, MINUTE);
    }, 10 * MINUTE);

    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(() => known?.close(), 3 * MINUTE);

    it('is told by every running server, parameter by parameter as PostgreSQL itself tells it', async () => {
      const settings = await known.core.client.configure.settings({ clusterId: known.clusterId, fresh: true });
      expect(settings.from).toBe('servers');
      const count = Number(await known.psql('n2', "select count(*) from pg_settings where name !~ '\\.'"));
      expect(settings.definitions.filter(({ name }) => !name.includes('.')).length).toBe(count);
      for (const name of NODES) {
        const member = settings.members[name];
        if (member?.kind !== 'known') throw new Error(`${name}: ${JSON.stringify(member)}`);
        for (const parameter of ['shared_buffers', 'max_connections', 'wal_level', 'hot_standby']) {
          const [value, source] = (
            await known.psql(name, `select setting, source from pg_settings where name = '${parameter}'`)
          )
            .trim()
            .split('|');
          expect(member.values[parameter], `${parameter} on ${name}`).toMatchObject({ value, source });
        }
        expect(member.hba?.length ?? 0).toBe(Number(await known.psql(name, 'select count(*) from pg_hba_file_rules')));
      }
    });

    it(
      'is changed on the page with one confirmation, and a change by somebody else is told and recorded',
      async () => {
        const { page } = known.opened;
        await page.goto(`${known.opened.app.origin}/#/cluster/${known.clusterId}/configuration`);
        const view = (name: string): Promise<void> =>
          page
            .getByRole('group', { name: 'Views of the configuration' })
            .getByRole('button', { name, exact: true })
            .click();
        await page.getByTestId('setting-ttl').waitFor();
        await page.getByRole('searchbox', { name: 'Search the settings' }).fill('max_connections');
        await page.getByRole('textbox', { name: 'max_connections', exact: true }).fill('120');
        await page.keyboard.press('Enter');
        await view('Review');
        await page
          .getByText(/restart/i)
          .first()
          .waitFor();
        await page.getByRole('button', { name: 'Apply', exact: true }).click();
        await page.getByTestId('confirm').click();
        await expect.poll(() => page.getByTestId('job-status').innerText(), { timeout: MINUTE }).toMatch(/Done/);
        await page.getByRole('button', { name: 'Close the jobs' }).click();
        const shown = await known.on('n1', `patronictl -c ${known.cluster.config} show-config`);
        expect(shown).toMatch(/max_connections: '?120/);
        await waitFor('PostgreSQL waits for a restart', MINUTE, async () =>
          (await known.psql('n1', "select pending_restart from pg_settings where name = 'max_connections'")).trim() ===
          't'
            ? true
            : undefined,
        );
        await known.on('n1', `patronictl -c ${known.cluster.config} edit-config -s loop_wait=9 --force`);
        await view('History');
        await page
          .getByTestId('config-revision')
          .filter({ hasText: /loop_wait: 10 → 9/ })
          .waitFor();
        await page
          .getByTestId('config-revision')
          .filter({ hasText: /max_connections: .* → 120/ })
          .waitFor();
      },
      4 * MINUTE,
    );

    const look = (): Promise<EtcdView> => known.core.client.etcd.look({ clusterId: known.clusterId });
    /** Does an action as the page does, and answers its row of the history. */
    const act = async (action: EtcdAction): Promise<HistoryRow> => {
      const preview = await known.core.client.etcd.preview({ clusterId: known.clusterId, action });
      expect(
        preview.checks.filter(({ verdict }) => verdict === 'refuses'),
        preview.title,
      ).toEqual([]);
      const job = await known.core.client.etcd.act({
        clusterId: known.clusterId,
        action,
        fingerprint: preview.fingerprint,
        typed: preview.typeToConfirm,
        requestId: randomUUID(),
      });
      return waitFor(`the end of ${preview.title}`, MINUTE, async () => {
        const rows = await known.core.client.history.list({ clusterId: known.clusterId, limit: 50 });
        return rows.find((row) => row.id === job.id && row.endedAt !== null);
      });
    };

    it('has an etcd whose members, leader, versions and terms are those that etcdctl shows', async () => {
      const status = endpointStatus.parse(JSON.parse(await etcdctl('endpoint status --cluster -w json')));
      const seen = await look();
      expect(seen.members.map(({ name }) => name).sort()).toEqual([...NODES]);
      for (const { Endpoint, Status } of status) {
        const member = seen.members.find(({ clientUrls }) => clientUrls.includes(Endpoint));
        expect(member, Endpoint).toMatchObject({ leader: Status.leader === Status.header.member_id });
        expect(member?.status, Endpoint).toMatchObject({
          version: Status.version,
          raftTerm: Status.header.raft_term,
        });
      }
    });

    it(
      'moves the lead, defragments every member with the cluster healthy all the time, and says so truly',
      async () => {
        const before = await look();
        const target = before.members.find(({ leader }) => leader === false);
        expect(await act({ kind: 'move_leader', to: target?.id ?? '' })).toMatchObject({ status: 'done' });
        const leads = (await etcdctl('endpoint status --cluster -w fields')).split('\n\n');
        expect(leads.length).toBeGreaterThan(0);
        expect((await look()).members.find(({ leader }) => leader === true)?.id).toBe(target?.id);
        const done = await act({ kind: 'defragment', member: null });
        expect(done, done.error?.message ?? done.sentence).toMatchObject({ status: 'done' });
        expect(await etcdctl('endpoint health --cluster 2>&1')).not.toMatch(/unhealthy|failed/);
        expect(await etcdctl('alarm list')).toBe('');
      },
      3 * MINUTE,
    );

    it(
      'is saved as a snapshot that another etcd can be restored from, with every key',
      async () => {
        const saved = await act({ kind: 'snapshot', member: null, file: null });
        expect(saved, saved.error?.message ?? saved.sentence).toMatchObject({ status: 'done' });
        const path = /(\/\S+\.db)/.exec(saved.answers.join('\n'))?.[1] ?? '';
        const content = await readFile(path);
        const [body, trailer] = [content.subarray(0, -32), content.subarray(-32)];
        expect(createHash('sha256').update(body).digest('hex')).toBe(trailer.toString('hex'));
        await known.opened.lab.node('n3').console('mkdir -p /root/scratch');
        await promisify(execFile)('scp', [
          ...['-q', '-i', known.opened.lab.keyPath, '-F', 'none', '-o', 'BatchMode=yes'],
          ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', path],
          `root@${known.opened.lab.node('n3').ip}:/root/scratch/saved.db`,
        ]);
        const keys = (await etcdctl("get --prefix '' --keys-only")).split('\n').filter((line) => line !== '');
        const restored = await known.on(
          'n3',
          `cd /root/scratch && rm -rf data && export ETCDCTL_API=3 && ` +
            `{ command -v etcdutl >/dev/null && etcdutl snapshot restore saved.db --data-dir data ` +
            `|| etcdctl snapshot restore saved.db --data-dir data; } >/dev/null 2>&1; ` +
            `etcd --data-dir data --listen-client-urls http://127.0.0.1:12379 --advertise-client-urls http://127.0.0.1:12379 ` +
            `--listen-peer-urls http://127.0.0.1:12380 >/root/scratch/log 2>&1 & p=$!; sleep 4; ` +
            `ETCDCTL_API=3 etcdctl --endpoints=http://127.0.0.1:12379 get --prefix '' --keys-only; kill $p`,
        );
        expect(restored.split('\n').filter((line) => line !== '')).toEqual(keys);
      },
      3 * MINUTE,
    );
  },
);
