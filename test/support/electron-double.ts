import { EventEmitter } from 'node:events';
import { vi } from 'vitest';

/** A web page's contents as the shell uses them. */
export class FakeContents extends EventEmitter {
  readonly sent: { channel: string; message: unknown }[] = [];
  readonly ports: unknown[] = [];
  readonly mainFrame = { url: 'app://matriarch/index.html' };
  openHandler: ((details: { url: string }) => { action: string }) | null = null;
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }
  send(channel: string, message: unknown): void {
    this.sent.push({ channel, message });
  }
  postMessage(_channel: string, _message: unknown, ports: unknown[]): void {
    this.ports.push(...ports);
  }
}

/** A process that a test plays. */
export class FakeProcess extends EventEmitter {
  readonly got: { message: unknown; ports: unknown[] }[] = [];
  killed = false;
  postMessage(message: unknown, ports: unknown[] = []): void {
    this.got.push({ message, ports });
  }
  kill(): boolean {
    this.killed = true;
    this.emit('exit', 0);
    return true;
  }
}

/** Every process that was forked, oldest first. */
export const forked: FakeProcess[] = [];
/** Forks processes that a test plays. */
export const utilityProcess = {
  fork: (): FakeProcess => {
    const child = new FakeProcess();
    forked.push(child);
    return child;
  },
};

/** A channel whose ports are told apart by name. */
export class MessageChannelMain {
  readonly port1 = { name: 'port1' };
  readonly port2 = { name: 'port2' };
}

/** What would open a browser. */
export const shell = { openExternal: vi.fn(async (_url: string) => undefined) };

/** A keychain that can be switched off. */
export const safeStorage = {
  available: true,
  backend: 'gnome_libsecret',
  plain: false,
  isEncryptionAvailable(): boolean {
    return this.available || this.plain;
  },
  setUsePlainTextEncryption(use: boolean): void {
    this.plain = use;
  },
  getSelectedStorageBackend(): string {
    return this.backend;
  },
  encryptString(text: string): Buffer {
    return Buffer.from(`sealed:${text}`);
  },
  decryptString(data: Buffer): string {
    const text = data.toString();
    if (!text.startsWith('sealed:')) throw new Error('not sealed here');
    return text.slice(7);
  },
};

/** What would serve the app's own scheme. */
export const protocol = { registerSchemesAsPrivileged: vi.fn(), handle: vi.fn() };
const menu = { buildFromTemplate: vi.fn((template: unknown) => template), setApplicationMenu: vi.fn() };
/** What would make a menu, under Electron's name for it. */
export { menu as Menu };
