import { BrowserWindow, screen } from 'electron';
import { PAGE_ORIGIN } from './app-scheme';
import { lockContents } from './lockdown';
import { DEFAULT_SIZE, readWindowState, writeWindowState } from './window-state';

/** What a window is made with. */
export interface WindowOptions {
  readonly preload: string;
  readonly stateFile: string;
  readonly icon: string;
}

/** Makes the window where it was last, still without a page; it shows itself when the page can be drawn. */
export async function createWindow(options: WindowOptions): Promise<BrowserWindow> {
  const state = await readWindowState(
    options.stateFile,
    screen.getAllDisplays().map((display) => display.workArea),
  );
  const window = new BrowserWindow({
    ...(state === null ? DEFAULT_SIZE : { x: state.x, y: state.y, width: state.width, height: state.height }),
    minWidth: 720,
    minHeight: 480,
    show: false,
    title: 'Matriarch',
    icon: options.icon,
    backgroundColor: '#1c2127',
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
    },
  });
  lockContents(window.webContents);
  if (state?.maximized === true) window.maximize();
  window.once('ready-to-show', () => {
    window.show();
  });
  window.on('close', () => {
    keepState(window, options.stateFile);
  });
  return window;
}

/** Loads the page; rejects with Electron's own error when that fails. */
export async function loadPage(window: BrowserWindow): Promise<void> {
  await window.loadURL(`${PAGE_ORIGIN}/index.html`);
}

function keepState(window: BrowserWindow, path: string): void {
  const bounds = window.getNormalBounds();
  void writeWindowState(path, {
    x: bounds.x,
    y: bounds.y,
    width: bounds.width,
    height: bounds.height,
    maximized: window.isMaximized(),
  }).catch(() => undefined);
}
