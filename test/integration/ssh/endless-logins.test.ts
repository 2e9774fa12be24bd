import type { AuthContext } from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import { makePool, poolServer, recordingUser, type TestPool, type TestPoolOptions } from '../../support/ssh/ssh-pool';
import { startSshServer, type SshServerOptions, type TestSshServer } from '../../support/ssh/ssh-server';

const cleanup: (() => Promise<void>)[] = [];
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

const code = (name: string): object => ({ data: { code: name } });

describe('a server that never comes to the end of a login', () => {
  const interactive = { auth: { kind: 'keyboard-interactive' } } as const;
  /** Asks again after each answer, for ever. */
  const askForEver = (prompts: readonly { prompt: string; echo: boolean }[]) => {
    const rounds = { count: 0 };
    const authenticate = (context: AuthContext): void => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
      const ask = (): void => {
        rounds.count += 1;
        context.prompt([...prompts], ask);
      };
      ask();
    };
    return { rounds, authenticate };
  };

  it('gets a bounded number of answers to its questions, and is then given up with a reason', async () => {
    const { rounds, authenticate } = askForEver([{ prompt: 'Code: ', echo: false }]);
    const server = await serve({ authenticate });
    const user = recordingUser((question) => (question.kind === 'prompts' ? ['123456'] : null));
    const { pool: remotes } = await pool({ servers: [poolServer(server.port, interactive)], ask: user.ask });
    await expect(remotes.remote('db1').connect()).rejects.toMatchObject(code('ssh.auth_failed'));
    expect(rounds.count).toBeLessThanOrEqual(21);
  });

  it('is left in time where its rounds of questions are empty, so that nobody is asked', async () => {
    const { rounds, authenticate } = askForEver([]);
    const server = await serve({ authenticate });
    const user = recordingUser();
    const { pool: remotes } = await pool({
      servers: [poolServer(server.port, interactive)],
      ask: user.ask,
      timing: { connectTimeoutMs: 1_500, backoffMinMs: 60_000, backoffMaxMs: 60_000 },
    });
    await expect(remotes.remote('db1').connect()).rejects.toMatchObject(code('ssh.host_silent'));
    const whenLeft = rounds.count;
    await new Promise((resolve) => void setTimeout(resolve, 300));
    expect({ answered: whenLeft > 1, goesOn: rounds.count > whenLeft + 1 }).toEqual({ answered: true, goesOn: false });
    expect(user.questions.filter(({ kind }) => kind !== 'host_key')).toEqual([]);
  });

  it('gets a bounded number of proofs where it wants another one after each', async () => {
    let proofs = 0;
    const server = await serve({
      authenticate: (context) => {
        if (context.method !== 'none') proofs += 1;
        context.reject(['password', 'keyboard-interactive'], context.method !== 'none');
      },
    });
    const { pool: remotes } = await pool({ servers: [poolServer(server.port)], secrets: { login: 'right horse' } });
    await expect(remotes.remote('db1').connect()).rejects.toMatchObject(code('ssh.auth_failed'));
    expect(proofs).toBeGreaterThan(1);
    expect(proofs).toBeLessThanOrEqual(10);
  });
});
