import type { LogRecord, LogService } from '../../../shared/model/logs/log-record';
import { isCompressed, isRotationOf, type LogFileStat } from '../../../shared/rules/logs/rotated-files';
import { hasCode } from '../../../shared/model/app-error';
import type { Remote, RunOptions } from '../ssh/remote';
import { FileEntries, JournalEntries, type LogOrigin } from './assemble';
import { readZone, serviceNamed } from './follow-server';
import { LineSplitter } from './frames';
import { LOG_FILE_SCRIPT, LOG_JOURNAL_SCRIPT, LOG_SOURCES_SCRIPT } from './log-scripts';

/** Which part of a server's logs is read: the newest `most` entries of a time, ms since the epoch by this computer's clock. */
export interface LogWindow {
  /** null: from the beginning. */
  readonly from: number | null;
  /** Not included. */
  readonly before: number;
  readonly most: number;
}

/** A part of one source: whether there is more of it that is older. */
interface SourcePart {
  readonly records: readonly LogRecord[];
  readonly isCut: boolean;
}

/** The part of one server: everything since `from` is in it. */
export interface ServerPart {
  readonly records: readonly LogRecord[];
  readonly from: number;
  readonly isCut: boolean;
}

const READ_MS = 30_000;
const STEP_BYTES = 256 * 1024;
const PROBE_BYTES = 32 * 1024;
/** Bytes of files that one call reads at most, for each file. */
const MOST_FILE_BYTES = 4 * 1024 * 1024;
const MOST_JOURNAL_LINE = 4 * 1024 * 1024;

/** Reads a part of a server's journal and files. */
export async function readServerPart(
  remote: Remote,
  origin: Omit<LogOrigin, 'zone'>,
  window: LogWindow,
): Promise<ServerPart> {
  const reader = new PartReader(remote, origin, window);
  const parts = await reader.read();
  const cut = parts.filter((part) => part.isCut).map((part) => part.records[0]?.at ?? window.before);
  const from = Math.max(window.from ?? -Infinity, ...cut);
  const records = parts.flatMap((part) => part.records).filter((record) => record.at >= from);
  return { records, from, isCut: cut.length > 0 };
}

interface LogFile {
  readonly service: LogService;
  readonly path: string;
}

class PartReader {
  readonly #remote: Remote;
  readonly #origin: LogOrigin;
  readonly #window: LogWindow;
  #zone = 0;
  #asRoot = true;

  constructor(remote: Remote, origin: Omit<LogOrigin, 'zone'>, window: LogWindow) {
    this.#remote = remote;
    this.#origin = { ...origin, zone: () => this.#zone };
    this.#window = window;
  }

