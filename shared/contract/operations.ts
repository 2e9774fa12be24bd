import { z } from 'zod';
import type { HistoryCheck, HistoryRow, Job, JobsUpdate } from '../model/operate/job';
import { operationSchema, type OperationPreview } from '../model/operate/operation';
import { ask, call, feed, of } from './procedures';

/**
 * The start of an operation: the preview's fingerprint and what the user typed. `requestId` makes a second sending of
 * the same click harmless.
 */
const startOperationSchema = z.object({
  clusterId: z.string(),
  operation: operationSchema,
  fingerprint: z.string(),
  typed: z.string().nullable(),
  requestId: z.string().min(8).max(64),
});

/** Operations on a cluster. */
export const operations = {
  preview: call(z.object({ clusterId: z.string(), operation: operationSchema }), of<OperationPreview>()),
  /** Rejects with `operation.state_changed` when the cluster is not as the preview showed it. */
  start: call(startOperationSchema, of<Job>()),
};

/** Jobs that run now or ran in this session. */
export const jobs = {
  watch: feed(of<JobsUpdate>()),
  cancel: call(z.object({ id: z.string() }), of<null>()),
};

/** What was done, kept on disk. */
export const history = {
  list: call(
    z.object({ clusterId: z.string().nullable(), limit: z.number().int().min(1).max(10_000) }),
    of<readonly HistoryRow[]>(),
  ),
  /** Reads the history on disk and follows its chain of hashes. */
  check: ask(of<HistoryCheck>()),
  /** The history as CSV or JSON text, with its seals, without secrets. */
  export: call(
    z.object({ format: z.enum(['csv', 'json']) }),
    of<{ readonly fileName: string; readonly text: string }>(),
  ),
};
