import { MessageChannelMain, utilityProcess, type UtilityProcess, type WebContents } from 'electron';
import { LATE, settleWithin } from '../core/platform/wait';
import type { ShellMessage } from '../../shared/model/app/transport';
import { CHANNEL, type CoreStart, type ToCore, type ToMain } from './messages';

/** What main does for the core, and what it receives from it. */
export interface CoreLinkDeps {
  /** The built program of the core. */
  readonly program: string;
  readonly start: () => CoreStart;
  readonly onMessage: (
    message: Exclude<ToMain, { kind: 'ready' | 'closed' | 'refused' }>,
    reply: (message: ToCore) => void,
  ) => void;
  /** The core cannot be kept running; the sentence is for the user. */
  readonly onGivenUp: (message: string) => void;
  readonly now: () => number;
}

/** The core's process and the windows it serves. */
export interface CoreLink {
  /** Gives a window its port to the core, now and after each restart. */
  connect(contents: WebContents): void;
  /** Starts again after it was given up. */
  restart(): void;
  /** Ends the core in order; resolves when it has ended, at the latest after ten seconds. */
  close(): Promise<void>;
}

/** More ends than this within a minute are not an accident. */
const MAX_RESTARTS = 5;
const RESTART_WINDOW_MS = 60_000;
const RESTART_PAUSE_MS = 500;
const CLOSE_LIMIT_MS = 10_000;

/** Starts the core's process and keeps it running. */
export function createCoreLink(deps: CoreLinkDeps): CoreLink {
  const link = new Link(deps);
  link.restart();
  return link;
}

class Link implements CoreLink {
  readonly #deps: CoreLinkDeps;
  readonly #windows = new Set<WebContents>();
  #child: UtilityProcess | null = null;
  #ends: number[] = [];
  #closing = false;

  constructor(deps: CoreLinkDeps) {
    this.#deps = deps;
  }

  restart(): void {
    if (this.#child !== null || this.#closing) return;
    const child = utilityProcess.fork(this.#deps.program, [], { serviceName: 'Matriarch core', stdio: 'inherit' });
    this.#child = child;
    child.on('message', (message: ToMain) => {
      this.#receive(message);
    });
    child.on('exit', (code) => {
      if (this.#child === child) this.#ended(code);
    });
    this.#send({ kind: 'start', options: this.#deps.start() });
    for (const contents of this.#windows) this.#givePort(contents);
  }

  connect(contents: WebContents): void {
    if (!this.#windows.has(contents)) {
      this.#windows.add(contents);
      contents.once('destroyed', () => {
        this.#windows.delete(contents);
      });
    }
    this.#givePort(contents);
  }

  async close(): Promise<void> {
    this.#closing = true;
    const child = this.#child;
    if (child === null) return;
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => {
        resolve();
      });
    });
    this.#send({ kind: 'close' });
    if ((await settleWithin(CLOSE_LIMIT_MS, exited)) === LATE) child.kill();
  }

  #givePort(contents: WebContents): void {
    if (this.#child === null) return;
    const { port1, port2 } = new MessageChannelMain();
    this.#child.postMessage({ kind: 'window' } satisfies ToCore, [port1]);
    contents.postMessage(CHANNEL.port, null, [port2]);
  }

  #receive(message: ToMain): void {
    switch (message.kind) {
      case 'ready':
        return;
      case 'closed':
        this.#child?.kill();
        return;
      case 'refused':
        this.#giveUp(message.message);
        return;
      default:
        this.#deps.onMessage(message, (reply) => {
          this.#send(reply);
        });
    }
  }

  #send(message: ToCore): void {
    this.#child?.postMessage(message);
  }

  #ended(code: number): void {
    this.#child = null;
    if (this.#closing) return;
    const now = this.#deps.now();
    this.#ends = [...this.#ends.filter((at) => now - at < RESTART_WINDOW_MS), now];
    this.#notifyWindows({
      type: 'matriarch:core-lost',
      message: `The core ended unexpectedly (code ${code}). It is started again; what it was doing is in the history as interrupted.`,
    });
    if (this.#ends.length > MAX_RESTARTS) this.#giveUp('The core ended again and again and is not started any more.');
    else
      setTimeout(() => {
        this.restart();
      }, RESTART_PAUSE_MS * this.#ends.length);
  }

  #giveUp(message: string): void {
    this.#ends = [];
    const child = this.#child;
    this.#child = null;
    child?.kill();
    this.#notifyWindows({ type: 'matriarch:core-lost', message });
    this.#deps.onGivenUp(message);
  }

  #notifyWindows(message: ShellMessage): void {
    for (const contents of this.#windows) contents.send(CHANNEL.say, message);
  }
}
