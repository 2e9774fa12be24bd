import { afterEach, describe, expect, it } from 'vitest';
import { makePool, poolServer, recordingUser, type TestPool, type TestPoolOptions } from '../../support/ssh/ssh-pool';
import { startSshServer, type SshServerOptions, type TestSshServer } from '../../support/ssh/ssh-server';

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

async function serve(options: SshServerOptions): Promise<TestSshServer> {
  const server = await startSshServer(options);
  cleanup.push(() => server.close());
  return server;
}

async function pool(options: TestPoolOptions): Promise<TestPool> {
  const made = await makePool(options);
  cleanup.push(() => made.close());
  return made;
}

describe('a keyboard-interactive login', () => {
  it('puts the prompts of the server to the user', async () => {
    const prompts = [
      { prompt: 'Token: ', echo: true, answer: '123456' },
      { prompt: 'PIN: ', echo: false, answer: '42' },
    ];
    const server = await serve({ users: { dba: { prompts } } });
    const user = recordingUser((question) => (question.kind === 'prompts' ? ['123456', '42'] : null));
    const { pool: remotes } = await pool({
      servers: [poolServer(server.port, { auth: { kind: 'keyboard-interactive' } })],
      ask: user.ask,
    });
    await remotes.remote('db1').connect();
    expect(user.questions).toContainEqual(
      expect.objectContaining({
        kind: 'prompts',
        prompts: [
          { text: 'Token: ', echo: true },
          { text: 'PIN: ', echo: false },
        ],
      }),
    );
  });

  it.each([
    ['before', ['Verification code: ', 'Password: ']],
    ['after', ['Password: ', 'Verification code: ']],
  ])('asks the user for the one-time password %s the stored one, and for nothing else', async (_where, order) => {
    const answers: Readonly<Record<string, string>> = { 'Password: ': 'right horse', 'Verification code: ': '123456' };
    const prompts = order.map((prompt) => ({ prompt, echo: false, answer: answers[prompt] ?? '' }));
    const server = await serve({ users: { dba: { prompts, oneByOne: true } } });
    const user = recordingUser((question) => (question.kind === 'prompts' ? ['123456'] : null));
    const { pool: remotes } = await pool({
      servers: [poolServer(server.port, { auth: { kind: 'keyboard-interactive', passwordSecret: 'login' } })],
      secrets: { login: 'right horse' },
      ask: user.ask,
    });
    await remotes.remote('db1').connect();
    expect(user.questions.filter(({ kind }) => kind !== 'host_key')).toMatchObject([
      { kind: 'prompts', prompts: [{ text: 'Verification code: ' }] },
    ]);
  });

  it('gives a stored password once: a server that asks for it again asks the user', async () => {
    const prompts = ['wrong horse', 'right horse'].map((answer) => ({ prompt: 'Password: ', echo: false, answer }));
    const server = await serve({ users: { dba: { prompts, oneByOne: true } } });
    const user = recordingUser((question) => (question.kind === 'prompts' ? ['right horse'] : null));
    const { pool: remotes } = await pool({
      servers: [poolServer(server.port, { auth: { kind: 'keyboard-interactive', passwordSecret: 'login' } })],
      secrets: { login: 'wrong horse' },
      ask: user.ask,
    });
    await remotes.remote('db1').connect();
    expect(user.questions.map(({ kind }) => kind)).toEqual(['host_key', 'prompts']);
  });

  it('that the user declines ends the connection', async () => {
    const server = await serve({ users: { dba: { prompts: [{ prompt: 'Token: ', echo: true, answer: '1' }] } } });
    const { pool: remotes } = await pool({
      servers: [poolServer(server.port, { auth: { kind: 'keyboard-interactive' } })],
    });
    await expect(remotes.remote('db1').connect()).rejects.toMatchObject({ data: { code: 'ssh.cancelled' } });
  });
});
