import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import { neededPackages } from '../steps/package-steps';

/** Stands for the newest PostgreSQL that the place of collection offers. */
export const newestPostgres = 'postgresql-newest';

/** The packages a bundle for this spec is asked to hold, for all its servers together. */
export function wantedPackages(spec: ClusterSpec): readonly string[] {
  const { version } = spec.postgres;
  const named = spec.servers.flatMap((server) => neededPackages(spec, server, version ?? null));
  const newest =
    version === undefined && spec.servers.some((server) => server.roles.includes('postgres')) ? [newestPostgres] : [];
  return [...new Set([...named, ...newest])].sort();
}
