import { z } from 'zod';
import type { Job } from '../model/operate/job';
import type { UpgradesView } from '../model/upgrade/upgrade';
import { upgradeChoiceSchema, type StoppedUpgrade, type UpgradePreview } from '../model/upgrade/upgrade-run';
import { call, of } from './procedures';

const ofCluster = z.object({ clusterId: z.string() });
const requestId = z.string().min(8).max(64);

/** Minor upgrades of a cluster's programs by packages. */
export const upgrades = {
  /** What is installed on every server, what apt would put in its place, and what is in the way; reads only. */
  read: call(ofCluster, of<UpgradesView>()),
  /** Reads all of it again and says what a rolling upgrade would do; changes nothing. */
  preview: call(ofCluster.extend({ choice: upgradeChoiceSchema }), of<UpgradePreview>()),
  /**
   * Starts a job. Rejects, with nothing done, with `operation.read_only`, `operation.state_changed`, `operation.not_confirmed`,
   * `upgrade.not_now` or `job.busy`.
   */
  start: call(
    ofCluster.extend({
      choice: upgradeChoiceSchema,
      fingerprint: z.string().max(200_000),
      typed: z.string().max(400).nullable(),
      requestId,
    }),
    of<Job>(),
  ),
  /** The last rolling upgrade, where it did not come to its end; null where none is open. */
  stopped: call(ofCluster, of<StoppedUpgrade | null>()),
  /** Puts back what a rolling upgrade that was broken off left on servers, and forgets it. Rejects with `upgrade.nothing_left`. */
  clean: call(ofCluster.extend({ requestId }), of<Job>()),
};
