import { join } from 'node:path';
import { printHostPort } from '../../../shared/model/connect/host-port';
import { createAvailability } from '../availability/create-availability';
import { createBalancers } from '../balancers/create-balancers';
import type { ClusterHub } from '../clusters/hub';
import { createDrills } from '../drill/create-drills';
import { createDrillStore } from '../drill/drill-store';
import type { Log } from '../platform/log';
import { sleep } from '../platform/wait';
import { createPostgresFacts } from '../postgres-facts/create-postgres-facts';
import type { Services } from '../rpc/services';
import type { RemotePool } from '../ssh/remote';

/** What several services look at servers with. */
export function createLooks(
  hub: ClusterHub,
  remotes: RemotePool,
  now: () => number,
): Pick<Services, 'postgresFacts' | 'balancers'> {
  return {
    postgresFacts: createPostgresFacts({ hub, remotes, now }),
    balancers: createBalancers({ hub, remotes, now, pause: sleep }),
  };
}

/** What the drills and the record of availability work with. */
type RehearsalDeps = Pick<Services, 'hub' | 'inventory' | 'jobs' | 'balancers' | 'deployment' | 'now'> & {
  readonly pool: RemotePool;
  readonly user: string;
  readonly dataDirectory: string;
  readonly log: Log;
};

/** Failover drills, and the record of who led when. */
export function createRehearsals(deps: RehearsalDeps): Pick<Services, 'drills' | 'availability'> {
  const { hub, inventory, deployment, pool, dataDirectory, now, log } = deps;
  const isTemporary = (id: string): boolean => inventory.isTemporary(id);
  return {
    availability: createAvailability({
      hub,
      clusterIds: () => inventory.clusters().map(({ id }) => id),
      now,
      directory: join(dataDirectory, 'availability'),
      isTemporary,
      onUnwritten: (thrown) => log.error({ err: thrown }, 'the record of availability could not be written'),
    }),
    drills: createDrills({
      hub,
      remotes: pool,
      jobs: deps.jobs,
      now,
      user: deps.user,
      balancers: deps.balancers,
      store: createDrillStore({ directory: join(dataDirectory, 'drills'), isTemporary }),
      sshPlace: (serverId) => inventory.server(serverId) ?? null,
      vipOf: (clusterId) => vipOf(deployment, clusterId),
    }),
  };
}

/** The virtual address of a cluster that was set up here, with the port on which the leader answers there. */
function vipOf({ deploy }: Services['deployment'], clusterId: string): string | null {
  const spec = deploy.latestSpec(clusterId);
  if (spec?.vip === undefined) return null;
  const port = spec.vip.follows === 'primary' ? spec.postgres.port : spec.haproxy.primaryPort;
  return printHostPort({ host: spec.vip.address, port });
}
