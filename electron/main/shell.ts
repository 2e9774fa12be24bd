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
import { openWindow } from './window';

/** Everything lies beside dist/main, in the package as in the repository. */
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Starts the desktop app, or hands over to the one that runs already. */
export async function startShell(): Promise<void> {
  declareScheme();
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  app.setAsDefaultProtocolClient('matriarch');
  app.enableSandbox();
  const shell = new Shell();
  app.on('second-instance', (_event, argv) => {
    shell.open(clusterOfArguments(argv));
  });
  app.on('open-url', (event, url) => {
    event.preventDefault();
    shell.open(clusterOfLink(url));
  });
  app.on('window-all-closed', () => {
    app.quit();
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
  #window: BrowserWindow | null = null;
  #core: CoreLink | null = null;
  #tray: Tray | null = null;
  #wanted: string | null = clusterOfArguments(process.argv);
  #quitting: 'no' | 'closing' | 'closed' = 'no';

  async begin(): Promise<void> {
    lockSession(session.defaultSession);
    serveScheme(here('../renderer'));
    setMenu(process.platform);
    this.#core = createCoreLink({
      program: here('../core/core-main.js'),
      start: coreStart,
      onMessage: (message, reply) => {
        switch (message.kind) {
          case 'notify':
            new Notification({ title: message.title, body: message.body }).show();
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
    await this.#openWindow();
  }

  /** Brings the window to the front, and the page to a cluster. */
  open(clusterId: string | null): void {
    this.#wanted = clusterId ?? this.#wanted;
    const window = this.#window;
    if (window === null) {
      if (app.isReady()) void this.#openWindow();
      return;
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
    this.#showWanted();
  }

  /** Whether quitting must wait for the core to end in order. */
  quit(): boolean {
    if (this.#quitting === 'closed') return false;
    if (this.#quitting === 'no') {
      this.#quitting = 'closing';
      this.#tray?.destroy();
      void (this.#core?.close() ?? Promise.resolve()).finally(() => {
        this.#quitting = 'closed';
        app.quit();
      });
    }
    return true;
  }

  async #openWindow(): Promise<void> {
    const window = await openWindow({
      preload: here('../preload/preload.cjs'),
      stateFile: join(dataDirectory(thisPlace()), 'window.json'),
      icon: here('../../assets/icon.png'),
    });
    window.on('closed', () => {
      this.#window = null;
    });
    this.#window = window;
  }

  /** Only the page in our window gets a port, not a frame in it and not another page. */
  #pageReady(event: IpcMainEvent): void {
    const frame = event.senderFrame;
    if (frame === null || frame !== event.sender.mainFrame || !isOwnPage(frame.url)) return;
    this.#core?.connect(event.sender);
    this.#showWanted();
  }

  #showWanted(): void {
    if (this.#wanted === null || this.#window === null) return;
    const message: ShellMessage = { type: 'matriarch:open-cluster', clusterId: this.#wanted };
    this.#window.webContents.send(CHANNEL.say, message);
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
    const asked = this.#window === null ? dialog.showMessageBox(options) : dialog.showMessageBox(this.#window, options);
    return asked.then(
      ({ response }) => response === 0,
      () => false,
    );
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
