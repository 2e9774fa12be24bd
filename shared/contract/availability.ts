import { z } from 'zod';
import { monthSchema, type AvailabilityReport, type Month } from '../model/availability/availability';
import { call, of } from './procedures';

const ofCluster = z.object({ clusterId: z.string() });

/** Who led when, and when nobody did, as this app saw it. */
export const availability = {
  /** The months with a record, newest first, by the clock of a time zone. Rejects with `operation.unknown_cluster` and `app.bad_input`. */
  months: call(ofCluster.extend({ zone: z.string().min(1).max(64) }), of<readonly Month[]>()),
  /** The report of one month; what was not watched in it is said to be not known. Rejects with the same. */
  report: call(ofCluster.extend({ month: monthSchema }), of<AvailabilityReport>()),
};
