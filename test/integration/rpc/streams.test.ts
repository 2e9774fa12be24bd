import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startApp, type TestApp } from '../../support/app/app';

describe('streams leave nothing behind in the core', () => {
  let app: TestApp;
  let listening: number;

  beforeEach(async () => {
    app = await startApp({ page: false });
    listening = 0;
    const { vault } = app.app.core.services;
    const original = vault.onStatus.bind(vault);
    vi.spyOn(vault, 'onStatus').mockImplementation((listener) => {
      const undo = original(listener);
      listening += 1;
      return () => {
        listening -= 1;
        undo();
      };
    });
  });
  afterEach(() => app.close());

  const nobodyListens = () =>
    vi.waitFor(
      () => {
        expect(listening).toBe(0);
      },
      { timeout: 5000 },
    );

  it('when the reader leaves', async () => {
    const page = await app.connect();
    for (let count = 0; count < 50; count += 1) {
      const stream = await page.client.vault.status();
      await stream.next();
      expect(listening).toBe(1);
      await stream.return?.();
      await nobodyListens();
    }
    page.close();
  });

  it('when the window is closed in the middle of reading', async () => {
    const pages = await Promise.all(Array.from({ length: 5 }, () => app.connect()));
    const streams = await Promise.all(pages.map((page) => page.client.vault.status()));
    await Promise.all(streams.map((stream) => stream.next()));
    expect(listening).toBe(5);
    const waiting = streams.map((stream) => stream.next().catch(() => undefined));
    for (const page of pages) page.close();
    await Promise.all(waiting);
    await nobodyListens();
  });

  it('when the core closes while windows read', async () => {
    const page = await app.connect();
    const stream = await page.client.vault.status();
    await stream.next();
    const waiting = stream.next().catch(() => undefined);
    await app.app.server.close();
    await waiting;
    await nobodyListens();
  });
});
