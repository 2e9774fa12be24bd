import { z } from 'zod';
import type { MemberFileView, OwnParameters } from '../model/configure/member-file';
import type { Job } from '../model/operate/job';
import type { ConfigRevision } from '../model/configure/config-history';
import type { ServerSettings } from '../model/configure/server-settings';
import { call, of } from './procedures';

const ofCluster = z.object({ clusterId: z.string() });
const ofMember = ofCluster.extend({ member: z.string().min(1).max(400) });

/** The configuration of a cluster: what its servers run with, and what was changed. */
export const configure = {
  /** What each member's PostgreSQL says of its parameters; `fresh` asks again even where the last answer is young. */
  settings: call(ofCluster.extend({ fresh: z.boolean().default(false) }), of<ServerSettings>()),
  /** Every change of the dynamic configuration that the app saw, newest first. */
  history: call(ofCluster, of<readonly ConfigRevision[]>()),
  /** A member's own configuration, read over SSH; its secrets are masked. */
  memberFile: call(ofMember, of<MemberFileView>()),
  /** What each member's own file sets of PostgreSQL. */
  ownParameters: call(ofCluster, of<Readonly<Record<string, OwnParameters>>>()),
  /** Changes a member's own file as long as it has this SHA-256; without a text the one before is put back. */
  changeMemberFile: call(
    ofMember.extend({
      path: z.string().min(1).max(4096),
      sha: z.string().regex(/^[0-9a-f]{64}$/),
      text: z.string().max(1_000_000).nullable(),
      typed: z.string().max(400).nullable(),
      requestId: z.string().min(8).max(64),
    }),
    of<Job>(),
  ),
};
