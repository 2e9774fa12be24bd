import type { AppErrorData } from '../../../shared/model/app-error';
import type { HistoryRow, Job, JobPhase, JobResult, JobStatus } from '../../../shared/model/operate/job';
import type { JobDefinition } from './job-engine';
import type { Masking } from './masking';

/** Lines kept of a job's log; the oldest go first. */
const MAX_LINES = 2000;

/** Longest line or detail kept, characters: an answer of a server may be a whole page. */
const MAX_TEXT = 4000;

/** Answers kept in the history of one job. */
const MAX_ANSWERS = 50;

const ENDED: ReadonlySet<JobStatus> = new Set([
  'done',
  'warning',
  'failed',
  'refused',
  'cancelled',
  'unknown',
  'interrupted',
]);

/** Whether nothing leads out of this status. */
export function isEnded(status: JobStatus): boolean {
  return ENDED.has(status);
}

/** The job as it is recorded before its body starts. */
export function newJob(id: string, definition: JobDefinition, now: number, who: string, masking: Masking): Job {
  return {
    id,
    kind: definition.kind,
    clusterId: definition.clusterId,
    title: masking.text(definition.title),
    target: definition.target,
    command: masking.maybe(definition.command),
    status: 'checking',
    phases: definition.phases.map((phase) => ({
      ...phase,
      status: 'todo',
      startedAt: null,
      endedAt: null,
      detail: null,
      progress: null,
    })),
    lines: [],
    startedAt: now,
    endedAt: null,
    cancellable: definition.cancellable,
    result: null,
    error: null,
    confirmation: masking.maybe(definition.confirmation),
    startedBy: who,
  };
}

/** Starts the phase `id` and ends the active one. A phase that was not announced is added; the same phase again only changes the status. */
export function withPhase(
  job: Job,
  id: string,
  change: { readonly status: JobStatus | undefined; readonly label: string },
  now: number,
): Job {
  const active = job.phases.find((phase) => phase.status === 'active');
  const next = { ...job, status: change.status ?? job.status };
  if (active?.id === id) return next;
  const ended = endActive(job.phases, 'done', now);
  const known = ended.some((phase) => phase.id === id);
  const all = known
    ? ended
    : [
        ...ended,
        {
          id,
          label: change.label,
          status: 'todo' as const,
          startedAt: null,
          endedAt: null,
          detail: null,
          progress: null,
        },
      ];
  return {
    ...next,
    phases: all.map((phase) =>
      phase.id === id ? { ...phase, status: 'active', startedAt: phase.startedAt ?? now, endedAt: null } : phase,
    ),
  };
}

/** Sets what is so now in the active phase. */
export function withDetail(job: Job, detail: string, progress: number | undefined): Job {
  const bounded = progress === undefined || !Number.isFinite(progress) ? null : Math.min(1, Math.max(0, progress));
  return {
    ...job,
    phases: job.phases.map((phase) =>
      phase.status === 'active' ? { ...phase, detail: clip(detail), progress: bounded } : phase,
    ),
  };
}

/** Adds a line to the job's own log. */
export function withLine(job: Job, at: number, level: 'info' | 'good' | 'warning' | 'error', text: string): Job {
  const lines = [...job.lines, { at, level, text: clip(text) }];
  return { ...job, lines: lines.length > MAX_LINES ? lines.slice(lines.length - MAX_LINES) : lines };
}

/** Adds an answer to those the history keeps. */
export function withAnswer(answers: readonly string[], text: string): readonly string[] {
  return answers.length >= MAX_ANSWERS ? answers : [...answers, clip(text)];
}

/** Ends a job. A job that has ended stays as it is. */
export function ended(
  job: Job,
  status: JobStatus,
  now: number,
  end: { readonly result?: JobResult; readonly error?: AppErrorData },
): Job {
  if (isEnded(job.status)) return job;
  const good = status === 'done' || status === 'warning';
  const phases = endActive(job.phases, good ? 'done' : 'failed', now).map((phase) =>
    phase.status === 'todo' ? { ...phase, status: 'skipped' as const } : phase,
  );
  return {
    ...job,
    status,
    phases,
    endedAt: now,
    cancellable: false,
    result: end.result ?? null,
    error: end.error ?? null,
  };
}

/** The row the history keeps of an ended job. */
export function historyRow(job: Job, clusterTitle: string | null, answers: readonly string[]): HistoryRow {
  return {
    id: job.id,
    at: job.startedAt,
    endedAt: job.endedAt,
    who: job.startedBy,
    clusterId: job.clusterId,
    clusterTitle,
    kind: job.kind,
    target: job.target,
    command: job.command,
    status: job.status,
    sentence: job.result?.sentence ?? job.error?.message ?? '',
    withoutPrimaryMs: job.result?.withoutPrimaryMs ?? null,
    answers,
    error: job.error,
  };
}

function endActive(phases: readonly JobPhase[], status: 'done' | 'failed', now: number): JobPhase[] {
  return phases.map((phase) => (phase.status === 'active' ? { ...phase, status, endedAt: now } : phase));
}

function clip(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)} ...` : text;
}
