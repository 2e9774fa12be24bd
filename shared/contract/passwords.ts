import { z } from 'zod';
import type { Job } from '../model/operate/job';
import type { PasswordAccounts } from '../model/passwords/password-account';
import { call, of } from './procedures';

const ofCluster = z.object({ clusterId: z.string() });
const confirmed = ofCluster.extend({
  typed: z.string().max(400).nullable(),
  requestId: z.string().min(8).max(64),
});

/** The passwords of a cluster's accounts. */
export const passwords = {
  /** Which accounts there are, and where the password of each stands; asked of all members. */
  accounts: call(ofCluster, of<PasswordAccounts>()),
  /** Changes them on all members; `password: null` makes a new one. */
  change: call(
    confirmed.extend({
      accounts: z
        .array(z.object({ id: z.string().min(1).max(300), password: z.string().max(256).nullable() }))
        .min(1)
        .max(200),
    }),
    of<Job>(),
  ),
  /** Brings the change that began at `startedAt` to its end where it was broken off, or takes it back. */
  finish: call(confirmed.extend({ way: z.enum(['forward', 'back']), startedAt: z.number() }), of<Job>()),
  /** The password that the last change of an account gave to it. */
  reveal: call(ofCluster.extend({ account: z.string().min(1).max(300) }), of<{ readonly password: string }>()),
};
