import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  app,
  dialog,
  ipcMain,
  Notification,
  session,
  type BrowserWindow,
  type IpcMainEvent,
  type MessageBoxOptions,
  type Tray,
  type WebContents,
} from 'electron';
import type { ShellMessage } from '../../shared/model/app/transport';
import type { ConsentWords } from '../core/platform/consent';
import { dataDirectory, thisPlace } from '../core/platform/data-directory';
import { declareScheme, serveScheme } from './app-scheme';
import { createCoreLink, type CoreLink } from './core-link';
import { clusterOfArguments, clusterOfLink } from './deep-link';
import { answerKeychain, keychainBackend } from './keychain';
import { isOwnPage, lockSession, openExternal } from './lockdown';
import { setMenu } from './menu';
import { CHANNEL, type CoreStart } from './messages';
import { createTray } from './tray';
import { OneWindow } from './one-window';
import { createWindow, loadPage } from './window';

/** Everything lies beside dist/main, in the package as in the repository. */
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Starts the desktop app, or hands over to the one that runs already. */
export async function startShell(): Promise<void> {
  declareScheme();
  // What Chromium keeps lies in a folder of its own. Each data directory is an app of its own, too: the lock on a
  // single instance is on this folder.
  app.setPath('userData', join(dataDirectory(thisPlace()), 'browser'));
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  // Unpackaged, the program that would be registered is Electron itself.
  if (app.isPackaged) app.setAsDefaultProtocolClient('matriarch');
  app.enableSandbox();
  const shell = new Shell();
  app.on('second-instance', (_event, argv) => {
    shell.open(clusterOfArguments(argv));
  });
  app.on('open-url', (event, url) => {
    event.preventDefault();
    shell.open(clusterOfLink(url));
  });
  // On macOS an app stays in the dock without a window, and comes back with `activate`.
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('activate', () => {
    shell.open(null);
  });
  app.on('before-quit', (event) => {
    if (shell.quit()) event.preventDefault();
  });
  await app.whenReady();
  await shell.begin();
}

