import { z } from 'zod';
import type { BackupsView } from '../model/backups/backup';
import { call, of } from './procedures';

const ofCluster = z.object({ clusterId: z.string() });

/** The backups of a cluster. */
export const backups = {
  /** Looks at the servers of the members over SSH; reads only. */
  read: call(ofCluster, of<BackupsView>()),
};
