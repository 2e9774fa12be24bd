import type { AvailableVersions } from '../../../shared/model/deploy/deploy-views';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';

/** Major versions of PostgreSQL that every PostgreSQL server's sources have, newest first. Servers that could not be asked do not count. */
export function commonMajors(spec: ClusterSpec, offers: readonly AvailableVersions[]): readonly number[] {
  const members = new Set(
    spec.servers.filter((server) => server.roles.includes('postgres')).map((server) => server.name),
  );
  const asked = offers.filter((offer) => offer.error === null && members.has(offer.server));
  const [first, ...others] = asked.map((offer) => offer.postgres.map((version) => version.major));
  return (first ?? []).filter((major) => others.every((majors) => majors.includes(major))).sort((a, b) => b - a);
}
