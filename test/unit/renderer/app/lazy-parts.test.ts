import { describe, expect, it, vi } from 'vitest';
import { loadPartsWhenIdle, reloadWhenPartIsMissing, type LoadPart } from '../../../../renderer/app/lazy-parts';

/** Tells those first who listen in capture, as browsers do and node does not. */
class BrowserTarget extends EventTarget {
  readonly #early = new Set<(event: Event) => void>();

  override addEventListener(...[type, listener, options]: Parameters<EventTarget['addEventListener']>): void {
    if (typeof options === 'object' && options.capture === true) this.#early.add(listener as (event: Event) => void);
    else super.addEventListener(type, listener, options);
  }

  override removeEventListener(...[type, listener, options]: Parameters<EventTarget['removeEventListener']>): void {
    if (typeof options === 'object' && options.capture === true) this.#early.delete(listener as (event: Event) => void);
    else super.removeEventListener(type, listener, options);
  }

  override dispatchEvent(event: Event): boolean {
    let stopped = false;
    event.stopImmediatePropagation = () => void (stopped = true);
    for (const listener of this.#early) listener(event);
    return stopped || super.dispatchEvent(event);
  }
}

/** A window that is idle when it is told so, and counts how often it was reloaded. */
function fakeWindow() {
  const target = new BrowserTarget();
  const stored = new Map<string, string>();
  const idle: (() => void)[] = [];
  const reload = vi.fn();
  const page = Object.assign(target, {
    sessionStorage: {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
    },
    location: { reload },
    requestIdleCallback: (ask: () => void) => idle.push(ask),
    cancelIdleCallback: () => undefined,
  }) as unknown as Window;
  const beIdle = async () => {
    idle.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { page, reload, beIdle };
}

/** A part whose file cannot be had, as vite reports it. */
const missing =
  (page: Window): LoadPart =>
  () => {
    page.dispatchEvent(new Event('vite:preloadError'));
    return Promise.reject(new Error('the file is not there'));
  };

describe('the parts of the page that are not on the first screen', () => {
  it('reload the page once when one that is needed is missing', () => {
    const { page, reload } = fakeWindow();
    reloadWhenPartIsMissing(page);
    void missing(page)().catch(() => undefined);
    void missing(page)().catch(() => undefined);
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it('disturb nothing when one cannot be loaded ahead of need, and the others are loaded all the same', async () => {
    const { page, reload, beIdle } = fakeWindow();
    reloadWhenPartIsMissing(page);
    const other = vi.fn(() => Promise.resolve());
    loadPartsWhenIdle(page, [missing(page), other]);
    await beIdle();
    await beIdle();
    expect(other).toHaveBeenCalledTimes(1);
    expect(reload).not.toHaveBeenCalled();
    void missing(page)().catch(() => undefined);
    expect(reload).toHaveBeenCalledTimes(1);
  });
});
