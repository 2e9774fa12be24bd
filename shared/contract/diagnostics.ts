import { z } from 'zod';
import type { BundleProgress } from '../model/diagnostics/diagnostics';
import { call, of, stream } from './procedures';

const minutes = z.number().int().min(0).max(1_440);

/** A bundle of what somebody needs who helps from afar, without secrets. Reads only. */
export const diagnostics = {
  /** Gathers it: first how far it is, at last what is in it. Leaving stops it. `at` is ms since the epoch. */
  gather: stream(
    z.object({
      clusterId: z.string().max(200),
      at: z.number().min(0).max(8.64e15),
      beforeMinutes: minutes,
      afterMinutes: minutes,
    }),
    of<BundleProgress>(),
  ),
  /** Saves what was gathered last on this computer. Rejects with `app.bundle_gone`. */
  save: call(z.object({ bundleId: z.string().max(64) }), of<{ readonly path: string; readonly size: number }>()),
};
