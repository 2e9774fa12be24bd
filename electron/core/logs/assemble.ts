import type { LogLevel, LogRecord, LogService } from '../../../shared/model/logs/log-record';
import { cleanLogText, cutLogText, MOST_ENTRY_BYTES } from '../../../shared/rules/logs/clean-text';
import { readJournalEntry, type JournalEntry } from '../../../shared/rules/logs/journal-entry';
import { maskLogText } from '../../../shared/rules/logs/mask-log-text';
import {
  isWholeCsvRow,
  readCsvLog,
  readFileLine,
  readLogLine,
  type LogDialect,
  type ParsedLogLine,
} from '../../../shared/rules/logs/read-line';
import { LineSplitter, type SplitLine } from './frames';

/** Whose lines these are, and how their times become this computer's. */
export interface LogOrigin {
  readonly member: string;
  readonly serverId: string;
  /** Of the server's clock, ms; taken off. */
  readonly offsetMs: () => number;
  /** The server's zone, minutes east of UTC. */
  readonly zone: () => number;
  /** ms since the epoch by this computer's clock. */
  readonly now: () => number;
}

/** An entry that may still be continued. */
interface OpenEntry {
  readonly id: string;
  readonly serverAt: number;
  readonly level: LogLevel;
  readonly service: LogService;
  readonly source: string;
  readonly lines: string[];
  size: number;
  cutBytes: number;
}

/** Makes records of lines: an entry is done when the next one begins, or when it is flushed. */
class EntryBuilder {
  readonly #origin: LogOrigin;
  #open: OpenEntry | null = null;
  /** Time of the last entry that had one: for lines that have none. */
  #lastAt: number | null = null;

  constructor(origin: LogOrigin) {
    this.#origin = origin;
  }

  get serverNow(): number {
    return this.#origin.now() + this.#origin.offsetMs();
  }

  add(line: ParsedLogLine, where: { readonly id: string; readonly source: string } & Written): LogRecord | null {
    if (line.kind === 'more' && this.#open !== null && this.#open.source === where.source) {
      this.#continue(this.#open, line.text, where.cutBytes);
      return null;
    }
    const done = this.flush();
    const at = (line.kind === 'entry' ? line.at : null) ?? where.at ?? this.#lastAt ?? this.serverNow;
    this.#lastAt = at;
    this.#open = {
      id: where.id,
      serverAt: where.at ?? at,
      level: (line.kind === 'entry' ? line.level : null) ?? where.level,
      service: (line.kind === 'entry' ? line.service : undefined) ?? where.service,
      source: where.source,
      lines: [],
      size: 0,
      cutBytes: 0,
    };
    this.#continue(this.#open, line.text, where.cutBytes);
    return done;
  }

  flush(): LogRecord | null {
    const open = this.#open;
    this.#open = null;
    if (open === null) return null;
    const { lines, size: _size, ...entry } = open;
    const { member, serverId, offsetMs } = this.#origin;
    return { ...entry, member, serverId, at: entry.serverAt - offsetMs(), text: maskLogText(lines.join('\n')) };
  }

  #continue(open: OpenEntry, text: string, cutBytes: number): void {
    const cut = cutLogText(text);
    open.cutBytes += cutBytes + cut.cutBytes;
    const bytes = Buffer.byteLength(cut.text);
    if (open.size + bytes > MOST_ENTRY_BYTES) {
      open.cutBytes += bytes;
      return;
    }
    open.size += bytes + 1;
    open.lines.push(cleanLogText(cut.text));
  }
}

/** What is known of a line besides its text. */
interface Written {
  readonly at: number | null;
  readonly level: LogLevel;
  readonly service: LogService;
  readonly cutBytes: number;
}

const present = <T>(items: readonly (T | null)[]): readonly T[] => items.filter((item) => item !== null);

/** The entries of one file. Bytes come in the order of their offsets; a jump or another inode begins anew. */
export class FileEntries {
  readonly #origin: LogOrigin;
  readonly #service: LogService;
  readonly #path: string;
  readonly #builder: EntryBuilder;
  #splitter = new LineSplitter(MOST_ENTRY_BYTES);
  #inode = '';
  /** Of the next byte that continues what was read. */
  #next = -1;
  #skipsFirst = false;
  /** The rows of csvlog that are not whole yet. */
  #row: { readonly offset: number; text: string; cutBytes: number } | null = null;

  constructor(origin: LogOrigin, service: LogService, path: string) {
    this.#origin = origin;
    this.#service = service;
    this.#path = path;
    this.#builder = new EntryBuilder(origin);
  }

  /** Where to go on reading: everything before was made into entries or is held as an open one. */
  get position(): { readonly inode: string; readonly offset: number } | null {
    return this.#inode === '' ? null : { inode: this.#inode, offset: this.#next };
  }

  read(inode: string, offset: number, bytes: Buffer): readonly LogRecord[] {
    const done = inode === this.#inode && offset === this.#next ? [] : this.#begin(inode, offset);
    this.#next = offset + bytes.length;
    const lines = this.#splitter.push(bytes).flatMap((line) => this.#line(line));
    return [...done, ...lines];
  }

