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
  reloads = 0;
  reload(): void {
    this.reloads += 1;
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

/** A window whose page is loaded when the test says so. */
export class FakeWindow extends EventEmitter {
  readonly webContents = new FakeContents();
  shown = 0;
  destroyed = false;
  #loaded: { resolve: () => void; reject: (thrown: Error) => void } | null = null;
  constructor(readonly options: unknown) {
    super();
    windows.push(this);
  }
  loadURL(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#loaded = { resolve, reject };
    });
  }
  /** Ends the loading, well or with an error of Chromium's. */
  load(error?: string): void {
    if (error === undefined) this.#loaded?.resolve();
    else this.#loaded?.reject(new Error(error));
  }
  show(): void {
    this.shown += 1;
  }
  focus(): void {
    this.emit('focus');
  }
  isMinimized(): boolean {
    return false;
  }
  isMaximized(): boolean {
    return false;
  }
  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    return { x: 0, y: 0, width: 800, height: 600 };
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('closed');
  }
  /** Whether the page asks to stay. */
  asksToStay = false;
  close(): void {
    this.emit('close');
    const event = { defaultPrevented: false, preventDefault: () => undefined };
    event.preventDefault = () => {
      event.defaultPrevented = true;
      return undefined;
    };
    if (this.asksToStay) this.webContents.emit('will-prevent-unload', event);
    if (!this.asksToStay || event.defaultPrevented) this.destroy();
  }
}

/** Every window that was made, oldest first. */
export const windows: FakeWindow[] = [];
export { FakeWindow as BrowserWindow };

/** The app's life, which a test drives by its events. `ready` settles `whenReady`. */
export class FakeApp extends EventEmitter {
  isPackaged = false;
  hasLock = true;
  quits = 0;
  readonly paths: Record<string, string> = {};
  readonly protocols: string[] = [];
  #ready: (() => void) | null = null;
  readonly #whenReady = new Promise<void>((resolve) => {
    this.#ready = resolve;
  });
  ready(): void {
    this.#ready?.();
  }
  whenReady(): Promise<void> {
    return this.#whenReady;
  }
  setPath(name: string, path: string): void {
    this.paths[name] = path;
  }
  requestSingleInstanceLock(): boolean {
    return this.hasLock;
  }
  setAsDefaultProtocolClient(scheme: string): boolean {
    this.protocols.push(scheme);
    return true;
  }
  enableSandbox(): void {
    this.paths['sandbox'] = 'on';
  }
  getVersion(): string {
    return '0.0.0';
  }
  quit(): void {
    this.quits += 1;
  }
}

/** The app of the test that runs now; `newApp` makes the next. */
export const current = { app: new FakeApp() };
const running = new Proxy({} as FakeApp, {
  get: (_target, name: keyof FakeApp) => {
    const value: unknown = current.app[name];
    return typeof value === 'function' ? value.bind(current.app) : value;
  },
});
/** The app under Electron's name: whatever a test has put in place. */
export { running as app };

/** Dialogs of the desktop: each answer is that of the button `pressed`. */
export const dialog = {
  pressed: 1,
  asked: [] as string[],
  showMessageBox(...args: unknown[]): Promise<{ response: number }> {
    const options = args.at(-1) as { message: string };
    this.asked.push(options.message);
    return Promise.resolve({ response: this.pressed });
  },
  showMessageBoxSync(_window: unknown, { message }: { message: string }): number {
    this.asked.push(message);
    return this.pressed;
  },
};

/** Messages of pages. */
export const ipcMain = new EventEmitter();
/** The messages of the desktop that were shown; a test clicks them by `emit`. */
export const notifications: Notification[] = [];
/** What would show a message of the desktop. */
export class Notification extends EventEmitter {
  readonly options: { readonly title: string; readonly body: string };

  constructor(options: { readonly title: string; readonly body: string }) {
    super();
    this.options = options;
  }

  show(): void {
    notifications.push(this);
  }
}
/** The session of all windows. */
export const session = {
  defaultSession: {
    setPermissionRequestHandler: vi.fn(),
    setPermissionCheckHandler: vi.fn(),
    setDevicePermissionHandler: vi.fn(),
    webRequest: { onBeforeRequest: vi.fn() },
  },
};
/** One screen. */
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] };
/** No tray: as on a desktop without one. */
export const nativeImage = { createFromPath: () => ({ isEmpty: () => true }) };
/** A tray that is never made. */
export class Tray {}
