import { chmod, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Remote } from '../../../electron/core/ssh/remote';
import type { Server } from '../../../shared/model/connect/server';
import { makeFakeSudo, type FakeSudoRule } from '../../support/ssh/fake-sudo';
import { makePool, recordingUser, poolServer, type TestPool } from '../../support/ssh/ssh-pool';
import { startSshServer, type TestSshServer } from '../../support/ssh/ssh-server';
import type { SshQuestion } from '../../../electron/core/ssh/authenticate/ask';

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

interface Setup {
  readonly remote: Remote;
  readonly server: TestSshServer;
  readonly made: TestPool;
  readonly questions: SshQuestion[];
}

async function withSudo(
  rule: FakeSudoRule | null,
  sudo: Server['sudo'],
  answers: (question: SshQuestion) => string[] | null = () => null,
  stored?: string,
): Promise<Setup> {
  const fake = rule === null ? null : await makeFakeSudo(rule);
  const server = await startSshServer(fake === null ? {} : { path: fake.path });
  const user = recordingUser(answers);
  const secrets = { login: 'right horse', ...(stored === undefined ? {} : { sudo: stored }) };
  const made = await makePool({ servers: [poolServer(server.port, { sudo })], secrets, ask: user.ask });
  cleanup.push(
    () => fake?.close(),
    () => server.close(),
    () => made.close(),
  );
  return { remote: made.pool.remote('db1'), server, made, questions: user.questions };
}

const PASSWORD = { kind: 'password', passwordSecret: 'sudo' } as const;
const RULE = { kind: 'password', password: 'open sesame' } as const;
const limit = { timeoutMs: 10_000 };
const code = (name: string): object => ({ data: { code: name } });
const becameWho = 'echo "$SUDO_AS:$1"; cat';

describe('sudo without a password', () => {
  it('runs as root, and as another user', async () => {
    const { remote } = await withSudo({ kind: 'passwordless' }, { kind: 'passwordless' });
    expect(await remote.script(becameWho, ['x'], { ...limit, sudo: true, stdin: 'input' })).toMatchObject({
      exitCode: 0,
      stdout: 'root:x\ninput',
      stderr: '',
    });
    expect((await remote.script(becameWho, ['x'], { ...limit, asUser: 'postgres' })).stdout).toBe('postgres:x\n');
  });

  it('keeps the exit code and the words of a command that fails', async () => {
    const { remote } = await withSudo({ kind: 'passwordless' }, { kind: 'passwordless' });
    expect(await remote.run(['sh', '-c', 'echo bad >&2; exit 1'], { ...limit, sudo: true })).toMatchObject({
      exitCode: 1,
      stderr: 'bad\n',
    });
  });

  it('that wants a password after all says so', async () => {
    const { remote } = await withSudo(RULE, { kind: 'passwordless' });
    await expect(remote.run(['true'], { ...limit, sudo: true })).rejects.toMatchObject({
      data: { code: 'ssh.sudo_not_allowed', message: expect.stringContaining('wants a password') as string },
    });
  });
});

