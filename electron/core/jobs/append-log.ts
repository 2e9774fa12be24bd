import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { appError } from '../../../shared/model/app-error';

/** A file of JSON lines that only grows. `append` returns after the line is on the disk when `sync` is true. */
export interface AppendLog {
  append(record: unknown, sync: boolean): void;
  close(): void;
}

/**
 * Reads a file of JSON lines; a missing file is empty. A line that is not JSON (incomplete after a crash or a full
 * disk) is left out: what follows it is still read.
 */
export function readLines(path: string): unknown[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').flatMap(parseLine);
}

function parseLine(line: string): unknown[] {
  if (line.trim() === '') return [];
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

/** Replaces the file by these records in one step: a crash leaves either the old file or the new one. */
export function rewrite(path: string, records: readonly unknown[]): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

/** Opens a file of JSON lines for appending, 0600 in a 0700 directory. Writing throws `job.journal_failed`. */
export function openAppendLog(path: string): AppendLog {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(path, 'a', 0o600);
  let open = true;
  return {
    append(record, sync) {
      if (!open) return;
      writeWhole(file, path, `${JSON.stringify(record)}\n`, sync);
    },
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}

/** Written synchronously on purpose: what must be on the disk before an act may not wait in a queue behind it. */
function writeWhole(file: number, path: string, line: string, sync: boolean): void {
  const before = fstatSync(file).size;
  try {
    writeSync(file, line);
    if (sync) fsyncSync(file);
  } catch (cause) {
    takeBack(file, before);
    throw appError('job.journal_failed', `The journal ${path} cannot be written.`, {
      target: path,
      hint: 'Make room on the disk or check the rights of the directory, then try again.',
      cause,
    });
  }
}

/** Takes away what a full disk left of a line, so that the next one does not stand behind it. */
function takeBack(file: number, size: number): void {
  try {
    ftruncateSync(file, size);
  } catch {
    // The failed write is what is told; the rest of a line is left out when the file is read.
  }
}

/** Ends an incomplete last line, so that the next record starts on a line of its own. */
export function endIncompleteLine(path: string): void {
  if (!existsSync(path)) return;
  const text = readFileSync(path);
  if (text.length === 0 || text[text.length - 1] === 0x0a) return;
  const file = openSync(path, 'r+');
  try {
    ftruncateSync(file, text.lastIndexOf(0x0a) + 1);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
