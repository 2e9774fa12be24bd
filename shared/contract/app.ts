import { z } from 'zod';
import type { AppErrorData } from '../model/app-error';
import { settingsSchema, type Settings } from '../model/app/settings';
import { call, ask, feed, of } from './procedures';

/** What the page needs to know about where it runs. */
export interface AppInfo {
  readonly version: string;
  readonly shell: 'electron' | 'headless';
  readonly platform: string;
  readonly user: string;
  readonly demo: boolean;
  readonly dataDirectory: string;
  /** Whether an SSH agent can be reached. */
  readonly sshAgent: boolean;
  /** What was found wrong at the start, e.g. a damaged inventory that was kept aside. */
  readonly problems: readonly AppErrorData[];
}

/** Where the vault stands. `keychain` vaults are never locked while the user is logged in. */
export type VaultStatus =
  | { readonly kind: 'absent'; readonly method: 'passphrase' | 'keychain' }
  | { readonly kind: 'locked' }
  | { readonly kind: 'open'; readonly method: 'passphrase' | 'keychain' | 'session' };

/** The app itself, its settings and its vault. */
export const app = {
  info: ask(of<AppInfo>()),
  settings: feed(of<Settings>()),
  saveSettings: call(settingsSchema, of<null>()),
  exportInventory: ask(of<{ readonly fileName: string; readonly text: string }>()),
  /** Adds what the file holds and the inventory lacks; answers how many were added and what was left alone. */
  importInventory: call(
    z.object({ text: z.string().max(5_000_000) }),
    of<{ readonly servers: number; readonly clusters: number; readonly skipped: readonly string[] }>(),
  ),
};

/** Secrets at rest. `session` keeps secrets in memory only, until the app closes. */
export const vault = {
  status: feed(of<VaultStatus>()),
  create: call(z.object({ passphrase: z.string().min(8).max(1024) }), of<null>()),
  unlock: call(z.object({ passphrase: z.string().max(1024) }), of<null>()),
  useSession: ask(of<null>()),
};

/** A fault of the demo's menu. */
export interface DemoFault {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly target: 'cluster' | 'member';
}

/** A fault of the demo that is at work now. */
export interface ActiveFault {
  readonly id: string;
  readonly label: string;
  readonly member: string | null;
}

/**
 * A cluster that the demo is asked for. `fault`: it begins with this one, on the member that fits. `citusWorkers`: it is a Citus
 * cluster with so many worker groups of two members, and `members` are those of its coordinator. `balancer`: a server of its
 * own runs a load balancer for it, which nobody has named yet. `standbyOf`: it follows that cluster, which comes before it.
 */
const demoClusterSchema = z.object({
  scope: z.string().regex(/^[a-z0-9-]{1,40}$/),
  members: z.number().int().min(3).max(7),
  fault: z.string().max(40).optional(),
  citusWorkers: z.number().int().min(1).max(8).optional(),
  balancer: z.literal(true).optional(),
  standbyOf: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .optional(),
});
/** A cluster that the demo is asked for. */
export type DemoClusterWish = z.infer<typeof demoClusterSchema>;

/** The demo: a simulated fleet inside the app. */
export const demo = {
  start: call(
    z.object({
      clusters: z.array(demoClusterSchema).min(1).max(100),
    }),
    of<{ readonly clusterIds: readonly string[] }>(),
  ),
  stop: ask(of<null>()),
  active: call(z.object({ clusterId: z.string() }), of<readonly ActiveFault[]>()),
  faults: ask(of<readonly DemoFault[]>()),
  inject: call(z.object({ clusterId: z.string(), faultId: z.string(), member: z.string().nullable() }), of<null>()),
  heal: call(z.object({ clusterId: z.string() }), of<null>()),
};
