import { join } from 'node:path';
import { loginOf, type SqlLogins } from '../postgres/login';
import type { Services } from '../rpc/services';
import type { RemotePool } from '../ssh/remote';
import { createUpgrades, type UpgradesService } from '../upgrades/create-upgrades';
import { createUpgradeStore } from '../upgrades/upgrade-store';
import { createAssessmentStore } from '../upgrades/major/assessment-store';
import { createAssessments, type AssessmentsService } from '../upgrades/major/create-assessments';

/** What the upgrades work with. */
type UpgradeParts = Pick<Services, 'hub' | 'jobs' | 'inventory' | 'balancers' | 'now'> & {
  readonly pool: RemotePool;
  readonly dataDirectory: string;
  readonly logins: SqlLogins;
};

/** Minor upgrades, and the assessment of major ones. Their records are kept with the app's own data. */
export function openUpgrades(parts: UpgradeParts): {
  readonly upgrades: UpgradesService;
  readonly assessments: AssessmentsService;
} {
  const { hub, jobs, inventory, balancers, now, pool, dataDirectory, logins } = parts;
  const isTemporary = (id: string): boolean => inventory.isTemporary(id);
  const work = {
    ...{ hub, jobs, now, remotes: pool },
    login: (clusterId: string) => loginOf(logins, clusterId),
    hasRoot: (serverId: string) => (inventory.server(serverId)?.sudo.kind ?? 'none') !== 'none',
  };
  return {
    upgrades: createUpgrades({
      ...{ ...work, balancers },
      server: (serverId) => inventory.server(serverId),
      store: createUpgradeStore({ directory: join(dataDirectory, 'upgrades'), isTemporary }),
    }),
    assessments: createAssessments({
      ...work,
      store: createAssessmentStore({ directory: join(dataDirectory, 'assessments'), isTemporary }),
    }),
  };
}
