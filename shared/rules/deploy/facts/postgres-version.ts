import type { ServerFacts } from '../../../model/deploy/facts';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import { serversWith } from '../layout';

/**
 * The major version of PostgreSQL for a cluster: the one of the spec, else the one installed already, else the newest
 * that all its servers' sources offer. A server that is new to a cluster follows those that are not. Null when they
 * have none in common.
 */
export function postgresVersion(spec: ClusterSpec, facts: Readonly<Record<string, ServerFacts>>): number | null {
  if (spec.postgres.version !== undefined) return spec.postgres.version;
  const members = serversWith(spec, 'postgres').flatMap((server) => facts[server.name] ?? []);
  const ours = members.filter((server) => server.manifest !== null);
  const installed = (ours.length > 0 ? ours : members).flatMap((server) => majorsIn(server.packages));
  if (installed.length > 0) return Math.max(...installed);
  const offered = members.map((server) => majorsIn(server.candidates));
  const common = (offered[0] ?? []).filter((major) => offered.every((list) => list.includes(major)));
  return common.length === 0 ? null : Math.max(...common);
}

/** Major versions among package names like `postgresql-17` that have a version. */
function majorsIn(packages: Readonly<Record<string, string>>): readonly number[] {
  return Object.entries(packages).flatMap(([name, version]) => {
    const match = /^postgresql-(\d+)$/.exec(name);
    return match === null || version === '' ? [] : [Number(match[1])];
  });
}
