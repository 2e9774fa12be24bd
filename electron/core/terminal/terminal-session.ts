import { setImmediate } from 'node:timers/promises';
import type { TerminalEnd, TerminalItem, TerminalSize } from '../../../shared/model/terminal/terminal';
import { mayFlow } from '../../../shared/rules/terminal/output-window';
import { onAbort } from '../platform/wait';
import type { RemoteShell } from '../ssh/remote';

/** Bytes in one piece of output. */
const PIECE = 64 * 1024;

/** A terminal whose output nobody reads is closed after this time: its window is gone. ms */
const UNREAD_MS = 30_000;

/** Who reads the output now. */
interface Reader {
  /** How many bytes of the output it has had. */
  at: number;
  wake: () => void;
}

/**
 * One open terminal. Its output is kept until it is acknowledged, so that a page that reconnects misses nothing, and the
 * server waits when too much of it is not.
 */
export class TerminalSession {
  readonly #shell: RemoteShell;
  readonly #lost: () => TerminalEnd;
  /** What was not acknowledged, from the byte `#acknowledged` on. */
  #held: Buffer[] = [];
  #acknowledged = 0;
  #received = 0;
  #flowing = true;
  #end: TerminalEnd | null = null;
  #reader: Reader | null = null;
  #unread: NodeJS.Timeout | null = null;
  /** Resolves when the terminal has ended. */
  readonly done: Promise<void>;

  /** `lost` says how it ended when the connection went. */
  constructor(shell: RemoteShell, lost: () => TerminalEnd) {
    this.#shell = shell;
    this.#lost = lost;
    shell.stream.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    shell.stream.resume();
    this.done = shell.ended.then((end) => {
      this.#finish(end.kind === 'lost' ? this.#lost() : end);
    });
    this.#startUnread();
  }

  get hasEnded(): boolean {
    return this.#end !== null;
  }

  /** The output after the first `from` bytes, then the end. It takes the place of an earlier reader. */
  async *read(from: number, signal?: AbortSignal): AsyncGenerator<TerminalItem, void, void> {
    const reader: Reader = { at: Math.max(from, this.#acknowledged), wake: () => undefined };
    this.#reader?.wake();
    this.#reader = reader;
    this.#stopUnread();
    const undo = onAbort(signal, () => {
      reader.wake();
    });
    try {
      while (this.#reader === reader && signal?.aborted !== true) {
        const piece = this.#pieceFrom(reader.at);
        if (piece.length > 0) {
          reader.at += piece.length;
          yield { kind: 'output', data: piece.toString('base64') };
        } else if (this.#end !== null) {
          yield { kind: 'ended', end: this.#end };
          return;
        } else await this.#more(reader);
      }
    } finally {
      undo();
      if (this.#reader === reader) this.#leave();
    }
  }

  acknowledge(upTo: number): void {
    const known = Math.min(upTo, this.#received);
    let drop = known - this.#acknowledged;
    if (drop <= 0) return;
    this.#acknowledged = known;
    let whole = 0;
    for (const chunk of this.#held) {
      if (chunk.length > drop) break;
      drop -= chunk.length;
      whole += 1;
    }
    this.#held.splice(0, whole);
    const [first] = this.#held;
    if (first !== undefined && drop > 0) this.#held[0] = first.subarray(drop);
    this.#control();
  }

  /** Resolves when the server has taken it, or the terminal has ended. */
  async write(bytes: Buffer): Promise<void> {
    const { stream } = this.#shell;
    if (this.#end !== null || !stream.writable || stream.write(bytes)) return;
    await Promise.race([this.done, new Promise<void>((resolve) => stream.once('drain', resolve))]);
  }

  resize({ columns, rows }: TerminalSize): void {
    if (this.#end === null) this.#shell.resize(columns, rows);
  }

  close(): void {
    if (this.#end === null) this.#finish({ kind: 'closed' });
    this.#shell.close();
  }

  #receive(chunk: Buffer): void {
    if (this.#end?.kind === 'closed') return;
    this.#held.push(chunk);
    this.#received += chunk.length;
    this.#control();
    this.#reader?.wake();
  }

  #control(): void {
    const flows = mayFlow(this.#flowing, this.#received - this.#acknowledged);
    if (flows === this.#flowing) return;
    this.#flowing = flows;
    if (flows) this.#shell.stream.resume();
    else this.#shell.stream.pause();
  }

  #pieceFrom(at: number): Buffer {
    let skip = at - this.#acknowledged;
    let size = 0;
    const pieces: Buffer[] = [];
    for (const chunk of this.#held) {
      if (size >= PIECE) break;
      if (skip >= chunk.length) skip -= chunk.length;
      else {
        const rest = chunk.subarray(skip);
        skip = 0;
        pieces.push(rest);
        size += rest.length;
      }
    }
    return Buffer.concat(pieces, size);
  }

  /** Waits for more; what arrives with it in the same turn of the loop makes one piece. */
  async #more(reader: Reader): Promise<void> {
    await new Promise<void>((resolve) => {
      reader.wake = resolve;
    });
    await setImmediate();
  }

  #finish(end: TerminalEnd): void {
    if (this.#end !== null) return;
    this.#end = end;
    this.#reader?.wake();
  }

  #leave(): void {
    this.#reader = null;
    this.#startUnread();
  }

  #startUnread(): void {
    this.#stopUnread();
    this.#unread = setTimeout(() => {
      this.close();
    }, UNREAD_MS);
    this.#unread.unref();
  }

  #stopUnread(): void {
    if (this.#unread !== null) clearTimeout(this.#unread);
    this.#unread = null;
  }
}
