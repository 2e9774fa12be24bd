import { z } from 'zod';
import type { BackupsView } from '../model/backups/backup';
import {
  backupSetupSchema,
  storeLoginSchema,
  type BackupSetupPreview,
  type BackupWorkPreview,
} from '../model/backups/backup-setup';
import { proofScheduleSchema } from '../model/backups/proof-schedule';
import { restoreWishSchema, type RestorePreview } from '../model/backups/restore';
import type { Job } from '../model/operate/job';
import { call, of } from './procedures';

const ofCluster = z.object({ clusterId: z.string() });

/** The backups of a cluster. */
export const backups = {
  /** Looks at the servers of the members over SSH; reads only. */
  read: call(ofCluster, of<BackupsView>()),
  /** Says what setting backups up would do; looks at every server, and changes nothing. */
  previewSetUp: call(ofCluster.extend({ setup: backupSetupSchema }), of<BackupSetupPreview>()),
  /** Sets backups up as a job. Rejects, with nothing changed, when the servers are not as they were shown or a check refuses. */
  setUp: call(
    ofCluster.extend({
      setup: backupSetupSchema,
      /** For a store; null: there is none, or the one that is kept is used. */
      store: storeLoginSchema.nullable(),
      fingerprint: z.string(),
      typed: z.string().nullable(),
      requestId: z.string().min(8).max(64),
    }),
    of<Job>(),
  ),
  /** Keeps that a stanza which somebody else set up is this cluster's, and on which server it is kept; nothing is written on a server. */
  adopt: call(
    ofCluster.extend({ stanza: z.string().min(1).max(200), serverId: z.string().min(1).nullable() }),
    of<null>(),
  ),
  /** Forgets what was adopted; nothing is changed on a server. */
  letGo: call(ofCluster, of<null>()),
  /** Takes away what a set-up made, as a job, and never a backup. */
  stop: call(ofCluster.extend({ typed: z.string().nullable(), requestId: z.string().min(8).max(64) }), of<Job>()),
  /** Makes a backup now as a job, where backups were set up from here. */
  backUp: call(
    ofCluster.extend({ kind: z.enum(['full', 'diff', 'incr']), requestId: z.string().min(8).max(64) }),
    of<Job>(),
  ),
  /** Restores the newest backup into a directory of its own on a member's server, starts it, asks it and removes it, as a job. */
  prove: call(
    ofCluster.extend({ member: z.string().min(1).max(400), requestId: z.string().min(8).max(64) }),
    of<Job>(),
  ),
  /** Says what a timer that proves the newest backup would be; looks at its server, and changes nothing. */
  previewProofTimer: call(ofCluster.extend({ schedule: proofScheduleSchema }), of<BackupWorkPreview>()),
  /** Sets that timer as a job. Rejects, with nothing changed, when its server is not as it was shown or a check refuses. */
  proveByTimer: call(
    ofCluster.extend({
      schedule: proofScheduleSchema,
      fingerprint: z.string(),
      requestId: z.string().min(8).max(64),
    }),
    of<Job>(),
  ),
  /** Takes that timer away, as a job. */
  stopProofTimer: call(ofCluster.extend({ requestId: z.string().min(8).max(64) }), of<Job>()),
  /** Says what a restore of the cluster would do; looks at every member's server, and changes nothing. */
  previewRestore: call(ofCluster.extend({ wish: restoreWishSchema }), of<RestorePreview>()),
  /** Restores the whole cluster as a job. Rejects, with nothing changed, when it is not as it was shown or a check refuses. */
  restore: call(
    ofCluster.extend({
      wish: restoreWishSchema,
      fingerprint: z.string(),
      typed: z.string().nullable(),
      requestId: z.string().min(8).max(64),
    }),
    of<Job>(),
  ),
};
