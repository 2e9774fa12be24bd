import { z } from 'zod';
import type { Job } from '../model/operate/job';
import { serviceActionSchema, serviceNameSchema, type MemberServices, type ServiceLog } from '../model/operate/service';
import { call, of } from './procedures';

const ofMember = z.object({ clusterId: z.string(), member: z.string().min(1).max(400) });

/** The services on the servers of members, over SSH. */
export const services = {
  /** Which services are installed on a member's server, and how they run; reads only. */
  read: call(ofMember, of<MemberServices>()),
  /** The last lines of a service's log; reads only. `unasked`: without a question to the user, whatever that leaves out. */
  log: call(ofMember.extend({ service: serviceNameSchema, unasked: z.boolean().default(false) }), of<ServiceLog>()),
  /** Starts, stops or restarts a service; a second sending of the same `requestId` answers the first job. */
  act: call(
    ofMember.extend({
      service: serviceNameSchema,
      action: serviceActionSchema,
      typed: z.string().nullable(),
      requestId: z.string().min(8).max(64),
    }),
    of<Job>(),
  ),
};
