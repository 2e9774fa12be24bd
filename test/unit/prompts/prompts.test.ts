import { describe, expect, it } from 'vitest';
import { createPrompts, type PromptsDeps } from '../../../electron/core/prompts/prompts';
import { appError } from '../../../shared/model/app-error';
import type { Prompt } from '../../../shared/model/app/prompt';
import type { SshQuestion } from '../../../electron/core/ssh/authenticate/ask';

const password: SshQuestion = {
  kind: 'password',
  serverId: 's1',
  serverName: 'db1',
  user: 'admin',
  previousWrong: false,
};
const never = new AbortController().signal;

function make(deps: Partial<PromptsDeps> = {}) {
  const received: string[] = [];
  const remembered: string[] = [];
  const prompts = createPrompts({
    limitMs: 60_000,
    onSecret: (secret) => {
      received.push(secret);
    },
    remember: async (_question, value) => {
      remembered.push(value);
    },
    ...deps,
  });
  let open: readonly Prompt[] = [];
  prompts.watch((now) => {
    open = now;
  });
  const first = (): Prompt => {
    const one = open[0];
    if (one === undefined) throw new Error('no question is open');
    return one;
  };
  return { prompts, received, remembered, first, open: () => open };
}

describe('a question to the user', () => {
  it('is closed by its answer, which reaches the caller', async () => {
    const { prompts, first, open, received } = make();
    const asked = prompts.ask(password, never);
    expect(first()).toMatchObject({ kind: 'secret', purpose: 'password', serverName: 'db1', attempt: 1 });
    await prompts.answer(first().id, { value: 'geheim', remember: false });
    expect(await asked).toEqual(['geheim']);
    expect(open()).toEqual([]);
    expect(received).toEqual(['geheim']);
  });

  it('about a host key shows its fingerprint and is answered with yes', async () => {
    const { prompts, first, received } = make();
    const asked = prompts.ask(
      {
        kind: 'host_key',
        serverId: 's1',
        serverName: 'db1',
        key: { host: 'db1', port: 22, algorithm: 'ssh-ed25519', fingerprint: 'SHA256:abc' },
      },
      never,
    );
    expect(first()).toMatchObject({ kind: 'host_key', hostKey: { fingerprint: 'SHA256:abc' } });
    await prompts.answer(first().id, { value: 'yes', remember: true });
    expect(await asked).toEqual(['yes']);
    expect(received).toEqual([]);
  });

  it('gives null when the user declines it', async () => {
    const { prompts, first } = make();
    const asked = prompts.ask(password, never);
    await prompts.answer(first().id, { value: null, remember: false });
    expect(await asked).toBeNull();
  });

  it('from the server itself comes one at a time and its answer is never saved', async () => {
    const { prompts, first, remembered } = make();
    const asked = prompts.ask(
      {
        kind: 'prompts',
        serverId: 's1',
        serverName: 'db1',
        title: '',
        instructions: 'Two steps',
        prompts: [
          { text: 'Password:', echo: false },
          { text: 'Code:', echo: true },
        ],
      },
      never,
    );
    await prompts.answer(first().id, { value: 'one', remember: true });
    await expect.poll(first).toMatchObject({ purpose: 'otp', text: 'Two steps\nCode:', mayRemember: false });
    await prompts.answer(first().id, { value: '123456', remember: true });
    expect(await asked).toEqual(['one', '123456']);
    expect(remembered).toEqual([]);
  });

  it('stays open when its answer should be saved and cannot be', async () => {
    let locked = true;
    const { prompts, first } = make({
      remember: async () => {
        if (locked) throw appError('vault.absent', 'There is no vault yet.');
      },
    });
    const asked = prompts.ask(password, never);
    const { id } = first();
    await expect(prompts.answer(id, { value: 'geheim', remember: true })).rejects.toMatchObject({
      data: { code: 'vault.absent' },
    });
    locked = false;
    await prompts.answer(id, { value: 'geheim', remember: true });
    expect(await asked).toEqual(['geheim']);
  });

  it('is declined in the end when nobody answers', async () => {
    const { prompts, open } = make({ limitMs: 20 });
    expect(await prompts.ask(password, never)).toBeNull();
    expect(open()).toEqual([]);
  });

  it('disappears when its caller no longer needs it', async () => {
    const { prompts, open } = make();
    const leave = new AbortController();
    const asked = prompts.ask(password, leave.signal);
    expect(open()).toHaveLength(1);
    leave.abort();
    expect(await asked).toBeNull();
    expect(open()).toEqual([]);
  });

  it('refuses a second answer', async () => {
    const { prompts, first } = make();
    const asked = prompts.ask(password, never);
    const { id } = first();
    await prompts.answer(id, { value: 'a-secret', remember: false });
    await expect(prompts.answer(id, { value: 'again', remember: false })).rejects.toMatchObject({
      data: { code: 'app.prompt_gone' },
    });
    await asked;
  });

  it('is declined when the app closes', async () => {
    const { prompts } = make();
    const asked = [prompts.ask(password, never), prompts.ask({ ...password, kind: 'sudo_password' }, never)];
    prompts.close();
    expect(await Promise.all(asked)).toEqual([null, null]);
  });
});