  async read(): Promise<readonly SourcePart[]> {
    const files = await this.#sources();
    const parts = [await this.#journal()];
    for (const file of files) parts.push(await this.#file(file));
    return parts;
  }

  /** A script's output as bytes, by root where that is allowed. */
  async #run(script: string, args: readonly string[]): Promise<Buffer> {
    const once = async (sudo: boolean): Promise<Buffer> => {
      const pieces: Buffer[] = [];
      const options: RunOptions = {
        timeoutMs: READ_MS,
        sudo,
        onBytes: (chunk, stream) => {
          if (stream === 'stdout') pieces.push(chunk);
          return undefined;
        },
      };
      await this.#remote.script(script, args, options);
      return Buffer.concat(pieces);
    };
    try {
      return await once(this.#asRoot);
    } catch (thrown) {
      if (!this.#asRoot || !hasCode(thrown, 'ssh.sudo_not_allowed')) throw thrown;
      this.#asRoot = false;
      return once(false);
    }
  }

  async #sources(): Promise<readonly LogFile[]> {
    const output = (await this.#run(LOG_SOURCES_SCRIPT, [])).toString('utf8');
    const rows = output.split('\n').map((line) => line.split('\t'));
    this.#zone = readZone(rows.find((row) => row[0] === 'zone')?.[1] ?? '');
    return rows.flatMap(([word, service = '', path = '']) =>
      word === 'file' ? [{ service: serviceNamed(service), path }] : [],
    );
  }

  async #journal(): Promise<SourcePart> {
    const { from, before, most } = this.#window;
    const serverSeconds = (at: number): string => ((at + this.#origin.offsetMs()) / 1000).toFixed(6);
    const output = await this.#run(LOG_JOURNAL_SCRIPT, [
      from === null ? '' : serverSeconds(from),
      serverSeconds(before - 0.001),
      String(most + 1),
    ]);
    const newestFirst = new LineSplitter(MOST_JOURNAL_LINE).push(output);
    const entries = new JournalEntries(this.#origin);
    const records = [...newestFirst]
      .reverse()
      .flatMap((line) => entries.read(line.bytes.toString('utf8'), line.cutBytes) ?? []);
    return { records: [...records, ...entries.flush()], isCut: newestFirst.length > most };
  }

  async #file(file: LogFile): Promise<SourcePart> {
    const listed = (await this.#run(LOG_FILE_SCRIPT, ['list', file.path])).toString('utf8');
    const folder = file.path.slice(0, file.path.lastIndexOf('/') + 1);
    const stats = listed
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => readStat(line, folder));
    const chain = stats.filter((one) => one.path === file.path || isRotationOf(one.path, file.path));
    const serverBefore = this.#window.before + this.#origin.offsetMs();
    // What was last written before the window ends lies in the first file whose predecessor is older than that.
    const start = chain.findIndex((_, index) => (chain[index + 1]?.changedAt ?? -Infinity) < serverBefore);
    return this.#readBack(file, chain.slice(Math.max(0, start)));
  }

  async #readBack(file: LogFile, chain: readonly LogFileStat[]): Promise<SourcePart> {
    const { from, most } = this.#window;
    let kept: readonly LogRecord[] = [];
    let left = MOST_FILE_BYTES;
    for (const [index, listed] of chain.entries()) {
      const one = isCompressed(listed.path) ? { ...listed, size: await this.#sizeOf(listed.path) } : listed;
      let end = index === 0 ? await this.#endOf(file, one) : one.size;
      // Each look at a compressed file reads it from its beginning: few large ones cost less than many small ones.
      const step = isCompressed(one.path) ? MOST_FILE_BYTES : STEP_BYTES;
      while (end > 0) {
        if (left <= 0 || kept.length > most) return { records: kept.slice(-most), isCut: true };
        const begin = Math.max(0, end - step);
        const piece = await this.#parse(file, one, begin, end);
        left -= end - begin;
        kept = [...piece.records.filter((record) => this.#isIn(record)), ...kept];
        if (from !== null && (piece.records[0]?.at ?? Infinity) < from)
          return { records: kept.slice(-most), isCut: kept.length > most };
        // The first line of a piece is whole only where the file begins: it belongs to the piece before.
        end = begin === 0 || piece.firstOffset >= end ? begin : piece.firstOffset;
      }
    }
    return { records: kept.slice(-most), isCut: kept.length > most };
  }

  #isIn(record: LogRecord): boolean {
    const { from, before } = this.#window;
    return record.at < before && (from === null || record.at >= from);
  }

  async #parse(
    file: LogFile,
    { path, inode }: LogFileStat,
    begin: number,
    end: number,
  ): Promise<{ readonly records: readonly LogRecord[]; readonly firstOffset: number }> {
    const bytes = await this.#run(LOG_FILE_SCRIPT, ['read', path, String(begin), String(end - begin)]);
    const entries = new FileEntries(this.#origin, file.service, file.path);
    const records = [...entries.read(inode, begin, bytes), ...entries.flush(true)];
    return { records, firstOffset: Number(records[0]?.id.split(':').at(-1) ?? end) };
  }

  async #sizeOf(path: string): Promise<number> {
    return Number((await this.#run(LOG_FILE_SCRIPT, ['size', path])).toString('utf8'));
  }

  /** Where in a file the window ends: found by halves, since times grow in a log. */
  async #endOf(file: LogFile, stat: LogFileStat): Promise<number> {
    const { before } = this.#window;
    if (stat.changedAt - this.#origin.offsetMs() < before) return stat.size;
    let [low, high] = [0, stat.size];
    while (high - low > STEP_BYTES) {
      const middle = Math.floor((low + high) / 2);
      const { records } = await this.#parse(file, stat, middle, Math.min(stat.size, middle + PROBE_BYTES));
      const at = records[0]?.at;
      if (at === undefined || at >= before) high = middle;
      else low = middle;
    }
    return Math.min(stat.size, high + PROBE_BYTES);
  }
}

function readStat(line: string, folder: string): LogFileStat {
  const [inode = '', size = '', changed = '', ...name] = line.split('\t');
  return { inode, size: Number(size), changedAt: Number(changed) * 1000, path: `${folder}${name.join('\t')}` };
}
