import { join } from 'node:path';
import { z } from 'zod';
import type { HistoryRow, Job } from '../../../shared/model/operate/job';
import { endIncompleteLine, openAppendLog, readLines, rewrite, type AppendLog } from './append-log';

/** How long a request id is remembered across restarts, ms. */
const REMEMBERED_MS = 12 * 3_600_000;

/** Rows of the history kept on disk; older ones are dropped at start. */
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
  ended(job: Job, row: HistoryRow): void;
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

/** Opens journal and history in a directory, drops what is too old, and returns what was found. */
export function openJobStore(directory: string, now: number): JobStore {
  const journalPath = join(directory, 'jobs.journal');
  const historyPath = join(directory, 'history.jsonl');
  const rows = readLines(historyPath).filter(isRow);
  const history = rows.slice(-HISTORY_ROWS);
  const jobs = readJournal(journalPath)
    .map((entry) => endedInHistory(entry, history))
    .filter((entry) => !entry.ended || now - entry.job.startedAt < REMEMBERED_MS);
  rewrite(journalPath, jobs.flatMap(recordsOf));
  if (rows.length > history.length) rewrite(historyPath, history);
  endIncompleteLine(historyPath);
  return jobStore({ jobs, history }, openAppendLog(journalPath), openAppendLog(historyPath));
}

function jobStore(recovered: Recovered, journal: AppendLog, historyLog: AppendLog): JobStore {
  return {
    recovered,
    started: (entry) =>
      journal.append(
        { type: 'start', job: entry.job, requestId: entry.requestId, clusterTitle: entry.clusterTitle },
        true,
      ),
    progressed: (job, answers) =>
      journal.append({ type: 'progress', job: { ...job, lines: job.lines.slice(-50) }, answers }, true),
    ended: (job, row) => {
      historyLog.append(row, true);
      journal.append({ type: 'end', job: { ...job, lines: [] } }, true);
    },
    close: () => {
      journal.close();
      historyLog.close();
    },
  };
}
