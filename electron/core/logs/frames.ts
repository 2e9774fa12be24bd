/** A piece of what the following script prints on standard output. */
export type LogFrame =
  | { readonly kind: 'line'; readonly fields: readonly string[] }
  | {
      readonly kind: 'data';
      /** The number that the script gave to the file. */
      readonly file: number;
      readonly inode: string;
      /** Of the first byte in its file. */
      readonly offset: number;
      readonly bytes: Buffer;
    };

const LINE_END = 0x0a;

/** A line of the script's own is never longer; more means that the two sides lost each other. */
const MOST_LINE_BYTES = 16 * 1024;

/** Takes the script's output apart, in whatever pieces it comes. Throws where it is not what the script prints. */
export class FrameReader {
  #held: Buffer = Buffer.alloc(0);
  #open: { readonly file: number; readonly inode: string; readonly offset: number; readonly length: number } | null =
    null;

  read(chunk: Buffer): readonly LogFrame[] {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const frames: LogFrame[] = [];
    for (let frame = this.#next(); frame !== null; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): LogFrame | null {
    if (this.#open !== null) return this.#data(this.#open);
    const end = this.#held.indexOf(LINE_END);
    if (end < 0) {
      if (this.#held.length > MOST_LINE_BYTES)
        throw new Error('The script that follows the logs printed something else.');
      return null;
    }
    const fields = this.#held.subarray(0, end).toString('utf8').split('\t');
    this.#held = this.#held.subarray(end + 1);
    if (fields[0] !== '@data') return { kind: 'line', fields };
    const [file, offset, length] = [fields[1], fields[3], fields[4]].map(Number);
    if (file === undefined || offset === undefined || !Number.isSafeInteger(length) || length === undefined)
      throw new Error('The script that follows the logs printed a frame without its length.');
    this.#open = { file, inode: fields[2] ?? '', offset, length };
    return this.#data(this.#open);
  }

  #data(open: { readonly file: number; readonly inode: string; readonly offset: number; readonly length: number }) {
    if (this.#held.length < open.length) return null;
    const { length, ...frame } = open;
    const bytes = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    this.#open = null;
    return { kind: 'data' as const, ...frame, bytes };
  }
}

/** One line with where it began; what is beyond the most that is kept is counted. */
export interface SplitLine {
  readonly offset: number;
  readonly bytes: Buffer;
  readonly cutBytes: number;
}

/** Bytes as lines, in whatever pieces they come; a line without an end is held, at most `most` bytes of it. */
export class LineSplitter {
  readonly #most: number;
  #parts: Buffer[] = [];
  #kept = 0;
  #cut = 0;
  #offset: number;

  /** `offset`: of the first byte that will come. */
  constructor(most: number, offset = 0) {
    this.#most = most;
    this.#offset = offset;
  }

  /** Where the line that is held began: everything before it was given out. */
  get offset(): number {
    return this.#offset;
  }

  push(chunk: Buffer): readonly SplitLine[] {
    const lines: SplitLine[] = [];
    let from = 0;
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, from)) {
      this.#keep(chunk.subarray(from, end));
      lines.push(this.#line(1));
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
    return lines;
  }

  /** What is held, as a line of its own; null where nothing is. */
  rest(): SplitLine | null {
    return this.#kept + this.#cut === 0 ? null : this.#line(0);
  }

  #keep(piece: Buffer): void {
    const kept = piece.subarray(0, Math.max(0, this.#most - this.#kept));
    // A copy: the piece is a part of a larger buffer that would be kept with it.
    if (kept.length > 0) this.#parts.push(Buffer.from(kept));
    this.#kept += kept.length;
    this.#cut += piece.length - kept.length;
  }

  #line(endLength: number): SplitLine {
    const line = { offset: this.#offset, bytes: Buffer.concat(this.#parts), cutBytes: this.#cut };
    this.#offset += this.#kept + this.#cut + endLength;
    this.#parts = [];
    this.#kept = 0;
    this.#cut = 0;
    return line;
  }
}
