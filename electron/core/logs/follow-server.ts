import { AppError, appError, hasCode, type AppErrorData } from '../../../shared/model/app-error';
import type {
  ClockOffset,
  LogGap,
  LogGapCause,
  LogRecord,
  LogServer,
  LogSource,
} from '../../../shared/model/logs/log-record';
import { serviceOfUnit } from '../../../shared/rules/logs/journal-entry';
import { logServices } from '../../../shared/model/logs/log-record';
import type { Undo } from '../../../shared/model/undo';
import { backoffMs } from '../platform/backoff';
import { sleep } from '../platform/wait';
import type { Remote } from '../ssh/remote';
import { FileEntries, JournalEntries, type LogOrigin } from './assemble';
import { FrameReader, LineSplitter, type LogFrame } from './frames';
import { LOG_FOLLOW_SCRIPT } from './log-scripts';
import { measureClock } from './measure-clock';

/** Whom a server's lines are given to. */
export interface LogSink {
  /** While the promise is pending the server is read no further. */
  records(records: readonly LogRecord[]): Promise<void> | undefined;
  gap(gap: LogGap): void;
  server(server: LogServer): void;
}

/** What one server is followed with. */
export interface FollowDeps {
  readonly remote: Remote;
  readonly member: string;
  readonly now: () => number;
  readonly sink: LogSink;
  /** The clock was measured: others who read this server's logs need it too. */
  readonly onClock: (clock: ClockOffset) => void;
}

/** The lines of the journal to begin with. */
const FIRST_LINES = 200;
/** The script is started anew after this time, from where it was. */
const RUN_MS = 6 * 3_600_000;
/** The script says something every five seconds; after this silence the connection counts as lost. */
const SILENCE_MS = 25_000;
/** An entry may be continued by lines that come so much later. */
const SETTLE_MS = 250;
const CLOCK_EVERY_MS = 5 * 60_000;
/** A clock that was set by more than this is measured again at once, but no sooner than so long after the last time. */
const CLOCK_JUMP_MS = 2_000;
const CLOCK_REST_MS = 10_000;
const RETRY = { minMs: 1_000, maxMs: 30_000 };
const MOST_JOURNAL_LINE = 4 * 1024 * 1024;

/** The zone's text of date(1), "+0130", in minutes east of UTC. */
export function readZone(text: string): number {
  const found = /^([+-])(\d\d)(\d\d)$/.exec(text.trim());
  const minutes = Number(found?.[2] ?? 0) * 60 + Number(found?.[3] ?? 0);
  return found?.[1] === '-' ? -minutes : minutes;
}

/** The service that the script named. */
export function serviceNamed(word: string): LogSource['service'] {
  return logServices.find((one) => one === word) ?? 'system';
}

/** Follows the logs of one server until undone; a lost connection is made again, from where it was. */
export function followServer(deps: FollowDeps): Undo {
  const ending = new AbortController();
  const follower = new ServerFollower(deps, ending.signal);
  void follower.run();
  return () => {
    ending.abort();
  };
}

class ServerFollower {
  readonly #deps: FollowDeps;
  readonly #ended: AbortSignal;
  readonly #origin: LogOrigin;
  readonly #journal: JournalEntries;
  /** By the path; the script's numbers are those of one run. */
  readonly #files = new Map<string, FileEntries>();
  #numbers = new Map<number, FileEntries>();
  #server: LogServer;
  #zone = 0;
  #asRoot = true;
  #failures = 0;
  #heardAt: number;
  #gap: LogGap | null = null;
  #gaps = 0;
  #flushing: NodeJS.Timeout | undefined;

