import { toErrorData } from '../../../../shared/model/app-error';
import type { AvailableVersions } from '../../../../shared/model/deploy/deploy-views';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import type { Remote } from '../../ssh/remote';
import { keyed } from '../sources/keys';
import { refuseUnsafe } from '../../../../shared/rules/deploy/spec/refuse-unsafe';
import { askOffers, type Offers } from '../sources/offers';

/**
 * What the package sources of all servers offer, as apt says, with the repositories that the spec adds. With `refresh`, the
 * servers' own lists are fetched first (root), by the spec's way to packages.
 */
export async function availableVersions(
  spec: ClusterSpec,
  connectServer: (server: ServerSpec) => Remote,
  refresh: boolean,
): Promise<readonly AvailableVersions[]> {
  refuseUnsafe(spec);
  const [first] = spec.servers;
  const keys = await keyed(spec.sources.repositories, first === undefined ? undefined : connectServer(first));
  return Promise.all(
    spec.servers.map(async (server): Promise<AvailableVersions> => {
      try {
        return {
          ...read(
            server.name,
            await askOffers({
              server: server.name,
              remote: connectServer(server),
              sources: spec.sources,
              keyed: keys,
              refresh,
            }),
          ),
          error: null,
        };
      } catch (thrown) {
        return { ...read(server.name, { offers: [], repositories: [] }), error: toErrorData(thrown) };
      }
    }),
  );
}

function read(server: string, { offers, repositories }: Offers): Omit<AvailableVersions, 'error'> {
  const version = (name: string): string | null => offers.find((offer) => offer.name === name)?.version ?? null;
  const postgres = offers.flatMap((offer) => {
    const match = /^postgresql-(\d+)$/.exec(offer.name);
    return match === null || offer.version === ''
      ? []
      : [{ major: Number(match[1]), version: offer.version, origin: offer.origin }];
  });
  return {
    server,
    repositories,
    postgres: postgres.sort((a, b) => b.major - a.major),
    patroni: version('patroni'),
    etcd: version('etcd-server'),
    haproxy: version('haproxy'),
    pgbouncer: version('pgbouncer'),
    keepalived: version('keepalived'),
  };
}
