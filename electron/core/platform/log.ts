import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import pino, { type Logger } from 'pino';

/** The app's own log. */
export type Log = Logger;

/** A log file larger than this is set aside as `.1`, bytes. */
const ROTATE_AT = 2 * 1024 * 1024;

/** Where the log goes and what hides secrets in each line before it is written. */
export interface LogOptions {
  readonly path: string;
  readonly mask: (line: string) => string;
}

/** Opens the log: JSON lines, masked, at most two files of 2 MiB, readable by the owner only. */
export function openLog(options: LogOptions): { readonly log: Log; close(): void } {
  const file = new RotatingFile(options.path);
  const write = (line: string): void => {
    file.write(options.mask(line));
  };
  const log = pino({ base: null, level: 'info', timestamp: pino.stdTimeFunctions.isoTime }, { write });
  return {
    log,
    close: () => {
      file.close();
    },
  };
}

class RotatingFile {
  readonly #path: string;
  #handle: number | null;
  #size: number;

  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#handle = openSync(path, 'a', 0o600);
    this.#size = fstatSync(this.#handle).size;
  }

  /** A full disk must not stop the app: a line that cannot be written is lost. */
  write(line: string): void {
    try {
      if (this.#size > ROTATE_AT) this.#rotate();
      if (this.#handle !== null) this.#size += writeSync(this.#handle, line);
    } catch {
      return;
    }
  }

  close(): void {
    if (this.#handle !== null) closeSync(this.#handle);
    this.#handle = null;
  }

  #rotate(): void {
    this.close();
    renameSync(this.#path, `${this.#path}.1`);
    this.#handle = openSync(this.#path, 'a', 0o600);
    this.#size = 0;
  }
}
