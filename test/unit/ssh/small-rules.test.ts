import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { appError } from '../../../shared/model/app-error';
import { askOnce, type SshQuestion } from '../../../electron/core/ssh/authenticate/ask';
import { mask } from '../../../electron/core/platform/mask';
import { quoteArgv, quoteWord } from '../../../electron/core/ssh/run/quote';
import { Slots } from '../../../electron/core/platform/slots';
import { backoffDelay, Deadline, DEFAULT_TIMING } from '../../../electron/core/ssh/connect/timing';
import { declineEveryQuestion } from '../../support/ssh/ssh-pool';

const full = (): ReturnType<typeof appError> => appError('ssh.timeout', 'full');

describe('quoting', () => {
  it('gives a shell exactly the words that went in', () => {
    const words = ["it's", 'a b', '$(id)', '`id`', '\\', '"', '', '*', '~', '#x', 'a\nb', '!', '-rf', 'ü'];
    const out = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${quoteArgv(words)}`], { encoding: 'utf8' });
    expect(out.split('\0').slice(0, -1)).toEqual(words);
  });

  it('leaves plain words readable', () => {
    expect(quoteArgv(['systemctl', 'status', '/etc/x.service'])).toBe('systemctl status /etc/x.service');
  });

  it('refuses what no command can receive', () => {
    expect(() => quoteWord('a\0b')).toThrow('NUL');
  });
});

describe('masking', () => {
  it.each([
    ['as it is', 'pa"ss\'wd', (s: string) => s],
    ['quoted for a shell', 'pa"ss\'wd', (s: string) => s.replaceAll("'", `'\\''`)],
    ['in JSON', 'pa"ss\'wd', (s: string) => JSON.stringify({ s })],
    ['in a URL', 'pa/ss wd', encodeURIComponent],
    ['in Base64', 'pa"ss\'wd', (s: string) => Buffer.from(s).toString('base64')],
  ])('hides a secret %s', (_how, secret, shown) => {
    const masked = mask(`before ${shown(secret)} after`, [secret]);
    expect(masked).toContain('***');
    expect(masked).not.toContain(shown(secret));
    expect(masked).toMatch(/^before .*after$/);
  });

  it('hides the longer secret whole when one holds the other', () => {
    expect(mask('horse-battery', ['horse', 'horse-battery'])).toBe('***');
  });

  it('leaves text alone for a secret too short to hide', () => {
    expect(mask('a cat', ['', 'a'])).toBe('a cat');
  });
});

describe('slots', () => {
  it('let in as many as fit and the rest in turn', async () => {
    const slots = new Slots(2);
    const first = await slots.acquire(1_000, full);
    await slots.acquire(1_000, full);
    const order: string[] = [];
    const waiting = ['a', 'b'].map((name) =>
      slots.acquire(1_000, full).then((release) => {
        order.push(name);
        release();
      }),
    );
    expect(slots.held).toBe(2);
    first();
    first();
    await Promise.all(waiting);
    expect(order).toEqual(['a', 'b']);
    expect(slots.held).toBe(1);
  });

  it('wait no longer than they were told, and a waiter that left is not served', async () => {
    const slots = new Slots(1);
    const release = await slots.acquire(1_000, full);
    await expect(slots.acquire(10, full)).rejects.toThrow('full');
    release();
    expect(slots.held).toBe(0);
  });

  it('end a wait that was cancelled', async () => {
    const slots = new Slots(1);
    await slots.acquire(1_000, full);
    const stop = new AbortController();
    const waiting = slots.acquire(5_000, full, stop.signal, () => appError('ssh.cancelled', 'stopped'));
    stop.abort();
    await expect(waiting).rejects.toThrow('stopped');
  });
});

describe('backoff', () => {
  it('doubles up to its limit, and random takes off at most a half', () => {
    const delays = [1, 2, 3, 4, 5, 6, 50].map((failures) => backoffDelay(failures, DEFAULT_TIMING, 0));
    expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    expect(backoffDelay(1, DEFAULT_TIMING, 1)).toBe(250);
  });
});

describe('a deadline', () => {
  it('stands still while it is paused', async () => {
    let expired = false;
    const deadline = new Deadline(30, () => {
      expired = true;
    });
    deadline.pause();
    await new Promise((resolve) => {
      setTimeout(resolve, 80);
    });
    expect(expired).toBe(false);
    deadline.resume();
    await new Promise((resolve) => {
      setTimeout(resolve, 80);
    });
    expect(expired).toBe(true);
  });
});

describe('a question', () => {
  const question: SshQuestion = {
    kind: 'password',
    serverId: 'db1',
    serverName: 'db1',
    user: 'dba',
    previousWrong: false,
  };
  const forever = new AbortController().signal;

  it('is put once to the user when several need its answer', async () => {
    let asked = 0;
    const ask = askOnce(
      async () => {
        asked += 1;
        await Promise.resolve();
        return ['x'];
      },
      1_000,
      forever,
    );
    expect(await Promise.all([ask(question), ask(question), ask({ ...question, serverId: 'db2' })])).toEqual([
      ['x'],
      ['x'],
      ['x'],
    ]);
    expect(asked).toBe(2);
  });

  it('that nobody answers is declined in the end, and taken off the screen', async () => {
    let gone = false;
    const ask = askOnce(
      (_question, signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            gone = true;
          });
        }),
      20,
      forever,
    );
    expect(await ask(question)).toBeNull();
    expect(gone).toBe(true);
  });

  it('is declined at once when there is no user', async () => {
    expect(await askOnce(declineEveryQuestion, 1_000, forever)(question)).toBeNull();
  });
});