  /** Ends the entry that is open: nothing came for a while, or nothing will. `all`: a line without an end too. */
  flush(all = false): readonly LogRecord[] {
    const rest = all ? this.#splitter.rest() : null;
    const lines = rest === null ? [] : this.#line(rest);
    const row = all ? this.#row : null;
    if (row !== null) this.#row = null;
    const last = row === null ? null : this.#add(row.offset, row.text, row.cutBytes);
    return present([...lines, last, this.#builder.flush()]);
  }

  #begin(inode: string, offset: number): readonly LogRecord[] {
    const done = this.#inode === '' ? [] : this.flush(true);
    this.#inode = inode;
    this.#splitter = new LineSplitter(MOST_ENTRY_BYTES, offset);
    // In the middle of a file the first line is most likely the end of one.
    this.#skipsFirst = offset > 0;
    return done;
  }

  #line(line: SplitLine): readonly LogRecord[] {
    if (this.#skipsFirst) {
      this.#skipsFirst = false;
      return [];
    }
    const text = line.bytes.toString('utf8');
    if (!this.#path.endsWith('.csv')) return present([this.#add(line.offset, text, line.cutBytes)]);
    return present([this.#addToRow(line.offset, text, line.cutBytes)]);
  }

  #addToRow(offset: number, text: string, cutBytes: number): LogRecord | null {
    const row = this.#row ?? { offset, text: '', cutBytes: 0 };
    const whole = row.text === '' ? text : `${row.text}\n${text}`;
    const isLong = whole.length > MOST_ENTRY_BYTES || cutBytes > 0;
    if (!isLong && !isWholeCsvRow(whole)) {
      this.#row = { ...row, text: whole, cutBytes: row.cutBytes + cutBytes };
      return null;
    }
    this.#row = null;
    return this.#add(row.offset, whole, row.cutBytes + cutBytes);
  }

  #add(offset: number, text: string, cutBytes: number): LogRecord | null {
    if (text.trim() === '') return null;
    const dialect = {
      service: this.#service,
      serverZone: this.#origin.zone(),
      now: this.#builder.serverNow,
    };
    const line = this.#path.endsWith('.csv') ? readCsvLog(text, dialect) : readFileLine(text, dialect);
    return this.#builder.add(line, {
      id: `${this.#origin.serverId}:${this.#inode}:${String(offset)}`,
      source: this.#path,
      at: null,
      level: 'info',
      service: this.#service,
      cutBytes,
    });
  }
}

const decodeBytes = (bytes: readonly number[]): string => Buffer.from(bytes).toString('utf8');

/** An entry whose line is longer than what is kept: its cursor and time stand first in it. */
function headOfEntry(line: string, cutBytes: number): JournalEntry | null {
  const word = (name: string): string => new RegExp(`"${name}":"([^"]*)"`).exec(line)?.[1] ?? '';
  const head = JSON.stringify({
    __CURSOR: word('__CURSOR'),
    __REALTIME_TIMESTAMP: word('__REALTIME_TIMESTAMP'),
    _SYSTEMD_UNIT: word('_SYSTEMD_UNIT'),
    MESSAGE: `(an entry of ${String(line.length + cutBytes)} bytes, too long to be read)`,
  });
  return readJournalEntry(head, decodeBytes);
}

/** The entries of a server's journal, from lines of `journalctl -o json`. */
export class JournalEntries {
  readonly #origin: LogOrigin;
  readonly #builder: EntryBuilder;
  #cursor: string | null = null;

  constructor(origin: LogOrigin) {
    this.#origin = origin;
    this.#builder = new EntryBuilder(origin);
  }

  /** Of the last entry that was read. */
  get cursor(): string | null {
    return this.#cursor;
  }

  /** null where the line is no entry: then it is a word of journalctl itself. */
  read(line: string, cutBytes = 0): readonly LogRecord[] | null {
    const entry = cutBytes > 0 ? headOfEntry(line, cutBytes) : readJournalEntry(line, decodeBytes);
    if (entry === null) return null;
    this.#cursor = entry.cursor;
    return this.#lines(entry, cutBytes);
  }

  flush(): readonly LogRecord[] {
    return present([this.#builder.flush()]);
  }

  /** A message may hold several lines; the program that wrote them meant each as one. */
  #lines(entry: JournalEntry, cutBytes: number): readonly LogRecord[] {
    const dialect: LogDialect = { service: entry.service, serverZone: this.#origin.zone(), now: entry.at };
    const [first = '', ...rest] = entry.message.split('\n');
    const isNamed = entry.unit === 'kernel' || first.startsWith(`${entry.unit}: `);
    const text = entry.service === 'system' && !isNamed ? `${entry.unit}: ${first}` : first;
    const line = readLogLine(text, dialect);
    const where = {
      id: `${this.#origin.serverId}:${entry.cursor}`,
      source: entry.unit,
      at: entry.at,
      level: entry.level,
      service: entry.service,
      cutBytes,
    };
    const done = this.#builder.add(line, where);
    for (const more of rest) this.#builder.add({ kind: 'more', text: more }, { ...where, cutBytes: 0 });
    return present([done]);
  }
}
