import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createMemberFiles, type MemberFiles } from '../../../electron/core/member-files/create-member-files';
import { MEMBER_FILE_EXIT, PLACE_SCRIPT, RELOAD_SCRIPT } from '../../../electron/core/member-files/member-file-scripts';
import type { RunResult } from '../../../electron/core/ssh/remote';
import { ServerRemote } from '../../../electron/core/ssh/run/server-remote';
import { appError } from '../../../shared/model/app-error';
import type { Job } from '../../../shared/model/operate/job';
import { setTag } from '../../../shared/rules/configure/member-file/edit-tags';
import { startApp, type TestApp } from '../../support/app/app';

const clusterId = 'demo-cluster-ledger';
const member = 'ledger-3';
const path = '/etc/patroni/config.yml';
const backup = `${path}.matriarch-backup`;

/** What becomes of the new text: `run` lets the server put it in place, or another text. */
type OnPlace = (run: (text?: string) => Promise<RunResult>) => Promise<RunResult>;

const lost = (): never => {
  throw appError('ssh.connection_lost', 'The connection went.');
};
const left = (exitCode: number, stderr = ''): RunResult => ({ exitCode, stdout: '', stderr, durationMs: 1 });

describe("a change of a member's own patroni.yml whose answer does not say what became of it", () => {
  let app: TestApp;
  let close: () => void;
  let files: MemberFiles;
  let sent = 0;
  const script = ServerRemote.prototype.script;

  const services = () => app.app.core.services;
  const textNow = async (): Promise<string> => (await files.read(clusterId, member)).files[0]?.text ?? '';
  const tagsNow = () =>
    services()
      .hub.state(clusterId)
      ?.members.find(({ name }) => name === member)?.tags;
  const answerPlace = (onPlace: OnPlace) => {
    vi.spyOn(ServerRemote.prototype, 'script').mockImplementation(function (this: ServerRemote, body, args, options) {
      if (body !== PLACE_SCRIPT) return script.call(this, body, args, options);
      sent += 1;
      return onPlace((text) =>
        script.call(this, body, args, text === undefined ? options : { ...options, stdin: text }),
      );
    });
  };
  const change = async (edit: (text: string) => string): Promise<Job> => {
    const [file] = (await files.read(clusterId, member)).files;
    const request = { clusterId, member, path, sha: file?.sha ?? '', text: edit(file?.text ?? ''), typed: null };
    const { id } = await files.change({ ...request, requestId: `request-${Math.random()}` });
    return vi.waitFor(
      () => {
        const job = services().jobs.get(id);
        if (job?.endedAt == null) throw new Error('the job still runs');
        return job;
      },
      { timeout: 30_000, interval: 20 },
    );
  };
  const remark = (text: string) => `${text}# a remark\n`;

  beforeAll(async () => {
    app = await startApp({ page: false });
    const connection = await app.connect();
    close = connection.close;
    await connection.client.demo.start({ clusters: [{ scope: 'ledger', members: 3 }] });
    await vi.waitFor(() => expect(services().hub.state(clusterId)?.health.level).toBe('healthy'), {
      timeout: 60_000,
      interval: 200,
    });
    const asked: ServerRemote[] = [];
    const spy = vi.spyOn(ServerRemote.prototype, 'script').mockImplementation(function (this: ServerRemote, ...call) {
      asked.push(this);
      return script.apply(this, call);
    });
    await connection.client.configure.memberFile({ clusterId, member });
    spy.mockRestore();
    const remote = asked.find(({ name }) => name.includes(member));
    if (remote === undefined) throw new Error(`${member} was not asked`);
    const { hub, jobs, now, postgresFacts } = services();
    const remotes = { remote: () => remote };
    files = createMemberFiles({ hub, jobs, now, postgresFacts, remotes, hasRoot: () => false, pauseMs: 10 });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    sent = 0;
  });
  afterAll(async () => {
    close();
    await app.close();
  });

  it('is carried on with when the file has the new text after a lost answer', async () => {
    answerPlace((run) => run().then(lost));
    const job = await change((text) => setTag(text, 'noloadbalance', true) ?? text);
    expect(job).toMatchObject({
      status: 'done',
      result: { sentence: `tags.noloadbalance of ${member} changed; its answers show it.` },
    });
    await vi.waitFor(() => expect(tagsNow()).toEqual({ noloadbalance: true }), { timeout: 30_000 });
    expect(sent).toBe(1);
  });

  it('is carried on with when the server puts the text in place only after the connection went', async () => {
    answerPlace((run) => {
      setTimeout(() => void run(), 100);
      return Promise.reject(appError('ssh.timeout', 'It took too long.'));
    });
    expect(await change(remark)).toMatchObject({ status: 'done' });
    expect([sent, (await textNow()).endsWith('# a remark\n')]).toEqual([1, true]);
  });

  it('is carried on with when the script failed after the text was in place', async () => {
    answerPlace((run) => run().then(() => left(1, 'restorecon: no\n')));
    expect(await change(remark)).toMatchObject({ status: 'done' });
    expect(sent).toBe(1);
  });

  it.each([
    ['after a lost answer', () => Promise.resolve().then(lost), 'the answer was lost. The connection went.'],
    ['after a script that failed', () => Promise.resolve(left(1, 'cp: No space left\n')), 'cp: No space left'],
  ])('has failed when the file keeps its text %s, and says so', async (_what, onPlace, why) => {
    const before = await textNow();
    answerPlace(onPlace);
    const job = await change(remark);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'config.not_written' } });
    expect(job.error?.message).toBe(`${path} was read again and is what it was; it could not be written: ${why}`);
    expect([sent, await textNow()]).toEqual([1, before]);
  });

  it.each([
    ['has another text', () => undefined, 'has another text now'],
    [
      'cannot be read',
      () => vi.spyOn(ServerRemote.prototype, 'readFile').mockRejectedValue(appError('ssh.host_silent', 'Silence.')),
      'could not be read afterwards',
    ],
    ['is gone', () => vi.spyOn(ServerRemote.prototype, 'readFile').mockResolvedValue(null), 'is not there now'],
  ])('has an unknown end when the file %s, with what to look at', async (_what, prepare, words) => {
    const other = remark(await textNow());
    answerPlace((run) => run(`${other.replaceAll(/••••••\w+/g, 'x')}# theirs\n`).then(lost));
    prepare();
    const job = await change(remark);
    expect(job).toMatchObject({ status: 'unknown', error: { code: 'config.file_unknown', target: member } });
    expect(job.error?.message).toContain(`${path} on `);
    expect(job.error?.message).toContain(words);
    expect(job.error?.hint).toContain(`Look at ${path} and ${backup} there`);
    expect(job.phases.find(({ id }) => id === 'reload')?.startedAt).toBeNull();
    expect(sent).toBe(1);
  });

  it('has failed at once, without a look, when the script was never begun', async () => {
    answerPlace(() => Promise.reject(appError('ssh.cancelled', 'No password was given.')));
    const look = vi.spyOn(ServerRemote.prototype, 'readFile');
    expect(await change(remark)).toMatchObject({ status: 'failed', error: { code: 'ssh.cancelled' } });
    expect(look).not.toHaveBeenCalled();
  });

  it.each([
    ['owner, group and mode could not be kept', MEMBER_FILE_EXIT.otherOwner, 'config.file_placement'],
    ['the server took too long', MEMBER_FILE_EXIT.late, 'config.not_written'],
  ])('has failed with nothing written when %s', async (_what, exitCode, code) => {
    answerPlace(() => Promise.resolve(left(exitCode)));
    const job = await change(remark);
    expect(job).toMatchObject({ status: 'failed', error: { code } });
    expect(job.error?.message).toContain('Nothing was written.');
  });

  it('is said to be in place, and not to have failed, when the answer to the signal is lost', async () => {
    const signalled = vi.spyOn(ServerRemote.prototype, 'script').mockImplementation(function (
      this: ServerRemote,
      ...call
    ) {
      return call[0] === RELOAD_SCRIPT ? Promise.resolve().then(lost) : script.apply(this, call);
    });
    vi.spyOn(services().hub, 'rest').mockReturnValue(null);
    const job = await change(remark);
    expect(job.status).toBe('warning');
    expect(job.result?.sentence).toContain('The file is in place');
    expect(signalled.mock.calls.filter(([body]) => body === RELOAD_SCRIPT)).toHaveLength(1);
  });
});
