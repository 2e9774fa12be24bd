import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Job } from '../../../shared/model/operate/job';
import { setTag } from '../../../shared/rules/configure/member-file/edit-tags';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';

const clusterId = 'demo-cluster-ledger';
const member = 'ledger-3';

describe("a member's own patroni.yml", () => {
  let app: TestApp;
  let client: TestClient;
  let close: () => void;
  let requests = 0;

  const state = (): ClusterState | null => app.app.core.services.hub.state(clusterId);
  const tagsOf = (name: string) => state()?.members.find((one) => one.name === name)?.tags;
  const soon = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 100 });
  const read = () => client.configure.memberFile({ clusterId, member });
  const file = async () => {
    const [only] = (await read()).files;
    if (only === undefined) throw new Error('the member has no file');
    return only;
  };
  const change = async (text: string | null, sha?: string, typed: string | null = null) => {
    const { path, sha: now } = await file();
    const requestId = `request-${(requests += 1)}`;
    return client.configure.changeMemberFile({ clusterId, member, path, sha: sha ?? now, text, typed, requestId });
  };
  const ended = (job: Job): Promise<Job> =>
    vi.waitFor(
      () => {
        const now = app.app.core.services.jobs.get(job.id);
        if (now?.endedAt == null) throw new Error('the job still runs');
        return now;
      },
      { timeout: 30_000, interval: 100 },
    );

  beforeAll(async () => {
    app = await startApp({ page: false });
    ({ client, close } = await app.connect());
    await client.demo.start({ clusters: [{ scope: 'ledger', members: 3 }] });
    await vi.waitFor(() => expect(state()?.health.level).toBe('healthy'), { timeout: 60_000, interval: 200 });
  });
  afterAll(async () => {
    close();
    await app.close();
  });

  it('is read over SSH, and no secret of it leaves the core', async () => {
    const view = await read();
    expect(view).toMatchObject({ member, startedWith: '/etc/patroni/config.yml', refused: null });
    expect(view.files[0]).toMatchObject({ path: '/etc/patroni/config.yml', locked: null, hasBackup: false });
    expect(view.files[0]?.text).toMatch(/password: ••••••[0-9a-f]{8}\n/);
    expect(JSON.stringify(view)).not.toContain('only-simulated');
  });

  it('a tag is written, reloaded and seen in the answer of the member; everything else stays', async () => {
    const before = await file();
    const job = await ended(await change(setTag(before.text ?? '', 'noloadbalance', true)));
    expect(job).toMatchObject({
      status: 'done',
      kind: 'member_file',
      target: member,
      result: { sentence: `tags.noloadbalance of ${member} changed; its answers show it.` },
    });
    expect(job.confirmation).toBe('Confirmed. Changes tags.noloadbalance.');
    expect(job.command).toContain('sudoedit /etc/patroni/config.yml');
    expect(JSON.stringify(job)).not.toContain('only-simulated');
    await soon(() => expect(tagsOf(member)).toEqual({ noloadbalance: true }));
    const after = await file();
    expect(after).toMatchObject({ text: `${before.text ?? ''}tags:\n  noloadbalance: true\n`, hasBackup: true });
    const host = app.app.core.services.hub.rest(clusterId, member);
    expect(await host?.health('/replica', 5000)).toBe(503);
  });

  it('a parameter is seen in what PostgreSQL runs with', async () => {
    const { text } = await file();
    const wanted = (text ?? '').replace('postgresql:\n', 'postgresql:\n  parameters:\n    work_mem: 32MB\n');
    expect(await ended(await change(wanted))).toMatchObject({ status: 'done' });
    const { members } = await client.configure.settings({ clusterId, fresh: true });
    const said = members[member];
    expect(said?.kind === 'known' ? said.values['work_mem']?.value : null).toBe('32768');
    const own = await client.configure.ownParameters({ clusterId });
    expect(own[member]).toMatchObject({ parameters: { work_mem: { value: '32MB', file: '/etc/patroni/config.yml' } } });
    expect(own['ledger-1']).toMatchObject({ kind: 'known', parameters: {} });
  });

  it('the former text is put back, secrets and all', async () => {
    const wanted = (await file()).text ?? '';
    expect(await ended(await change(null))).toMatchObject({ status: 'done' });
    expect((await file()).text).not.toContain('work_mem');
    expect(await ended(await change(null))).toMatchObject({ status: 'done' });
    expect((await file()).text).toBe(wanted);
  });

  it('a text that Patroni refuses is not put in place', async () => {
    const before = await file();
    const wrong = (before.text ?? '').replace(/connect_address: 10[^:]*:5432/, 'connect_address: 127.0.0.1:5432');
    const job = await ended(await change(wrong));
    expect(job).toMatchObject({ status: 'refused', error: { code: 'config.file_refused' } });
    expect(await file()).toEqual(before);
  });

  it('an old draft keeps its secrets in their places when another one was added above them meanwhile', async () => {
    const draft = (await file()).text ?? '';
    expect(await ended(await change(`ctl:\n  keyfile_password: added-above\n${draft}`))).toMatchObject({
      status: 'done',
    });
    expect(await ended(await change(draft))).toMatchObject({ status: 'done' });
    expect((await file()).text).toBe(draft);
  });

  it('an old draft is refused when a secret of it was changed meanwhile, and nothing is written', async () => {
    const draft = (await file()).text ?? '';
    const changed = draft.replace(/password: ••••••\w+/, 'password: changed-meanwhile');
    expect(await ended(await change(changed))).toMatchObject({ status: 'done' });
    const before = await file();
    await expect(change(`${draft}# mine\n`)).rejects.toMatchObject({ data: { code: 'config.file_wrong' } });
    expect(await file()).toEqual(before);
    expect(await ended(await change(null))).toMatchObject({ status: 'done' });
  });

  it.each([
    ['with the SHA-256 of another text', 'config.file_changed', (text: string) => `${text}# mine\n`, 'f'.repeat(64)],
    ['that does not read as YAML', 'config.file_wrong', (text: string) => `${text}tags: [\n`, undefined],
    ['with a name twice', 'config.file_wrong', (text: string) => `${text}scope: other\n`, undefined],
    ['for another member', 'config.file_wrong', (text: string) => text.replace(member, 'ledger-9'), undefined],
    ['with a mask that stands for nothing', 'config.file_wrong', (text: string) => `${text}a: ••••••9\n`, undefined],
    ['that is the one in place', 'config.file_wrong', (text: string) => text, undefined],
  ])('a text %s is refused before anything is written', async (_what, code, edit, sha) => {
    const before = await file();
    await expect(change(edit(before.text ?? ''), sha)).rejects.toMatchObject({ data: { code } });
    expect(await file()).toEqual(before);
  });

  it('of a cluster that is read-only it is not changed, and of a production cluster only when its name was typed', async () => {
    const edited = `${(await file()).text ?? ''}# remark\n`;
    await client.clusters.update({ clusterId, production: true });
    await soon(() => expect(state()?.production).toBe(true));
    await expect(change(edited)).rejects.toMatchObject({ data: { code: 'operation.not_confirmed' } });
    expect(await ended(await change(edited, undefined, state()?.title ?? ''))).toMatchObject({ status: 'done' });
    await client.clusters.update({ clusterId, readOnly: true });
    await soon(() => expect(state()?.readOnly).toBe(true));
    await expect(change(`${edited}# more\n`)).rejects.toMatchObject({ data: { code: 'operation.read_only' } });
  });
});
