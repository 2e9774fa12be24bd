import { z } from 'zod';
import type { Job } from '../model/operate/job';
import type { GivenCertificates } from '../model/repair/certificate-repair';
import { repairSchema, type RepairPreview } from '../model/repair/repair';
import { call, of } from './procedures';

const ofRepair = z.object({
  clusterId: z.string(),
  repair: repairSchema,
  /** Members that are said, by their names, to be gone for good. */
  gone: z.array(z.string().min(1).max(400)).max(100).default([]),
});

/** Guided repairs: what is wrong is looked for first, and a repair without its evidence is refused. */
export const repair = {
  /** Looks for the evidence on the servers and in etcd, and says what would be done; reads only. */
  preview: call(ofRepair, of<RepairPreview>()),
  /**
   * Certificates and keys as PEM for one repair: they are held in memory only, an hour at most, and what each file is comes back. The keys
   * reach no log and no journal.
   */
  give: call(
    z.object({
      clusterId: z.string().max(200),
      files: z.array(z.object({ name: z.string().max(255), text: z.string().max(1_000_000) })).max(100),
    }),
    of<GivenCertificates>(),
  ),
  /** Starts a job. Rejects, with nothing done, when the evidence is not as it was shown or a check refuses. */
  start: call(
    ofRepair.extend({
      fingerprint: z.string(),
      asOf: z.number(),
      typed: z.string().nullable(),
      requestId: z.string().min(8).max(64),
    }),
    of<Job>(),
  ),
};
