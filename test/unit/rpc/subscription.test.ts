import { describe, expect, it } from 'vitest';
import { subscription } from '../../../electron/core/rpc/subscription';
import { createListeners } from '../../../electron/core/platform/listeners';

/** A source that numbers its states: the whole state first, then changes. Its listeners can be counted. */
function counter() {
  const listeners = createListeners<string>();
  let state = 0;
  return {
    listeners,
    change: (): void => {
      state += 1;
      listeners.emit(`change ${state}`);
    },
    source: (push: (item: string) => void) => {
      const undo = listeners.add(push);
      push(`whole ${state}`);
      return undo;
    },
  };
}

describe('a subscription', () => {
  it('does not listen before it is read', () => {
    const { listeners, source } = counter();
    subscription(source);
    expect(listeners.size).toBe(0);
  });

  it('gives the whole state first, then each change in order', async () => {
    const { change, source } = counter();
    const stream = subscription(source);
    expect(await stream.next()).toEqual({ done: false, value: 'whole 0' });
    change();
    change();
    expect([(await stream.next()).value, (await stream.next()).value]).toEqual(['change 1', 'change 2']);
  });

  it('leaves no listener behind when the reader leaves while waiting', async () => {
    const { listeners, source } = counter();
    const stream = subscription(source);
    await stream.next();
    const waiting = stream.next();
    await stream.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(listeners.size).toBe(0);
  });

  it('leaves no listener behind when its signal aborts', async () => {
    const { listeners, source } = counter();
    const leave = new AbortController();
    const stream = subscription(source, { signal: leave.signal });
    await stream.next();
    leave.abort();
    expect(listeners.size).toBe(0);
    expect((await stream.next()).done).toBe(true);
  });

  it('does not begin after its signal aborted', async () => {
    const { listeners, source } = counter();
    const stream = subscription(source, { signal: AbortSignal.abort() });
    expect((await stream.next()).done).toBe(true);
    expect(listeners.size).toBe(0);
  });

  it('a reader who cannot follow gets the whole state again, and nothing twice', async () => {
    const { change, listeners, source } = counter();
    const stream = subscription(source, { limit: 3 });
    await stream.next();
    for (let count = 0; count < 10; count += 1) change();
    expect(listeners.size).toBe(0);
    expect((await stream.next()).value).toBe('whole 10');
    change();
    expect((await stream.next()).value).toBe('change 11');
    await stream.return();
    expect(listeners.size).toBe(0);
  });

  it('a thousand readers that come and go leave nothing', async () => {
    const { change, listeners, source } = counter();
    for (let count = 0; count < 1000; count += 1) {
      const stream = subscription(source);
      await stream.next();
      change();
      if (count % 2 === 0) await stream.return();
      else await stream.throw(new Error('gone')).catch(() => undefined);
    }
    expect(listeners.size).toBe(0);
  });
});
