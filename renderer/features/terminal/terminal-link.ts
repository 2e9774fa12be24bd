import type { AppErrorData } from '../../../shared/model/app-error';
import type {
  OpenedTerminal,
  TerminalEnd,
  TerminalSize,
  TerminalTarget,
} from '../../../shared/model/terminal/terminal';
import { ACKNOWLEDGE_AFTER } from '../../../shared/rules/terminal/output-window';
import type { Undo } from '../../../shared/model/undo';
import { errorDataOf } from '../../rpc/errors';
import type { Page } from '../../rpc/page';
import { fromBase64, joinBytes, toBase64 } from './bytes';

/** Where a terminal stands. */
export type TerminalPhase =
  | { readonly kind: 'opening' }
  | { readonly kind: 'refused'; readonly error: AppErrorData }
  | { readonly kind: 'open'; readonly opened: OpenedTerminal }
  | { readonly kind: 'ended'; readonly opened: OpenedTerminal; readonly end: TerminalEnd };

/** What a screen offers to a terminal: it takes bytes and says when it has shown them. */
export interface TerminalScreen {
  write(bytes: Uint8Array, onShown: () => void): void;
  size(): TerminalSize;
}

/** A terminal of the core, as its screen uses it. */
export interface TerminalLink {
  type(bytes: Uint8Array): void;
  resize(size: TerminalSize): void;
  /** The id of the open terminal; null while there is none. */
  id(): string | null;
  /** Ends it, and says nothing any more. */
  dispose(): void;
}

/** Most bytes of input in one call: a large paste goes in pieces, each when the server has taken the one before. */
const PIECE = 32 * 1024;

/** Opens a terminal and joins it with a screen: output is acknowledged as it is shown, input goes in the order of typing. */
export function linkTerminal(
  page: Page,
  screen: TerminalScreen,
  wanted: { readonly target: TerminalTarget; readonly unchecked: boolean },
  onPhase: (phase: TerminalPhase) => void,
): TerminalLink {
  const link = new Link(page, screen, onPhase);
  void link.open(wanted);
  return link;
}

class Link implements TerminalLink {
  readonly #page: Page;
  readonly #screen: TerminalScreen;
  readonly #onPhase: (phase: TerminalPhase) => void;
  #opened: OpenedTerminal | null = null;
  #leave: Undo | null = null;
  #disposed = false;
  #received = 0;
  #shown = 0;
  #acknowledged = 0;
  #typed: Uint8Array[] = [];
  #sending = false;

  constructor(page: Page, screen: TerminalScreen, onPhase: (phase: TerminalPhase) => void) {
    this.#page = page;
    this.#screen = screen;
    this.#onPhase = onPhase;
  }

  async open(wanted: { readonly target: TerminalTarget; readonly unchecked: boolean }): Promise<void> {
    this.#say({ kind: 'opening' });
    try {
      const opened = await this.#page.call((client) => client.terminals.open({ ...wanted, size: this.#screen.size() }));
      this.#opened = opened;
      if (this.#disposed) {
        this.#closeThere(opened.id);
        return;
      }
      this.#say({ kind: 'open', opened });
      this.resize(this.#screen.size());
      this.#listen(opened);
    } catch (thrown) {
      this.#say({ kind: 'refused', error: errorDataOf(thrown) });
    }
  }

  id(): string | null {
    return this.#leave === null ? null : (this.#opened?.id ?? null);
  }

  type(bytes: Uint8Array): void {
    if (this.id() === null) return;
    this.#typed.push(bytes);
    if (!this.#sending) void this.#send();
  }

  resize(size: TerminalSize): void {
    const id = this.#opened?.id;
    // A terminal that ended meanwhile has no size; the end itself is told by the stream.
    if (id !== undefined)
      this.#page.core.call((client) => client.terminals.resize({ id, size })).catch(() => undefined);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const id = this.id();
    this.#stop();
    if (id !== null) this.#closeThere(id);
  }

  #listen(opened: OpenedTerminal): void {
    this.#leave = this.#page.core.listen(
      (client, signal) => client.terminals.output({ id: opened.id, from: this.#received }, { signal }),
      (item) => {
        if (item.kind === 'ended') this.#end(opened, item.end);
        else this.#show(opened.id, fromBase64(item.data));
      },
      (problem) => {
        const error = errorDataOf(problem);
        if (error.code === 'terminal.gone') this.#end(opened, { kind: 'lost', error });
      },
    );
  }

  #show(id: string, bytes: Uint8Array): void {
    this.#received += bytes.length;
    this.#screen.write(bytes, () => {
      this.#shown += bytes.length;
      if (this.#shown - this.#acknowledged < ACKNOWLEDGE_AFTER || this.#disposed) return;
      const upTo = this.#shown;
      this.#acknowledged = upTo;
      // A lost acknowledgement is made up for by the next: each names all that was shown.
      this.#page.core.call((client) => client.terminals.acknowledge({ id, upTo })).catch(() => undefined);
    });
  }

  async #send(): Promise<void> {
    this.#sending = true;
    try {
      for (let id = this.id(); id !== null && this.#typed.length > 0; id = this.id()) {
        const whole = joinBytes(this.#typed);
        this.#typed = whole.length > PIECE ? [whole.subarray(PIECE)] : [];
        const call = { id, data: toBase64(whole.subarray(0, PIECE)) };
        await this.#page.core.call((client) => client.terminals.write(call));
      }
    } catch {
      // What was not sent is not sent later, when it would surprise.
      this.#typed = [];
    } finally {
      this.#sending = false;
    }
  }

  #end(opened: OpenedTerminal, end: TerminalEnd): void {
    this.#stop();
    this.#say({ kind: 'ended', opened, end });
  }

  #stop(): void {
    this.#leave?.();
    this.#leave = null;
    this.#typed = [];
  }

  #closeThere(id: string): void {
    // The core closes it by itself when nobody reads it.
    this.#page.core.call((client) => client.terminals.close({ id })).catch(() => undefined);
  }

  #say(phase: TerminalPhase): void {
    if (!this.#disposed) this.#onPhase(phase);
  }
}