describe('sudo with a password', () => {
  it('takes the stored one, and the command gets only its own input', async () => {
    const { remote, server, questions } = await withSudo(RULE, PASSWORD, () => null, 'open sesame');
    expect(await remote.script(becameWho, ['x'], { ...limit, sudo: true, stdin: 'input' })).toMatchObject({
      exitCode: 0,
      stdout: 'root:x\ninput',
      stderr: '',
    });
    expect(server.commands.join('\n')).not.toContain('open sesame');
    expect(questions.map((question) => question.kind)).toEqual(['host_key']);
  });

  it('works also where sudo does not ask for it', async () => {
    const { remote } = await withSudo({ kind: 'passwordless' }, PASSWORD, () => null, 'open sesame');
    expect((await remote.script(becameWho, ['x'], { ...limit, sudo: true, stdin: 'input' })).stdout).toBe(
      'root:x\ninput',
    );
  });

  it('asks once for all commands, and not again', async () => {
    const { remote, questions } = await withSudo(RULE, { kind: 'password' }, (question) =>
      question.kind === 'sudo_password' ? ['open sesame'] : null,
    );
    await Promise.all(Array.from({ length: 5 }, () => remote.run(['true'], { ...limit, sudo: true })));
    await remote.run(['true'], { ...limit, sudo: true });
    expect(questions.filter((question) => question.kind === 'sudo_password')).toHaveLength(1);
  });

  it('that is wrong differs from a failed command, and the command does not run', async () => {
    const { remote, made } = await withSudo(RULE, PASSWORD, () => null, 'wrong sesame');
    const mark = join(made.directory, 'ran');
    const error: unknown = await remote
      .run(['touch', mark], { ...limit, sudo: true })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(code('ssh.sudo_password_wrong'));
    expect(JSON.stringify(error)).not.toContain('sesame');
    await expect(stat(mark)).rejects.toThrow('ENOENT');
  });

  it('that is wrong is asked for again', async () => {
    const { remote, questions } = await withSudo(
      RULE,
      PASSWORD,
      (question) => (question.kind === 'sudo_password' ? ['open sesame'] : null),
      'wrong sesame',
    );
    expect((await remote.run(['echo', 'ok'], { ...limit, sudo: true })).stdout).toBe('ok\n');
    expect(questions).toContainEqual(expect.objectContaining({ kind: 'sudo_password', previousWrong: true }));
  });

  it('that nobody gives is an error, and the command does not run', async () => {
    const { remote } = await withSudo(RULE, { kind: 'password' });
    await expect(remote.run(['true'], { ...limit, sudo: true })).rejects.toMatchObject(code('ssh.cancelled'));
  });

  it('with hostile characters arrives as it is', async () => {
    const hostile = 'a b$c"d\\e`f!';
    const { remote } = await withSudo({ kind: 'password', password: hostile }, PASSWORD, () => null, hostile);
    expect((await remote.run(['echo', 'ok'], { ...limit, sudo: true })).stdout).toBe('ok\n');
  });
});

describe('a user who may not', () => {
  it('is told what sudo said', async () => {
    const { remote } = await withSudo({ kind: 'forbidden' }, { kind: 'passwordless' });
    await expect(remote.run(['true'], { ...limit, sudo: true })).rejects.toMatchObject({
      data: { code: 'ssh.sudo_not_allowed', message: expect.stringContaining('not allowed to execute') as string },
    });
  });

  it('is told that the server is set up without sudo', async () => {
    const { remote, server } = await withSudo(null, { kind: 'none' });
    await expect(remote.run(['true'], { ...limit, sudo: true })).rejects.toMatchObject(code('ssh.sudo_not_allowed'));
    expect(server.commands.filter((command) => command !== 'true')).toEqual([]);
  });

  it('still runs commands as the user it is', async () => {
    const { remote } = await withSudo(null, { kind: 'none' });
    expect((await remote.run(['echo', 'me'], { ...limit, asUser: 'dba' })).stdout).toBe('me\n');
  });
});

describe('files as root', () => {
  it('are written and read through sudo with a password', async () => {
    const { remote, made } = await withSudo(RULE, PASSWORD, () => null, 'open sesame');
    const path = join(made.directory, 'root.conf');
    await remote.writeFile(path, 'password: hidden\n', { mode: 0o640, sudo: true });
    await chmod(path, 0o600);
    expect((await remote.readFile(path, { sudo: true }))?.toString()).toBe('password: hidden\n');
    expect(await readFile(path, 'utf8')).toBe('password: hidden\n');
  });

  it('never appear in a command line', async () => {
    const { remote, made, server } = await withSudo(RULE, PASSWORD, () => null, 'open sesame');
    await remote.writeFile(join(made.directory, 'secret'), 'correct-horse', { mode: 0o600, sudo: true });
    expect(server.commands.join('\n')).not.toContain('correct-horse');
  });
});
