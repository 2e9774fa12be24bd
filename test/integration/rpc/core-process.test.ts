import { EventEmitter } from 'node:events';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCoreProcess } from '../../../electron/main/core-process';
import type { ToCore, ToMain } from '../../../electron/main/messages';
import type { TestClient } from '../../support/app/app';
import { tempDirectory, type TempDirectory } from '../../support/temp';

/** One end of a port as Electron's main side has it: what is posted arrives a turn later, and waits until the end was started. */
class FakePort extends EventEmitter {
  other: FakePort | null = null;
  #waiting: unknown[] | null = [];
  postMessage(data: unknown): void {
    queueMicrotask(() => {
      if (this.other !== null) this.other.#arrive(data);
    });
  }
  start(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const data of waiting) this.emit('message', { data });
  }
  #arrive(data: unknown): void {
    if (this.#waiting === null) this.emit('message', { data });
    else this.#waiting.push(data);
  }
}

function portPair(): readonly [FakePort, FakePort] {
  const [one, two] = [new FakePort(), new FakePort()];
  one.other = two;
  two.other = one;
  return [one, two];
}

/** The process's port to main, played by the test, with a keychain behind it. */
class FakeParent extends EventEmitter {
  readonly said: ToMain[] = [];
  postMessage(message: ToMain): void {
    this.said.push(message);
    if (message.kind === 'encrypt')
      this.tell({ kind: 'sealed', id: message.id, data: Buffer.from(`sealed ${message.text}`) });
  }
  tell(message: ToCore, ports: unknown[] = []): void {
    queueMicrotask(() => this.emit('message', { data: message, ports }));
  }
  async hears(kind: ToMain['kind']): Promise<void> {
    for (let count = 0; count < 500 && !this.said.some((one) => one.kind === kind); count += 1)
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    expect(this.said.map((one) => one.kind)).toContain(kind);
  }
}

describe('the core in a process of its own', () => {
  let temp: TempDirectory;
  let parent: FakeParent;

  beforeEach(async () => {
    temp = await tempDirectory();
    parent = new FakeParent();
    await runCoreProcess(parent as never);
  });
  afterEach(async () => {
    parent.tell({ kind: 'close' });
    await parent.hears('closed');
    await temp.remove();
  });

  const start = (keychain: string | null = 'gnome_libsecret') => {
    parent.tell({
      kind: 'start',
      options: {
        dataDirectory: temp.path,
        homeDirectory: temp.path,
        version: '1.2.3',
        user: 'tester',
        keychain,
        demo: false,
      },
    });
  };
  const window = (): TestClient => {
    const [core, page] = portPair();
    parent.tell({ kind: 'window' }, [core]);
    const client: TestClient = createORPCClient(new RPCLink({ port: page }));
    page.start();
    return client;
  };

  it('serves a window that came before the core was ready, and others after', async () => {
    start();
    const [first, second] = [window(), window()];
    expect(await first.app.info()).toMatchObject({ version: '1.2.3', shell: 'electron' });
    expect(await second.servers.list()).toEqual([]);
    const stream = await window().app.settings();
    expect((await stream.next()).value).toMatchObject({ theme: 'system' });
    await stream.return?.();
  });

  it('keeps the first secret with the keychain, and asks the user nothing', async () => {
    start();
    const page = window();
    await page.servers.add({
      name: 'db1',
      host: '192.0.2.1',
      user: 'admin',
      auth: { kind: 'password' },
      sudo: { kind: 'none' },
      secret: 'opens the door',
    });
    const stream = await page.vault.status();
    expect((await stream.next()).value).toEqual({ kind: 'open', method: 'keychain' });
    await stream.return?.();
    expect(JSON.stringify(parent.said)).not.toContain('opens the door');
  });

  it('a data directory that cannot be used is refused with a sentence', async () => {
    parent.tell({
      kind: 'start',
      options: {
        dataDirectory: '/dev/null/x',
        homeDirectory: temp.path,
        version: '1',
        user: 'tester',
        keychain: null,
        demo: false,
      },
    });
    await parent.hears('refused');
    expect(parent.said.find((one) => one.kind === 'refused')?.message).toMatch(
      /^The core could not start with the data directory \/dev\/null\/x: .*\.$/,
    );
  });
});
