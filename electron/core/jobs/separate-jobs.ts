import type { Job } from '../../../shared/model/operate/job';
import type { JobEngine } from './job-engine';

/**
 * One engine of two: jobs on the demo's clusters go to `demo`, all others to `own`, so that what is tried out is never part
 * of the record of what was done.
 */
export function separateJobs(own: JobEngine, demo: JobEngine, isDemo: (clusterId: string) => boolean): JobEngine {
  const both = [own, demo];
  const first = (find: (engine: JobEngine) => Job | null): Job | null => find(own) ?? find(demo);
  return {
    start: (definition, body) =>
      (definition.clusterId !== null && isDemo(definition.clusterId) ? demo : own).start(definition, body),
    cancel: (jobId) => (own.get(jobId) === null ? demo : own).cancel(jobId),
    get: (jobId) => first((engine) => engine.get(jobId)),
    byRequest: (requestId) => first((engine) => engine.byRequest(requestId)),
    holder: (exclusive) => first((engine) => engine.holder(exclusive)),
    watch: (listener) => {
      // Each engine begins with a snapshot of its own; who listens gets one of both.
      const snapshots: (readonly Job[])[] = [];
      const undos = both.map((engine) =>
        engine.watch((update) => {
          if (update.kind === 'job') listener(update);
          else snapshots.push(update.jobs);
        }),
      );
      listener({ kind: 'snapshot', jobs: snapshots.flat() });
      return () => undos.forEach((undo) => undo());
    },
    history: (clusterId, limit) => (clusterId !== null && isDemo(clusterId) ? demo : own).history(clusterId, limit),
    checkHistory: () => own.checkHistory(),
    close: async () => {
      await Promise.all(both.map((engine) => engine.close()));
    },
  };
}
