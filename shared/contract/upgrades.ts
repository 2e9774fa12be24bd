import { z } from 'zod';
import type { UpgradesView } from '../model/upgrade/upgrade';
import { call, of } from './procedures';

/** Minor upgrades of a cluster's programs by packages. */
export const upgrades = {
  /** What is installed on every server, what apt would put in its place, and what is in the way; reads only. */
  read: call(z.object({ clusterId: z.string() }), of<UpgradesView>()),
};