class Shell {
  readonly #window = new OneWindow({
    create: () =>
      createWindow({
        preload: here('../preload/preload.cjs'),
        stateFile: join(dataDirectory(thisPlace()), 'window.json'),
        icon: here('../../assets/icon.png'),
      }),
    load: loadPage,
    onFailed: (sentence) => {
      void this.#offerWindow(sentence);
    },
    now: Date.now,
  });
  /** Whether the page's scheme is served and the core is there: before, a window would have nothing to load. */
  #begun = false;
  /** The contents whose page listens: what is said to a page that is still loading is lost. */
  #ready: WebContents | null = null;
  #core: CoreLink | null = null;
  #tray: Tray | null = null;
  #wanted: string | null = clusterOfArguments(process.argv);
  readonly #notifications = new Set<Notification>();
  #quitting: 'no' | 'closing' | 'closed' = 'no';

  async begin(): Promise<void> {
    lockSession(session.defaultSession);
    serveScheme(here('../renderer'));
    setMenu(process.platform, !app.isPackaged);
    this.#core = createCoreLink({
      program: here('../core/core-main.js'),
      start: coreStart,
      onMessage: (message, reply) => {
        switch (message.kind) {
          case 'notify':
            this.#notify(message);
            return;
          case 'open-external':
            void openExternal(message.url);
            return;
          case 'confirm':
            void this.#confirm(message.words).then((agreed) => {
              reply({ kind: 'answered', id: message.id, agreed });
            });
            return;
          default:
            reply(answerKeychain(message, process.platform));
        }
      },
      onGivenUp: (message) => {
        void this.#offerRestart(message);
      },
      now: Date.now,
    });
    ipcMain.on(CHANNEL.ready, (event) => {
      this.#pageReady(event);
    });
    this.#tray = createTray(here('../../assets/tray.png'), {
      show: () => {
        this.open(null);
      },
      quit: () => {
        app.quit();
      },
    });
    this.#begun = true;
    await this.#window.show();
  }

  /** Shows a message of the desktop; a click on it opens its cluster. */
  #notify({
    title,
    body,
    clusterId,
  }: {
    readonly title: string;
    readonly body: string;
    readonly clusterId: string;
  }): void {
    const notification = new Notification({ title, body });
    // Without this reference it may be collected, and its click be lost.
    this.#notifications.add(notification);
    const forget = (): void => {
      this.#notifications.delete(notification);
    };
    notification.on('click', () => {
      forget();
      this.open(clusterId);
    });
    notification.on('close', forget);
    notification.on('failed', forget);
    notification.show();
  }

  /** Brings the window to the front, and the page to a cluster; before the shell has begun it is only noted. */
  open(clusterId: string | null): void {
    this.#wanted = clusterId ?? this.#wanted;
    if (!this.#begun) return;
    void this.#window.show();
    this.#showWanted();
  }

  /** Whether quitting must wait: for the window, which may ask the user and stay, then for the core to end in order. */
  quit(): boolean {
    if (this.#quitting === 'closed') return false;
    const window = this.#window.current();
    if (this.#quitting === 'no' && window !== null) this.#leave(window);
    else if (this.#quitting === 'no') {
      this.#quitting = 'closing';
      this.#tray?.destroy();
      void (this.#core?.close() ?? Promise.resolve()).finally(() => {
        this.#quitting = 'closed';
        app.quit();
      });
    }
    return true;
  }

  /** Closes the window and quits after it; where the user stays, nothing is quit, also when the window is closed later. */
  #leave(window: BrowserWindow): void {
    const quit = (): void => {
      app.quit();
    };
    window.once('closed', quit);
    window.webContents.once('will-prevent-unload', ({ defaultPrevented }) => {
      if (!defaultPrevented) window.off('closed', quit);
    });
    window.close();
  }

  /** Only the page in our window gets a port, not a frame in it and not another page. */
  #pageReady(event: IpcMainEvent): void {
    const frame = event.senderFrame;
    if (frame === null || frame !== event.sender.mainFrame || !isOwnPage(frame.url)) return;
    this.#core?.connect(event.sender);
    this.#ready = event.sender;
    event.sender.once('render-process-gone', () => {
      this.#ready = null;
    });
    this.#showWanted();
  }

  #showWanted(): void {
    const window = this.#window.current();
    if (this.#wanted === null || window === null || window.webContents !== this.#ready) return;
    const message: ShellMessage = { type: 'matriarch:open-cluster', clusterId: this.#wanted };
    window.webContents.send(CHANNEL.say, message);
    this.#wanted = null;
  }

  /** In a dialog of the desktop, which the page can neither answer nor cover. Closed without an answer it is a no. */
  async #confirm({ message, detail, agree }: ConsentWords): Promise<boolean> {
    const options: MessageBoxOptions = {
      type: 'question',
      message,
      detail,
      buttons: [agree, 'Cancel'],
      defaultId: 1,
      cancelId: 1,
      noLink: true,
    };
    const window = this.#window.current();
    const asked = window === null ? dialog.showMessageBox(options) : dialog.showMessageBox(window, options);
    return asked.then(
      ({ response }) => response === 0,
      () => false,
    );
  }

  async #offerWindow(message: string): Promise<void> {
    const choice = await dialog.showMessageBox({
      type: 'error',
      message,
      detail: 'What runs on servers goes on.',
      buttons: ['Open the window again', 'Quit'],
      defaultId: 0,
      cancelId: 1,
    });
    if (choice.response === 0) void this.#window.show();
    else app.quit();
  }

  async #offerRestart(message: string): Promise<void> {
    const choice = await dialog.showMessageBox({
      type: 'error',
      message,
      detail: 'The log in the data directory says more.',
      buttons: ['Start the core again', 'Quit'],
      defaultId: 0,
      cancelId: 1,
    });
    if (choice.response === 0) this.#core?.restart();
    else app.quit();
  }
}

function coreStart(): CoreStart {
  return {
    dataDirectory: dataDirectory(thisPlace()),
    homeDirectory: homedir(),
    version: app.getVersion(),
    user: userInfo().username,
    keychain: keychainBackend(process.platform),
    demo: process.argv.includes('--demo'),
  };
}