  constructor(deps: FollowDeps, ended: AbortSignal) {
    this.#deps = deps;
    this.#ended = ended;
    this.#heardAt = deps.now();
    const { remote, member } = deps;
    this.#origin = {
      member,
      serverId: remote.serverId,
      now: deps.now,
      offsetMs: () => this.#server.clock?.offsetMs ?? 0,
      zone: () => this.#zone,
    };
    this.#server = {
      serverId: remote.serverId,
      member,
      name: remote.name,
      status: 'connecting',
      error: null,
      clock: null,
      sources: [],
      notice: null,
    };
    this.#journal = new JournalEntries(this.#origin);
  }

  async run(): Promise<void> {
    this.#show({});
    while (!this.#ended.aborted) {
      const error = await this.#attempt();
      if (this.#ended.aborted) break;
      if (error === null) continue;
      this.#failures += 1;
      this.#lose(error);
      await sleep(backoffMs(this.#failures, RETRY), this.#ended);
    }
    clearTimeout(this.#flushing);
  }

  /** One run of the script; null where it ended in order, to be started again. */
  async #attempt(): Promise<AppErrorData | null> {
    try {
      await this.#measure();
      await this.#follow();
      return null;
    } catch (thrown) {
      if (this.#asRoot && hasCode(thrown, 'ssh.sudo_not_allowed')) {
        this.#asRoot = false;
        return null;
      }
      if (hasCode(thrown, 'ssh.timeout') && this.#server.status === 'live') return null;
      return thrown instanceof AppError ? thrown.data : this.#unforeseen(thrown);
    }
  }

  #unforeseen(thrown: unknown): AppErrorData {
    const { name } = this.#deps.remote;
    return appError('ssh.connection_lost', `Reading the logs of ${name} ended: ${String(thrown)}`, {
      target: name,
      retryable: true,
      hint: 'It is tried again.',
    }).data;
  }

  async #measure(): Promise<void> {
    const clock = await measureClock(this.#deps.remote, this.#deps.now);
    this.#deps.onClock(clock);
    this.#show({ clock });
  }

  async #follow(): Promise<void> {
    const { remote, now } = this.#deps;
    const frames = new FrameReader();
    const journal = new LineSplitter(MOST_JOURNAL_LINE);
    this.#numbers = new Map();
    const silence = new AbortController();
    this.#heardAt = now();
    const measured = setInterval(() => void this.#measure().catch(() => undefined), CLOCK_EVERY_MS);
    const watch = setInterval(() => {
      if (this.#server.status !== 'paused' && now() - this.#heardAt > SILENCE_MS) silence.abort();
    }, 1_000);
    try {
      const { exitCode } = await remote.script(LOG_FOLLOW_SCRIPT, this.#arguments(), {
        timeoutMs: RUN_MS,
        sudo: this.#asRoot,
        signal: AbortSignal.any([this.#ended, silence.signal]),
        onBytes: (chunk, stream) => {
          this.#heardAt = now();
          return this.#give(stream === 'stdout' ? this.#readFrames(frames, chunk) : this.#readJournal(journal, chunk));
        },
      });
      if (exitCode !== 0 && exitCode !== 3) this.#failures += 1;
      if (exitCode !== 0) await sleep(backoffMs(this.#failures + 1, RETRY), this.#ended);
    } finally {
      clearInterval(measured);
      clearInterval(watch);
    }
  }

  #arguments(): string[] {
    const positions = [...this.#files].flatMap(([path, entries]) => {
      const { position } = entries;
      return position === null ? [] : [path, position.inode, String(position.offset)];
    });
    return [this.#journal.cursor ?? '', String(FIRST_LINES), ...positions];
  }

  #readJournal(splitter: LineSplitter, chunk: Buffer): readonly LogRecord[] {
    return splitter.push(chunk).flatMap((line) => {
      const text = line.bytes.toString('utf8');
      const records = this.#journal.read(text, line.cutBytes);
      if (records === null) this.#note(text);
      return records ?? [];
    });
  }

  /** journalctl says there what it does not show, and why. */
  #note(text: string): void {
    if (!/not seeing messages|No journal files|insufficient permissions/i.test(text)) return;
    this.#notice(
      `The journal of ${this.#deps.remote.name} is not shown whole: the login is neither root nor in one of ` +
        'the groups adm and systemd-journal.',
    );
  }

  /** Said once each, also when the script is started again. */
  #notice(sentence: string): void {
    const { notice } = this.#server;
    if (notice?.includes(sentence) !== true)
      this.#show({ notice: notice === null ? sentence : `${notice} ${sentence}` });
  }

  #readFrames(reader: FrameReader, chunk: Buffer): readonly LogRecord[] {
    return reader.read(chunk).flatMap((frame) => {
      if (frame.kind === 'data')
        return this.#numbers.get(frame.file)?.read(frame.inode, frame.offset, frame.bytes) ?? [];
      this.#say(frame);
      return [];
    });
  }

  #say({ fields }: Extract<LogFrame, { kind: 'line' }>): void {
    const [word, first = '', second = '', third = ''] = fields;
    switch (word) {
      case '@zone':
        this.#zone = readZone(first);
        this.#show({ sources: [] });
        break;
      case '@unit':
        this.#addSource({ service: serviceOfUnit(first), name: first, kind: 'journal' });
        break;
      case '@file':
        this.#open(Number(first), second, third);
        break;
      case '@rotated':
        if (second === 'lost')
          this.#miss('rotated', `A log of ${this.#deps.member} was replaced before its last lines were read.`);
        break;
      case '@truncated':
        this.#miss(
          'truncated',
          `A log of ${this.#deps.member} was emptied; lines that were not read by then are lost.`,
        );
        break;
      case '@cursor':
        this.#miss(
          'cursor_gone',
          `The journal of ${this.#deps.member} no longer holds the lines that follow the last one read.`,
        );
        break;
      case '@denied':
        this.#notice(`The logs in ${first} on ${this.#deps.remote.name} are not shown: this login may not read there.`);
        break;
      case '@beat':
        this.#live();
        this.#watchClock(Number(first) * 1000);
        break;
      default:
    }
  }

  /** The script tells the server's time every five seconds; one that came late by itself only costs another measurement. */
  #watchClock(serverTime: number): void {
    const { clock } = this.#server;
    const now = this.#deps.now();
    if (clock === null || !Number.isFinite(serverTime) || now - clock.measuredAt < CLOCK_REST_MS) return;
    if (Math.abs(serverTime - now - clock.offsetMs) > CLOCK_JUMP_MS) void this.#measure().catch(() => undefined);
  }

  #open(number: number, service: string, path: string): void {
    const entries = this.#files.get(path) ?? new FileEntries(this.#origin, serviceNamed(service), path);
    this.#files.set(path, entries);
    this.#numbers.set(number, entries);
    this.#addSource({ service: serviceNamed(service), name: path, kind: 'file' });
  }

  #addSource(source: LogSource): void {
    this.#show({ sources: [...this.#server.sources, source] });
  }

  /** The first round is through: all that was written meanwhile is read. */
  #live(): void {
    this.#failures = 0;
    if (this.#gap !== null) {
      const { member } = this.#deps;
      this.#tell({
        ...this.#gap,
        to: this.#deps.now(),
        state: 'filled',
        sentence: `${member} was not reached; what it wrote meanwhile was read afterwards.`,
      });
      this.#gap = null;
    }
    if (this.#server.status !== 'live') this.#show({ status: 'live', error: null });
  }

  #lose(error: AppErrorData): void {
    const status = /^ssh\.(auth|host_key|sudo)/.test(error.code) ? 'refused' : 'cut_off';
    if (this.#gap === null && (this.#server.status === 'live' || this.#server.status === 'paused')) {
      this.#gap = {
        ...this.#newGap('cut_off', `${this.#deps.member} is not reached: its lines are missing from here on.`),
        from: this.#heardAt,
        to: null,
        state: 'open',
      };
      this.#tell(this.#gap);
    }
    void this.#give(this.#flush());
    this.#show({ status, error });
  }

  #miss(cause: LogGapCause, sentence: string): void {
    const gap = this.#newGap(cause, sentence);
    this.#tell({ ...gap, from: this.#gap?.from ?? gap.from });
  }

  #newGap(cause: LogGapCause, sentence: string): LogGap {
    const { remote, member, now } = this.#deps;
    this.#gaps += 1;
    return {
      id: `${remote.serverId}:gap:${String(now())}:${String(this.#gaps)}`,
      member,
      serverId: remote.serverId,
      from: now(),
      to: now(),
      cause,
      state: 'lost',
      sentence,
    };
  }

  #tell(gap: LogGap): void {
    if (!this.#ended.aborted) this.#deps.sink.gap(gap);
  }

  #flush(): readonly LogRecord[] {
    return [...this.#journal.flush(), ...[...this.#files.values()].flatMap((entries) => entries.flush())];
  }

  /** Hands records on, and those that nothing continued a little later. */
  #give(records: readonly LogRecord[]): Promise<void> | undefined {
    if (this.#ended.aborted) return undefined;
    clearTimeout(this.#flushing);
    this.#flushing = setTimeout(() => {
      const open = this.#flush();
      if (open.length > 0 && !this.#ended.aborted) void this.#deps.sink.records(open);
    }, SETTLE_MS);
    const taken = records.length === 0 ? undefined : this.#deps.sink.records(records);
    return taken === undefined ? undefined : this.#hold(taken);
  }

  async #hold(taken: Promise<void>): Promise<void> {
    const before = this.#server.status;
    this.#show({ status: 'paused' });
    await taken;
    this.#heardAt = this.#deps.now();
    if (this.#server.status === 'paused') this.#show({ status: before });
  }

  #show(change: Partial<LogServer>): void {
    this.#server = { ...this.#server, ...change };
    if (!this.#ended.aborted) this.#deps.sink.server(this.#server);
  }
}
