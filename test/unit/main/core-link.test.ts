import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeContents, forked } from '../../support/electron-double';

vi.mock('electron', () => import('../../support/electron-double'));
const { createCoreLink } = await import('../../../electron/main/core-link');

const start = {
  dataDirectory: '/data',
  homeDirectory: '/home',
  version: '1',
  user: 'tester',
  keychain: null,
  demo: false,
};
const last = () => {
  const child = forked.at(-1);
  if (child === undefined) throw new Error('nothing was forked');
  return child;
};

describe('the core’s process', () => {
  const givenUp: string[] = [];
  const link = () =>
    createCoreLink({
      program: 'core-main.js',
      start: () => start,
      onMessage: () => undefined,
      onGivenUp: (message) => {
        givenUp.push(message);
      },
      now: Date.now,
    });

  beforeEach(() => {
    vi.useFakeTimers();
    forked.length = 0;
    givenUp.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is started with its options and gets a port for each window', () => {
    const contents = new FakeContents();
    link().connect(contents as never);
    expect(last().got.map(({ message }) => message)).toEqual([{ kind: 'start', options: start }, { kind: 'window' }]);
    expect(last().got[1]?.ports).toHaveLength(1);
    expect(contents.ports).toHaveLength(1);
  });

  it('after a crash the window is told, the core started again, and a new port handed over', () => {
    const contents = new FakeContents();
    link().connect(contents as never);
    last().emit('exit', 9);
    expect(contents.sent).toMatchObject([{ channel: 'matriarch:say', message: { type: 'matriarch:core-lost' } }]);
    vi.advanceTimersByTime(1000);
    expect(forked).toHaveLength(2);
    expect(contents.ports).toHaveLength(2);
  });

  it('a core that ends again and again is given up, with a sentence for the user', () => {
    link();
    for (let count = 0; count < 6; count += 1) {
      last().emit('exit', 1);
      vi.advanceTimersByTime(5000);
    }
    expect(forked).toHaveLength(6);
    expect(givenUp).toHaveLength(1);
  });

  it('a core that refuses to start says why', () => {
    link();
    last().emit('message', { kind: 'refused', message: 'The data directory cannot be used.' });
    expect(givenUp).toEqual(['The data directory cannot be used.']);
    expect(last().killed).toBe(true);
  });

  it('a window that was closed gets nothing more', () => {
    const contents = new FakeContents();
    link().connect(contents as never);
    contents.emit('destroyed');
    last().emit('exit', 9);
    vi.advanceTimersByTime(1000);
    expect(contents.sent).toEqual([]);
    expect(contents.ports).toHaveLength(1);
  });

  it('closing waits for the core to end in order, and is bounded', async () => {
    const closing = link().close();
    expect(last().got.at(-1)?.message).toEqual({ kind: 'close' });
    last().emit('message', { kind: 'closed' });
    await closing;
    expect(forked).toHaveLength(1);
    const stuck = link().close();
    vi.advanceTimersByTime(10_001);
    await stuck;
    expect(last().killed).toBe(true);
  });
});
