import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { MemberFileText } from '../../shared/model/configure/member-file';
import type { HistoryRow } from '../../shared/model/operate/job';
import { setTag } from '../../shared/rules/configure/member-file/edit-tags';
import { editConfigYaml } from '../../shared/rules/configure/yaml/config-yaml';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];

/** `patronictl list -f json`, as far as it is compared. */
const listed = z.array(z.object({ Member: z.string(), Role: z.string(), Tags: z.unknown().optional() }));

const RELEASES = [
  { suite: 'trixie', layout: 'plain', net: 160 },
  { suite: 'bookworm', layout: 'debian-layout', net: 161 },
] as const;

describe.each(releasesToTest('56-member-file', RELEASES, 'trixie'))(
  "a member's own file, slots and synchronous mode of a cluster that others set up ($suite, $layout)",
  ({ suite, layout, net }) => {
    let known: KnownClusterLab;

    const psql = async (name: NodeName, query: string): Promise<string> => (await known.psql(name, query)).trim();
    const members = async () =>
      listed.parse(JSON.parse(await known.on('n1', `patronictl -c ${known.cluster.config} list -f json`)));
    const leader = async (): Promise<NodeName> => {
      const name = (await members()).find(({ Role }) => Role === 'Leader')?.Member;
      return NODES.find((one) => one === name) ?? 'n1';
    };
    const tagsOf = async (name: NodeName): Promise<string> =>
      JSON.stringify((await members()).find(({ Member }) => Member === name)?.Tags ?? {});
    const health = (name: NodeName, path: string): Promise<string> =>
      known.on(
        name,
        `curl -s -o /dev/null -w '%{http_code}' http://${known.opened.lab.node(name).ip}:${known.cluster.rest.port}${path}`,
      );
    const placement = (name: NodeName, suffix = ''): Promise<string> =>
      known.on(name, `stat -c '%U:%G %a' ${known.cluster.config}${suffix}`);

    const page = () => known.opened.page;
    const view = (name: string): Promise<void> =>
      page()
        .getByRole('group', { name: 'Views of the configuration' })
        .getByRole('button', { name, exact: true })
        .click();
    const openFile = async (name: NodeName): Promise<void> => {
      await page().goto(`${known.opened.app.origin}/#/cluster/${known.clusterId}/configuration`);
      await view('patroni.yml');
      await page().getByRole('group', { name: 'Members' }).getByRole('button', { name, exact: true }).click();
      await page()
        .getByRole('textbox', { name: `patroni.yml of ${name}` })
        .waitFor();
    };
    const write = async (name: NodeName, text: string): Promise<void> => {
      await page()
        .getByRole('textbox', { name: `patroni.yml of ${name}` })
        .click();
      await page().keyboard.press('Control+a');
      await page().keyboard.insertText(text);
    };
    const press = (name: string): Promise<void> => page().getByRole('button', { name, exact: true }).click();
    const confirm = async (end: RegExp): Promise<void> => {
      await page().getByTestId('confirm').click();
      await expect.poll(() => page().getByTestId('job-status').innerText(), { timeout: 2 * MINUTE }).toMatch(end);
      await press('Close the jobs');
    };
    const applyDraft = async (): Promise<void> => {
      await view('Review');
      await press('Apply');
      await confirm(/Done/);
    };
    const fileOf = async (name: NodeName, path?: string): Promise<MemberFileText> => {
      const { files } = await known.core.client.configure.memberFile({ clusterId: known.clusterId, member: name });
      const file = files.find((one) => path === undefined || one.path === path);
      if (file === undefined) throw new Error(`${name} has no file ${path ?? ''}`);
      return file;
    };
    /** Changes a file as the page does, and answers its row of the history. */
    const change = async (name: NodeName, { path, sha }: MemberFileText, text: string | null): Promise<HistoryRow> => {
      const job = await known.core.client.configure.changeMemberFile({
        ...{ clusterId: known.clusterId, member: name, path, sha, text, typed: null },
        requestId: randomUUID(),
      });
      return waitFor(`the end of ${job.title}`, 2 * MINUTE, async () => {
        const rows = await known.core.client.history.list({ clusterId: known.clusterId, limit: 50 });
        return rows.find((row) => row.id === job.id && row.endedAt !== null);
      });
    };

    beforeAll(async () => {
      known = await openKnownCluster({ name: `member-${suite}`, net, nodes: NODES, suite, layout }, MINUTE);
    }, 10 * MINUTE);

    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(() => known?.close(), 3 * MINUTE);

    it('is what Patroni itself reads, and no secret of it is on the page', async () => {
      const shown = await known.core.client.configure.memberFile({ clusterId: known.clusterId, member: 'n2' });
      expect(shown).toMatchObject({
        startedWith: known.cluster.config,
        mergedBy: 'patroni',
        user: 'postgres',
        refused: null,
      });
      expect(shown.files.map(({ path, placement: where }) => [path, where])).toEqual([
        [known.cluster.config, (await placement('n2')).trim()],
      ]);
      for (const { password } of Object.values(known.cluster.users))
        expect(JSON.stringify(shown)).not.toContain(password);
    });

    it(
      'is edited on the page, validated, put in place with owner and mode, reloaded, and seen in PostgreSQL',
      async () => {
        const before = await placement('n2');
        await openFile('n2');
        const { text } = await fileOf('n2');
        const wanted = editConfigYaml(text ?? '', ['postgresql', 'parameters', 'log_min_duration_statement'], 1234);
        await write('n2', wanted ?? '');
        await press('Review and apply');
        await confirm(/Done/);
        expect(await psql('n2', 'show log_min_duration_statement')).toBe('1234ms');
        expect(await psql('n1', 'show log_min_duration_statement')).not.toBe('1234ms');
        expect([await placement('n2'), await placement('n2', '.matriarch-backup')]).toEqual([before, before]);
        const written = await known.on('n2', `cat ${known.cluster.config}`);
        expect(written).not.toContain('•');
        expect(written).toContain(known.cluster.users.superuser.password);
        expect(
          await known.on('n2', `ls -A $(dirname ${known.cluster.config}) | grep matriarch- | grep -v backup || true`),
        ).toBe('');
      },
      4 * MINUTE,
    );

    it(
      "what Patroni's own validation refuses changes nothing",
      async () => {
        const before = await known.on('n2', `sha256sum ${known.cluster.config}`);
        const file = await fileOf('n2');
        const wrong = (file.text ?? '').replace(/connect_address: .*:(\d+)'?"?$/m, 'connect_address: 127.0.0.1:$1');
        await openFile('n2');
        await write('n2', wrong);
        await press('Review and apply');
        await confirm(/Refused/);
        expect(await known.on('n2', `sha256sum ${known.cluster.config}`)).toBe(before);
        await press('Discard');
      },
      3 * MINUTE,
    );

    it(
      'a tag is a switch: patronictl shows it, load balancers see it, and the former text is put back',
      async () => {
        await openFile('n3');
        const isReplica = (await leader()) !== 'n3';
        await page()
          .getByRole('checkbox', { name: /noloadbalance/ })
          .check();
        await page()
          .getByRole('checkbox', { name: /nofailover/ })
          .check();
        await press('Review and apply');
        await page().getByText('n3 may not take over any more').waitFor();
        await confirm(/Done/);
        await waitFor('patronictl shows the tags', MINUTE, async () =>
          /nofailover.*true|true.*nofailover/.test(await tagsOf('n3')) ? true : undefined,
        );
        expect(await tagsOf('n3')).toMatch(/noloadbalance/);
        expect([isReplica, await health('n3', '/replica'), await health('n2', '/replica')]).toEqual([
          true,
          '503',
          '200',
        ]);
        await press('Put back the former text');
        await confirm(/Done/);
        await waitFor('the tags are gone', MINUTE, async () =>
          (await tagsOf('n3')).includes('nofailover') ? undefined : true,
        );
        expect(await health('n3', '/replica')).toBe('200');
      },
      5 * MINUTE,
    );

    it('a change that somebody made on the server meanwhile is not lost', async () => {
      const file = await fileOf('n2');
      await known.on('n2', `echo '# by hand' >> ${known.cluster.config}`);
      await expect(change('n2', file, `${file.text ?? ''}# mine\n`)).rejects.toMatchObject({
        data: { code: 'config.file_changed' },
      });
      expect(await known.on('n2', `tail -n 1 ${known.cluster.config}`)).toContain('# by hand');
    });

    it(
      'a directory of files is edited file by file, and Patroni reads it',
      async () => {
        const dir = known.cluster.config;
        await known.on(
          'n3',
          `set -e; systemctl stop ${known.cluster.unit}; mv ${dir} ${dir}.one; mkdir -m 750 ${dir}; chown postgres: ${dir}; ` +
            `mv ${dir}.one ${dir}/10-base.yml; printf 'tags:\\n  site: north\\n' > ${dir}/50-tags.yml; ` +
            `chown postgres: ${dir}/50-tags.yml; systemctl start ${known.cluster.unit}`,
        );
        const path = `${dir}/50-tags.yml`;
        const file = await waitFor('the files are read', MINUTE, () => fileOf('n3', path).catch(() => undefined));
        await waitFor('Patroni reports itself', MINUTE, async () =>
          (await tagsOf('n3')).includes('north') ? true : undefined,
        );
        const row = await change('n3', file, setTag(file.text ?? '', 'nosync', true));
        expect(row, row.error?.message ?? row.sentence).toMatchObject({ status: 'done', kind: 'member_file' });
        await waitFor('patronictl shows the tag', MINUTE, async () =>
          (await tagsOf('n3')).includes('nosync') ? true : undefined,
        );
        const back = await change('n3', await fileOf('n3', path), null);
        expect(back, back.error?.message ?? back.sentence).toMatchObject({ status: 'done' });
      },
      5 * MINUTE,
    );

    it(
      'a permanent slot is on the leader, and on the next one after a switchover',
      async () => {
        await page().goto(`${known.opened.app.origin}/#/cluster/${known.clusterId}/configuration`);
        await view('Slots');
        await page().getByRole('textbox', { name: 'Name' }).fill('archive_one');
        await press('Add');
        await page().getByTestId('slot-archive_one').waitFor();
        await applyDraft();
        const slots = async (): Promise<string> =>
          psql(await leader(), "select slot_type from pg_replication_slots where slot_name = 'archive_one'");
        await waitFor('the slot is there', MINUTE, async () => ((await slots()) === 'physical' ? true : undefined));
        const before = await leader();
        const next = before === 'n2' ? 'n1' : 'n2';
        await known.on(
          'n1',
          `patronictl -c ${known.cluster.config} switchover ${known.cluster.scope} --leader ${before} --candidate ${next} --force`,
        );
        await waitFor('the slot is on the next leader', MINUTE, async () =>
          (await leader()) === next && (await slots()) === 'physical' ? true : undefined,
        );
        await view('Slots');
        await page().getByRole('button', { name: 'Remove archive_one' }).click();
        await applyDraft();
        await waitFor('the slot is gone', MINUTE, async () => ((await slots()) === '' ? true : undefined));
      },
      5 * MINUTE,
    );

    it(
      'synchronous mode is switched by its choice, and PostgreSQL waits as it says',
      async () => {
        const states = async (): Promise<string> =>
          psql(await leader(), "select string_agg(sync_state, ',' order by sync_state) from pg_stat_replication");
        const choose = async (name: RegExp): Promise<void> => {
          await page().goto(`${known.opened.app.origin}/#/cluster/${known.clusterId}/configuration`);
          await view('Synchronous mode');
          await page().getByRole('radio', { name }).check();
          await applyDraft();
        };
        const become = (wanted: string): Promise<boolean> =>
          waitFor(`sync states ${wanted}`, MINUTE, async () => ((await states()) === wanted ? true : undefined));
        await choose(/^On/);
        await become('async,sync');
        if (suite === 'trixie') {
          await choose(/^Quorum/);
          await become('quorum,quorum');
        } else {
          await view('Synchronous mode');
          await page().getByText('Quorum needs Patroni 4.0').waitFor();
        }
        await choose(/^Off/);
        await become('async,async');
      },
      6 * MINUTE,
    );
  },
);
