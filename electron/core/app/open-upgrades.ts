import { join } from 'node:path';
import { loginOf, type SqlLogins } from '../postgres/login';
import type { Services } from '../rpc/services';
import type { RemotePool } from '../ssh/remote';
import { createUpgrades, type UpgradesService } from '../upgrades/create-upgrades';
import { createUpgradeStore } from '../upgrades/upgrade-store';

/** What the upgrades work with. */
type UpgradeParts = Pick<Services, 'hub' | 'jobs' | 'inventory' | 'balancers' | 'now'> & {
  readonly pool: RemotePool;
  readonly dataDirectory: string;
  readonly logins: SqlLogins;
};

/** Minor upgrades, whose records are kept with the app's own data. */
export function openUpgrades(parts: UpgradeParts): UpgradesService {
  const { hub, jobs, inventory, balancers, now, pool, dataDirectory, logins } = parts;
  return createUpgrades({
    ...{ hub, jobs, balancers, now, remotes: pool },
    server: (serverId) => inventory.server(serverId),
    login: (clusterId) => loginOf(logins, clusterId),
    hasRoot: (serverId) => (inventory.server(serverId)?.sudo.kind ?? 'none') !== 'none',
    store: createUpgradeStore({
      directory: join(dataDirectory, 'upgrades'),
      isTemporary: (id) => inventory.isTemporary(id),
    }),
  });
}
