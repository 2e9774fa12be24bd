import type { BrowserWindow, RenderProcessGoneDetails } from 'electron';

/** How the one window is made and what becomes of its troubles. */
export interface OneWindowDeps {
  readonly create: () => Promise<BrowserWindow>;
  readonly load: (window: BrowserWindow) => Promise<void>;
  /** The window cannot be shown; the sentence is for the user. */
  readonly onFailed: (sentence: string) => void;
  readonly now: () => number;
}

/** More ends of the page's process than this within a minute are not an accident. */
const MOST_RELOADS = 3;
const RELOAD_WINDOW_MS = 60_000;

/** The app's only window: opened once however many ask for it at one time, and loaded anew when its page's process ends. */
export class OneWindow {
  readonly #deps: OneWindowDeps;
  #window: BrowserWindow | null = null;
  #opening: Promise<void> | null = null;
  #ends: number[] = [];
  /** Whether the last window came to be, loaded or not. */
  #wasMade = false;

  constructor(deps: OneWindowDeps) {
    this.#deps = deps;
  }

  /** The window while it is there, also while its page is still loading. */
  current(): BrowserWindow | null {
    return this.#window;
  }

  /** Brings the window to the front; opens it when it is not there. */
  async show(): Promise<void> {
    const window = this.#window;
    if (window === null) {
      this.#opening ??= this.#open().then((failure) => {
        this.#opening = null;
        if (failure !== null) this.#deps.onFailed(failure);
      });
      return this.#opening;
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  /** Answers why it could not be opened; null when it could. */
  async #open(): Promise<string | null> {
    this.#wasMade = false;
    try {
      const window = await this.#deps.create();
      this.#wasMade = true;
      this.#window = window;
      window.on('closed', () => {
        if (this.#window === window) this.#window = null;
      });
      window.webContents.on('render-process-gone', (_event, details) => {
        this.#pageGone(window, details);
      });
      await this.#deps.load(window);
      return null;
    } catch (thrown) {
      return this.#failure(thrown);
    }
  }

  /** A window that was closed while it loaded has not failed. */
  #failure(thrown: unknown): string | null {
    const window = this.#window;
    this.#window = null;
    if (window === null && this.#wasMade) return null;
    window?.destroy();
    return `The window could not be opened: ${thrown instanceof Error ? thrown.message : String(thrown)}.`;
  }

  #pageGone(window: BrowserWindow, { reason }: RenderProcessGoneDetails): void {
    if (reason === 'clean-exit' || this.#window !== window) return;
    const now = this.#deps.now();
    this.#ends = [...this.#ends.filter((at) => now - at < RELOAD_WINDOW_MS), now];
    if (this.#ends.length <= MOST_RELOADS) window.webContents.reload();
    else {
      this.#ends = [];
      this.#window = null;
      window.destroy();
      this.#deps.onFailed(`The page ended again and again (${reason}).`);
    }
  }
}
