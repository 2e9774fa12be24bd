import { describe, expect, it, vi } from 'vitest';
import type { SshQuestion } from '../../electron/core/ssh/authenticate/ask';
import { terminalText } from '../../electron/headless/terminal-text';

const asked = vi.hoisted(() => ({ open: 0, most: 0, secrets: [] as boolean[] }));
vi.mock('../../electron/headless/deploy/ask-terminal', () => ({
  askTerminal: async (_text: string, secret: boolean) => {
    asked.open += 1;
    asked.most = Math.max(asked.most, asked.open);
    asked.secrets.push(secret);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
    asked.open -= 1;
    return 'typed';
  },
}));
const { askAtTerminal } = await import('../../electron/headless/deploy/connections');

const prompts: SshQuestion = {
  kind: 'prompts',
  serverId: 's1',
  serverName: 'db1',
  title: '',
  instructions: '',
  prompts: [
    { text: 'Code:', echo: true },
    { text: 'Password:', echo: false },
  ],
};
const password: SshQuestion = {
  kind: 'password',
  serverId: 's2',
  serverName: 'db2',
  user: 'admin',
  previousWrong: false,
};

describe('the terminal', () => {
  it('asks one question at a time, so that what is typed for one is never shown for another', async () => {
    const ask = askAtTerminal(false);
    const { signal } = new AbortController();
    const answers = await Promise.all([ask(prompts, signal), ask(password, signal), ask(prompts, signal)]);
    expect(answers).toEqual([['typed', 'typed'], ['typed'], ['typed', 'typed']]);
    expect([asked.most, asked.secrets]).toEqual([1, [false, true, true, false, true]]);
  });

  it.each([
    ['\u001b[2J\u001b]0;title\u0007', '\\u001b[2J\\u001b]0;title\\u0007'],
    ['\u009b31m', '\\u009b31m'],
    ['line\rover it', 'line\\u000dover it'],
    ['\u202egnp.exe\u2066', '\\u202egnp.exe\\u2066'],
    ['one\n\ttwo ü 😀', 'one\n\ttwo ü 😀'],
  ])('shows %j of a server and carries nothing of it out', (text, shown) => {
    expect(terminalText(text)).toBe(shown);
    expect(JSON.parse(terminalText(JSON.stringify({ text })))).toEqual({ text });
  });
});
