import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { EtcdAction, EtcdActionPreview } from '../../shared/model/etcd/etcd-action';
import type { EtcdView } from '../../shared/model/etcd/etcd-view';
import type { HistoryRow } from '../../shared/model/operate/job';
import { startApp, type TestConnection } from '../support/app/app';
import { tempDirectory } from '../support/temp';
import { openLab, type Lab, type NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3', 'n4'];
const MEMBERS: readonly NodeName[] = ['n1', 'n2', 'n3'];
/** A quota that a few hundred values fill. */
const QUOTA = 24 * 1024 * 1024;

const RELEASES = [
  { suite: 'trixie', net: 194 },
  { suite: 'bookworm', net: 195 },
] as const;

/** `etcdctl member list -w json`, as far as it is compared; 3.4 leaves `isLearner` out of a voter. */
const memberList = z.object({
  members: z.array(z.object({ name: z.string().default(''), isLearner: z.boolean().default(false) })),
});
const snapshotStatus = z.object({ totalKey: z.number(), totalSize: z.number(), revision: z.number() });

describe.each(releasesToTest('58-etcd-members', RELEASES, 'trixie'))(
  'the members of an etcd that Patroni works on ($suite)',
  ({ suite, net }) => {
    let lab: Lab;
    let core: TestConnection;
    let clusterId: string;
    let leaderBefore: string;
    let timelineBefore: string;
    const closing: (() => Promise<unknown>)[] = [];

    const on = (name: NodeName, command: string): Promise<string> =>
      lab.node(name).exec(command, { timeoutMs: 3 * MINUTE });
    const peerOf = (name: NodeName): string => `http://${lab.node(name).ip}:2380`;
    const etcdctl = (words: string, at: NodeName = 'n1'): Promise<string> =>
      on(at, `ETCDCTL_API=3 etcdctl --endpoints=http://127.0.0.1:2379 ${words}`);
    /** The members as etcd's own tool lists them: `n1 voter`. */
    const listed = async (): Promise<readonly string[]> => {
      const { members } = memberList.parse(JSON.parse(await etcdctl('member list -w json')));
      return members.map(({ name, isLearner }) => `${name} ${isLearner ? 'learner' : 'voter'}`).sort();
    };
    const voters = (...names: readonly NodeName[]): readonly string[] => names.map((name) => `${name} voter`).sort();

    const look = (): Promise<EtcdView> => core.client.etcd.look({ clusterId });
    const idOf = async (name: string): Promise<string> => {
      const { members } = await look();
      const found = members.find((one) => one.name === name || one.peerUrls.some((url) => url === name));
      if (found === undefined) throw new Error(`${name} is no member: ${JSON.stringify(members)}`);
      return found.id;
    };
    const preview = (action: EtcdAction): Promise<EtcdActionPreview> => core.client.etcd.preview({ clusterId, action });
    const send = async (action: EtcdAction): Promise<string> => {
      const { fingerprint, typeToConfirm } = await preview(action);
      const requestId = randomUUID();
      return (await core.client.etcd.act({ clusterId, action, fingerprint, typed: typeToConfirm, requestId })).id;
    };
    const endOf = (id: string): Promise<HistoryRow> =>
      waitFor(`the end of the job ${id}`, 3 * MINUTE, async () =>
        (await core.client.history.list({ clusterId, limit: 50 })).find((row) => row.id === id && row.endedAt !== null),
      );
    /** Does an action as the page does; it must end well. */
    const act = async (action: EtcdAction): Promise<HistoryRow> => {
      const row = await endOf(await send(action));
      expect(row, `${row.sentence} ${row.error?.message ?? ''}`).toMatchObject({ status: 'done' });
      return row;
    };
    const refusals = async (action: EtcdAction): Promise<readonly string[]> =>
      (await preview(action)).checks.filter(({ verdict }) => verdict === 'refuses').map(({ code }) => code);

    /** Patroni's leader by psql, and PostgreSQL's timeline, which grows with every failover. */
    const leader = async (): Promise<string> =>
      (
        await Promise.all(
          (['n1', 'n2'] as const).map(async (name) =>
            (await lab.node(name).psql('select pg_is_in_recovery()')).trim() === 'f' ? name : '',
          ),
        )
      ).join('');
    const timeline = (): Promise<string> => lab.node('n1').psql('select timeline_id from pg_control_checkpoint()');
    const nothingMoved = async (): Promise<void> => {
      expect(await leader()).toBe(leaderBefore);
      expect(await timeline()).toBe(timelineBefore);
    };

    /** Starts etcd on a server with what the job said, as an administrator would: the name is filled in and nothing else is added. */
    const startWith = async (name: NodeName, settings: string): Promise<void> => {
      const lines = settings.replaceAll('NAME=http', `${name}=http`).replace('ETCD_NAME="NAME"', `ETCD_NAME="${name}"`);
      await lab
        .node(name)
        .console(
          `systemctl stop etcd || true; rm -rf /var/lib/etcd/default\n` +
            `cat > /etc/default/etcd <<'SETTINGS'\n${lines}\nETCD_DATA_DIR="/var/lib/etcd/default"\nSETTINGS\n` +
            'systemctl enable -q etcd; systemctl start --no-block etcd',
        );
    };
    /** The settings for a new server, from the lines that the job showed. */
    const settingsOf = async ({ id }: HistoryRow): Promise<string> => {
      for await (const update of await core.client.jobs.watch())
        if (update.kind === 'snapshot')
          return (update.jobs.find((job) => job.id === id)?.lines ?? [])
            .flatMap(({ text }) => (text.startsWith('ETCD_') ? [text] : []))
            .join('\n');
      throw new Error('The app said nothing of its jobs.');
    };
    /** Promotes when the member answers and has caught up: etcd refuses before that, and the refusal says so. */
    const promoteWhenReady = async (name: NodeName): Promise<void> => {
      await waitFor(`${name} to answer as a learner`, MINUTE, async () => {
        const member = (await look()).members.find((one) => one.name === name);
        return member !== undefined && member.learner && member.status !== null;
      });
      await waitFor(`${name} to be promoted`, MINUTE, async () => {
        const row = await endOf(await send({ kind: 'promote_member', member: await idOf(name) }));
        if (row.status !== 'done') throw new Error(row.error?.message ?? row.sentence);
        return true;
      });
    };
    const quorumSentence = ({ consequences }: EtcdActionPreview, when: 'Before' | 'After'): string =>
      consequences.find((sentence) => sentence.startsWith(`${when}:`)) ?? '';

    beforeAll(async () => {
      lab = await openLab({ name: `members-${suite}`, net, nodes: NODES, suite, image: 'stack' });
      closing.push(() => lab.down());
      await lab.cluster({ layout: 'plain', nodes: ['n1', 'n2'], etcd: MEMBERS });
      const home = await tempDirectory();
      closing.push(() => home.remove());
      const app = await startApp({ homeDirectory: home.path, page: false });
      closing.push(() => app.close());
      const { stdout } = await promisify(execFile)(
        'ssh-keyscan',
        NODES.map((name) => lab.node(name).ip),
      );
      await mkdir(join(home.path, '.ssh'), { recursive: true });
      await writeFile(join(home.path, '.ssh', 'known_hosts'), stdout);
      core = await app.connect();
      const { client } = core;
      await client.vault.useSession();
      const [first] = await Promise.all(
        (['n1', 'n2'] as const).map((name) =>
          client.servers.add({
            name,
            host: lab.node(name).ip,
            user: 'root',
            auth: { kind: 'key', keyPath: lab.keyPath },
            sudo: { kind: 'root' },
          }),
        ),
      );
      const serverId = first?.id ?? '';
      const found = await client.clusters.discover({ serverId });
      const entry = await client.clusters.addDiscovered({
        serverId,
        key: found.clusters[0]?.key ?? '',
        title: 'Orders',
      });
      clusterId = entry.id;
      leaderBefore = await leader();
      timelineBefore = await timeline();
    }, 10 * MINUTE);

    afterAll(async () => {
      core?.close();
      for (const close of closing.splice(0).reverse()) await close();
    }, 3 * MINUTE);

    it(
      'a member whose server lost its disk is replaced; nothing that would cost the quorum is done meanwhile',
      async () => {
        await lab.kill('n3');
        const lost = await waitFor('n3 to be silent', MINUTE, async () => {
          const member = (await look()).members.find(({ name }) => name === 'n3');
          return member?.status === null ? member : undefined;
        });
        expect(await refusals({ kind: 'remove_member', member: await idOf('n1') })).toContain('etcd.no_quorum_after');
        expect(await refusals({ kind: 'defragment', member: null })).toContain('etcd.member_lost');
        const remove = { kind: 'remove_member', member: await idOf('n2') } as const;
        const { fingerprint, typeToConfirm } = await preview(remove);
        await expect(
          core.client.etcd.act({
            clusterId,
            action: remove,
            fingerprint,
            typed: typeToConfirm,
            requestId: randomUUID(),
          }),
        ).rejects.toMatchObject({ data: { code: 'etcd.not_now' } });
        expect(await listed()).toEqual(voters('n1', 'n2', 'n3'));

        await lab.reset(['n3']);
        const replace = { kind: 'replace_member', member: lost.id, peerUrl: peerOf('n3') } as const;
        const shown = await preview(replace);
        expect(quorumSentence(shown, 'Before')).toContain('2 of 3 voting members');
        expect(quorumSentence(shown, 'After')).toContain('2 of 2 voting members');
        const replaced = await act(replace);
        expect(await listed()).toEqual([' learner', ...voters('n1', 'n2')]);
        await startWith('n3', await settingsOf(replaced));
        await promoteWhenReady('n3');
        expect(await listed()).toEqual(voters('n1', 'n2', 'n3'));
        expect(await etcdctl('endpoint health --cluster 2>&1')).not.toMatch(/unhealthy|failed/);
        await nothingMoved();
      },
      6 * MINUTE,
    );

    it(
      'a fourth server joins as a learner, is promoted, and is removed again, with the quorum as it was foretold',
      async () => {
        const add = { kind: 'add_member', peerUrl: peerOf('n4') } as const;
        expect(quorumSentence(await preview(add), 'After')).toContain('3 of 3 voting members');
        const added = await act(add);
        expect(await refusals({ kind: 'add_member', peerUrl: 'http://10.77.9.9:2380' })).toContain('etcd.has_learner');
        const silent = (await look()).members.find(({ name }) => name === '');
        expect(await refusals({ kind: 'promote_member', member: silent?.id ?? '' })).toContain('etcd.silent');
        await startWith('n4', await settingsOf(added));
        await waitFor('n4 to answer', MINUTE, async () =>
          (await look()).members.some(({ name, status }) => name === 'n4' && status !== null),
        );
        expect(await listed()).toEqual(['n4 learner', ...voters('n1', 'n2', 'n3')].sort());
        const promote = { kind: 'promote_member', member: await idOf('n4') } as const;
        expect(quorumSentence(await preview(promote), 'After')).toContain('4 of 4 voting members');
        await promoteWhenReady('n4');
        expect(await listed()).toEqual(voters('n1', 'n2', 'n3', 'n4'));
        await act({ kind: 'move_leader', to: await idOf('n4') });
        const remove = { kind: 'remove_member', member: await idOf('n4') } as const;
        expect(quorumSentence(await preview(remove), 'After')).toContain('3 of 3 voting members');
        await act(remove);
        expect(await listed()).toEqual(voters('n1', 'n2', 'n3'));
        await nothingMoved();
      },
      5 * MINUTE,
    );

    it(
      'an etcd that ran out of space takes writes again after one job, and Patroni keeps its leader',
      async () => {
        for (const name of MEMBERS) {
          await on(name, `echo ETCD_QUOTA_BACKEND_BYTES=${QUOTA} >> /etc/default/etcd; systemctl restart etcd`);
          await waitFor(`${name} to be healthy`, MINUTE, async () =>
            /is healthy/.test(await etcdctl('endpoint health 2>&1', name)),
          );
        }
        const filled = await on(
          'n1',
          `export ETCDCTL_API=3; head -c 60000 /dev/zero | tr '\\0' x > /tmp/value; for i in $(seq 600); do ` +
            `etcdctl --endpoints=http://127.0.0.1:2379 put /filler < /tmp/value >/dev/null 2>/tmp/full || break; done; cat /tmp/full`,
        );
        expect(filled).toMatch(/database space exceeded/);
        expect(await etcdctl('alarm list')).toMatch(/NOSPACE/);
        const full = await waitFor('every member to be seen with its new quota', MINUTE, async () => {
          const view = await look();
          return view.members.every(({ status }) => status?.quota === QUOTA) ? view : undefined;
        });
        expect(full.alarms?.map(({ kind }) => kind)).toContain('nospace');
        expect(await refusals({ kind: 'disarm' })).toContain('etcd.still_full');

        const job = await send({ kind: 'free_space', keep: 100 });
        await expect(send({ kind: 'compact', keep: 100 })).rejects.toMatchObject({
          data: { code: 'job.busy' },
        });
        const row = await endOf(job);
        expect(row, row.error?.message ?? row.sentence).toMatchObject({ status: 'done' });
        const order = row.answers.flatMap((line) => /^(n\d): .* before/.exec(line)?.[1] ?? []);
        expect([...order].sort()).toEqual([...MEMBERS]);
        expect(full.members.find(({ name }) => name === order.at(-1))?.leader).toBe(true);
        expect(await etcdctl('alarm list')).toBe('');
        expect(await etcdctl('put /filler small')).toMatch(/OK/);
        const after = await look();
        for (const { name, status } of after.members) expect(status?.dbSize, name).toBeLessThan(QUOTA / 2);
        await nothingMoved();
      },
      6 * MINUTE,
    );

    it(
      'a snapshot is one that etcd itself reads, and an etcd restored from it has every key with its value',
      async () => {
        const row = await act({ kind: 'snapshot', member: null, file: null });
        const file = /(\/\S+\.db)/.exec(row.answers.join('\n'))?.[1] ?? '';
        const { size } = await stat(file);
        const keys = await etcdctl("get --prefix '' --keys-only");
        await on('n4', 'systemctl stop etcd; rm -rf /root/scratch; mkdir -p /root/scratch');
        await promisify(execFile)('scp', [
          ...['-q', '-i', lab.keyPath, '-F', 'none', '-o', 'BatchMode=yes'],
          ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
          file,
          `root@${lab.node('n4').ip}:/root/scratch/saved.db`,
        ]);
        const tool = 'export ETCDCTL_API=3; tool=$(command -v etcdutl || command -v etcdctl);';
        const said = snapshotStatus.parse(
          JSON.parse(await on('n4', `${tool} $tool snapshot status /root/scratch/saved.db -w json`)),
        );
        expect(said.totalSize).toBe(size - 32);
        expect(said.totalKey).toBeGreaterThan(0);
        expect(row.sentence).toMatch(/whole/);
        const restored = await on(
          'n4',
          `cd /root/scratch; ${tool} $tool snapshot restore saved.db --data-dir data >restore.log 2>&1; ` +
            `etcd --data-dir data --listen-client-urls http://127.0.0.1:12379 --advertise-client-urls http://127.0.0.1:12379 ` +
            `--listen-peer-urls http://127.0.0.1:12380 >etcd.log 2>&1 & p=$!; sleep 5; ` +
            `ETCDCTL_API=3 etcdctl --endpoints=http://127.0.0.1:12379 get --prefix '' --keys-only; kill $p`,
        );
        expect(restored.trim()).toBe(keys.trim());
      },
      3 * MINUTE,
    );

    it(
      'an etcd with TLS and users says what its user may not do, and its only member cannot be removed',
      async () => {
        await lab.reset(['n4']);
        await lab.cluster({
          layout: 'plain',
          nodes: ['n4'],
          etcd: ['n4'],
          scope: 'secured',
          etcdAuth: true,
          etcdTls: true,
        });
        const { client } = core;
        const server = await client.servers.add({
          name: 'n4',
          host: lab.node('n4').ip,
          user: 'root',
          auth: { kind: 'key', keyPath: lab.keyPath },
          sudo: { kind: 'root' },
        });
        const found = await client.clusters.discover({ serverId: server.id });
        const key = found.clusters.find(({ scope }) => scope === 'secured')?.key ?? '';
        clusterId = (await client.clusters.addDiscovered({ serverId: server.id, key, title: 'Secured' })).id;
        const view = await look();
        expect(view.members).toHaveLength(1);
        expect(view.members[0]?.status?.version).toMatch(/^3\./);
        expect(await refusals({ kind: 'remove_member', member: view.members[0]?.id ?? '' })).toContain(
          'etcd.last_member',
        );
        const row = await endOf(await send({ kind: 'defragment', member: null }));
        expect(row.error?.code ?? row.status).toMatch(/etcd\.needs_root|^done$/);
        const snapshot = await endOf(await send({ kind: 'snapshot', member: null, file: null }));
        expect(snapshot.error?.code, snapshot.sentence).toBe('etcd.needs_root');
      },
      6 * MINUTE,
    );
  },
);
