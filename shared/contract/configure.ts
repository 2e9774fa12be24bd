import { z } from 'zod';
import type { ConfigRevision } from '../model/configure/config-history';
import type { ServerSettings } from '../model/configure/server-settings';
import { call, of } from './procedures';

const ofCluster = z.object({ clusterId: z.string() });

/** The configuration of a cluster: what its servers run with, and what was changed. */
export const configure = {
  /** What each member's PostgreSQL says of its parameters; `fresh` asks again even where the last answer is young. */
  settings: call(ofCluster.extend({ fresh: z.boolean().default(false) }), of<ServerSettings>()),
  /** Every change of the dynamic configuration that the app saw, newest first. */
  history: call(ofCluster, of<readonly ConfigRevision[]>()),
};
