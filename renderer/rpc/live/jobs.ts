import type { Job, JobsUpdate, JobStatus } from '../../../shared/model/operate/job';

/** The jobs of this session, newest first. */
export interface JobsView {
  readonly loaded: boolean;
  readonly jobs: readonly Job[];
}

/** Whether a job is still running. */
export function isUnderWay(status: JobStatus): boolean {
  return status === 'checking' || status === 'running' || status === 'following' || status === 'waiting';
}

const newestFirst = (a: Job, b: Job) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1);

/** The jobs after an update. */
export function applyJobs(view: JobsView, update: JobsUpdate): JobsView {
  if (update.kind === 'snapshot') return { loaded: true, jobs: [...update.jobs].sort(newestFirst) };
  const others = view.jobs.filter((job) => job.id !== update.job.id);
  return { loaded: true, jobs: [update.job, ...others].sort(newestFirst) };
}
