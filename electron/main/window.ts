import { BrowserWindow, dialog, screen } from 'electron';
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
  // The page asks to stay while a terminal is open in it; Electron by itself would not ask, and not close.
  window.webContents.on('will-prevent-unload', (event) => {
    if (agreesToLeave(window)) event.preventDefault();
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

/** Waits for the answer: Chromium asks once, and goes on by what is said then. */
function agreesToLeave(window: BrowserWindow): boolean {
  const button = dialog.showMessageBoxSync(window, {
    type: 'question',
    message: 'A terminal is still open.',
    detail: 'What runs in it is hung up on when the window closes.',
    buttons: ['Close the window', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  });
  return button === 0;
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
