import { join } from 'node:path';
import { z } from 'zod';
import type { HistoryBreak, HistoryCheck, HistoryRow, Job } from '../../../shared/model/operate/job';
import { endIncompleteLine, openAppendLog, readLines, rewrite, type AppendLog } from './append-log';
import { checkHistory, rowsOf, sealRow, type ChainEnd, type CheckedHistory } from './history-chain';

/** How long a request id is remembered across restarts, ms. */
const REMEMBERED_MS = 12 * 3_600_000;

/** Rows of the history held in memory, the newest. The file keeps all: nothing is ever taken out of it. */
const HISTORY_ROWS = 20_000;

/** What the journal holds of one job, newest values last. */
export interface JournalledJob {
  readonly job: Job;
  readonly requestId: string;
  readonly clusterTitle: string | null;
  readonly answers: readonly string[];
  readonly ended: boolean;
}

/** What was on the disk at start. */
export interface Recovered {
  readonly jobs: readonly JournalledJob[];
  readonly history: HistoryRow[];
}

/** The two files of the job engine: the journal of single jobs and the history of finished ones. */
export interface JobStore {
  readonly recovered: Recovered;
  started(entry: JournalledJob): void;
  /** Before an act and at each change of phase: on the disk when this returns. */
  progressed(job: Job, answers: readonly string[]): void;
  /** Seals the row and writes it; answers it with its seal. */
  ended(job: Job, row: HistoryRow): HistoryRow;
  /** Reads the history anew and follows its chain. */
  check(): HistoryCheck;
  close(): void;
}

const text = z.string();
const jobShape = z.looseObject({
  id: text,
  kind: text,
  title: text,
  status: text,
  startedAt: z.number(),
  phases: z.array(z.unknown()),
  lines: z.array(z.unknown()),
});
const isJob = (value: unknown): value is Job => jobShape.safeParse(value).success;
const rowShape = z.looseObject({ id: text, at: z.number(), who: text, kind: text, status: text, sentence: text });
const isRow = (value: unknown): value is HistoryRow => rowShape.safeParse(value).success;
const recordSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), job: z.custom<Job>(isJob), requestId: text, clusterTitle: text.nullable() }),
  z.object({ type: z.literal('progress'), job: z.custom<Job>(isJob), answers: z.array(text) }),
  z.object({ type: z.literal('end'), job: z.custom<Job>(isJob) }),
]);
type JournalRecord = z.infer<typeof recordSchema>;

function fold(entries: Map<string, JournalledJob>, record: JournalRecord): void {
  const before = entries.get(record.job.id);
  switch (record.type) {
    case 'start':
      entries.set(record.job.id, {
        job: record.job,
        requestId: record.requestId,
        clusterTitle: record.clusterTitle,
        answers: [],
        ended: false,
      });
      return;
    case 'progress':
      if (before) entries.set(record.job.id, { ...before, job: record.job, answers: record.answers });
      return;
    case 'end':
      if (before) entries.set(record.job.id, { ...before, job: record.job, ended: true });
  }
}

function readJournal(path: string): JournalledJob[] {
  const entries = new Map<string, JournalledJob>();
  for (const line of readLines(path)) {
    const record = recordSchema.safeParse(line);
    if (record.success) fold(entries, record.data);
  }
  return [...entries.values()];
}

function recordsOf(entry: JournalledJob): JournalRecord[] {
  const start: JournalRecord = {
    type: 'start',
    job: entry.job,
    requestId: entry.requestId,
    clusterTitle: entry.clusterTitle,
  };
  const progress: JournalRecord = { type: 'progress', job: entry.job, answers: [...entry.answers] };
  return entry.ended ? [start, { type: 'end', job: entry.job }] : [start, progress];
}

/** A crash between the history row and the journal's last line must not end the same job twice. */
function endedInHistory(entry: JournalledJob, history: readonly HistoryRow[]): JournalledJob {
  return entry.ended || !history.some((row) => row.id === entry.job.id) ? entry : { ...entry, ended: true };
}

/** Opens journal and history in a directory, drops jobs that are too old, and returns what was found. */
export function openJobStore(directory: string, now: number): JobStore {
  const journalPath = join(directory, 'jobs.journal');
  const historyPath = join(directory, 'history.jsonl');
  // What a crash left of a line is no row, and no break.
  endIncompleteLine(historyPath);
  const checked = checkHistory(historyPath);
  const rows = rowsOf(checked, isRow);
  const history = rows.slice(-HISTORY_ROWS);
  const found = readJournal(journalPath);
  const atStart = checked.firstBreak ?? cutOff(found, rows, checked.end);
  const jobs = found
    .map((entry) => endedInHistory(entry, history))
    .filter((entry) => !entry.ended || now - entry.job.startedAt < REMEMBERED_MS);
  rewrite(journalPath, jobs.flatMap(recordsOf));
  return new Store({ jobs, history }, { path: historyPath, atStart, end: checked.end }, openAppendLog(journalPath));
}

/** A job's end is in the history before it is in the journal: one that is in the journal alone was cut off the end. */
function cutOff(found: readonly JournalledJob[], rows: readonly HistoryRow[], end: ChainEnd): HistoryBreak | null {
  const ids = new Set(rows.map(({ id }) => id));
  return found.some(({ ended, job }) => ended && !ids.has(job.id)) ? { after: end.number, kind: 'missing' } : null;
}

interface OpenHistory {
  readonly path: string;
  readonly atStart: HistoryBreak | null;
  readonly end: ChainEnd;
}

class Store implements JobStore {
  readonly recovered: Recovered;
  readonly #history: OpenHistory;
  readonly #journal: AppendLog;
  readonly #historyLog: AppendLog;
  #end: ChainEnd;

  constructor(recovered: Recovered, history: OpenHistory, journal: AppendLog) {
    this.recovered = recovered;
    this.#history = history;
    this.#journal = journal;
    this.#historyLog = openAppendLog(history.path);
    this.#end = history.end;
  }

  started(entry: JournalledJob): void {
    const { job, requestId, clusterTitle } = entry;
    this.#journal.append({ type: 'start', job, requestId, clusterTitle }, true);
  }

  progressed(job: Job, answers: readonly string[]): void {
    this.#journal.append({ type: 'progress', job: { ...job, lines: job.lines.slice(-50) }, answers }, true);
  }

  ended(job: Job, row: HistoryRow): HistoryRow {
    const seal = sealRow(this.#end, row);
    this.#historyLog.append({ seal, row }, true);
    this.#end = seal;
    this.#journal.append({ type: 'end', job: { ...job, lines: [] } }, true);
    return { ...row, seal };
  }

  check(): HistoryCheck {
    const checked = checkHistory(this.#history.path);
    const sealed = checked.lines.filter(({ seal }) => seal !== null).length;
    return {
      sealed,
      unsealed: checked.lines.length - sealed,
      lastHash: sealed === 0 ? null : checked.end.hash,
      firstBreak: checked.firstBreak ?? this.#history.atStart ?? this.#lostEnd(checked),
    };
  }

  /** The file must end with the row that was written last. */
  #lostEnd({ end }: CheckedHistory): HistoryBreak | null {
    return end.hash === this.#end.hash ? null : { after: end.number, kind: 'missing' };
  }

  close(): void {
    this.#journal.close();
    this.#historyLog.close();
  }
}
