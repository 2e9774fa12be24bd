import { z } from 'zod';
import type { LogPage, LogUpdate } from '../model/logs/log-record';
import { call, of, stream } from './procedures';

/** The logs of a cluster's servers: Patroni, PostgreSQL, etcd and what stands in front of them. Reads only. */
export const logs = {
  /** First the id of what is followed, then batches; at most four go without `acknowledge`. */
  follow: stream(z.object({ clusterId: z.string() }), of<LogUpdate>()),
  acknowledge: call(z.object({ followId: z.string(), batch: z.number().int() }), of<null>()),
  /** The newest `most` entries of each source before a time, and since `from` where it is given; both ms since the epoch. */
  page: call(
    z.object({
      clusterId: z.string(),
      from: z.number().nullable(),
      before: z.number(),
      most: z.number().int().min(1).max(5000),
    }),
    of<LogPage>(),
  ),
};
