import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  LATE,
  TimeoutError,
  Wakeup,
  callWithin,
  onAbort,
  settleWithin,
  sleep,
  unlessAborted,
  withDeadline,
} from '../../../electron/core/platform/wait';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;
const timers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
const never = (): Promise<never> => new Promise(() => undefined);

describe('a wait', () => {
  let signal: AbortSignal;
  let stop: AbortController;
  let timersBefore: number;
  beforeEach(() => {
    stop = new AbortController();
    ({ signal } = stop);
    timersBefore = timers();
  });
  afterEach(() => {
    expect(listeners(signal)).toBe(0);
    expect(timers()).toBeLessThanOrEqual(timersBefore);
  });

  it('takes its time', async () => {
    const started = performance.now();
    await sleep(30, signal);
    expect(performance.now() - started).toBeGreaterThanOrEqual(29);
  });

  it('ends at once when it is aborted, before or meanwhile', async () => {
    const waiting = sleep(60_000, signal);
    stop.abort();
    await waiting;
    await sleep(60_000, signal);
  });

  it('ends when somebody wakes it, and the next one waits anew', async () => {
    const wakeup = new Wakeup();
    const both = Promise.all([wakeup.wait(60_000), wakeup.wait(60_000)]);
    wakeup.wake();
    await both;
    let over = false;
    const next = wakeup.wait(60_000).then(() => {
      over = true;
    });
    await sleep(20);
    expect(over).toBe(false);
    wakeup.wake();
    await next;
  });

  it('for work ends with the work', async () => {
    expect(await withDeadline({ timeoutMs: 60_000, signal }, () => Promise.resolve('done'))).toBe('done');
    await expect(
      withDeadline({ timeoutMs: 60_000, signal }, () => Promise.reject(new Error('failed'))),
    ).rejects.toThrow('failed');
  });

  it('for work ends with its time, and the work is told', async () => {
    let received: AbortSignal | undefined;
    const work = withDeadline({ timeoutMs: 20, signal }, (own) => {
      received = own;
      return never();
    });
    await expect(work).rejects.toBeInstanceOf(TimeoutError);
    expect(received?.aborted).toBe(true);
  });

  it('for work ends with the signal, whose reason is thrown', async () => {
    const reason = new Error('the user stopped it');
    const work = withDeadline({ timeoutMs: 60_000, signal }, never);
    stop.abort(reason);
    await expect(work).rejects.toBe(reason);
    const begin = vi.fn(never);
    await expect(withDeadline({ signal }, begin)).rejects.toBe(reason);
    expect(begin).not.toHaveBeenCalled();
  });

  it('for an outcome is late after its time, and passes a failure on', async () => {
    expect(await settleWithin(60_000, Promise.resolve(1))).toBe(1);
    expect(await settleWithin(10, never())).toBe(LATE);
    await expect(settleWithin(60_000, Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  });

  it('for a callback accepts a value in time and discards one that comes late', async () => {
    const discard = vi.fn();
    const limits = {
      timeoutMs: 20,
      onTimeout: () => new Error('late'),
      accept: (value: number) => value + 1,
      discard,
    };
    type Done = (error: Error | undefined, value: number) => void;
    expect(await callWithin(limits, (done: Done) => done(undefined, 1))).toBe(2);
    await expect(callWithin(limits, (done: Done) => done(new Error('refused'), 0))).rejects.toThrow('refused');
    await expect(
      callWithin(limits, () => {
        throw new Error('thrown');
      }),
    ).rejects.toThrow('thrown');
    let answerLate: Done = () => undefined;
    const waiting = callWithin(limits, (done: Done) => {
      answerLate = done;
    });
    await expect(waiting).rejects.toThrow('late');
    answerLate(undefined, 7);
    expect(discard.mock.calls).toEqual([[7]]);
  });

  it('for an outcome passes it on unless it is aborted first', async () => {
    expect(await unlessAborted(signal, Promise.resolve(1))).toBe(1);
    const waiting = unlessAborted(signal, never());
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
  });
});

describe('a listener for an abort', () => {
  it('is called once, at once when the signal is aborted already, and not after its undo', () => {
    const stop = new AbortController();
    const [kept, undone, late] = [vi.fn(), vi.fn(), vi.fn()];
    onAbort(stop.signal, kept);
    onAbort(stop.signal, undone)();
    stop.abort();
    onAbort(stop.signal, late);
    expect([kept, undone, late].map((listener) => listener.mock.calls.length)).toEqual([1, 0, 1]);
  });
});
