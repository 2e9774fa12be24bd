import type { BundleSource, CheckedBundle } from '../../../../shared/model/deploy/bundle';
import type { ServerFactsView } from '../../../../shared/model/deploy/deploy-views';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { newestPostgres, wantedPackages } from '../../../../shared/rules/deploy/offline/wanted-packages';

/** What is typed to make a bundle. `from` is a server's name or id, or `workstation`. */
export interface BundleForm {
  readonly from: string;
  readonly through: boolean;
  readonly file: string;
}

/** The value of `from` that means no server but this workstation. */
export const WORKSTATION = 'workstation';

/** Where a bundle is collected, as the core is asked. */
export function sourceOf(request: BundleForm): BundleSource {
  return request.from === WORKSTATION
    ? { kind: 'workstation' }
    : { kind: 'server', server: request.from, throughWorkstation: request.through };
}

/** Releases of the servers that were seen, e.g. `debian trixie, amd64`; each once. */
export function releasesOf(facts: readonly ServerFactsView[]): readonly string[] {
  return [...new Set(facts.map((one) => `${one.os.id} ${one.os.codename}, ${one.architecture}`))].sort();
}

/** The name that is offered for a new bundle, beside the app's own data. */
export function fileFor(spec: ClusterSpec, facts: readonly ServerFactsView[], directory: string): string {
  const codename = facts[0]?.os.codename ?? '';
  return `${directory}/${spec.scope === '' ? 'cluster' : spec.scope}${codename === '' ? '' : `-${codename}`}-packages.tar`;
}

/** Packages of the spec that a bundle does not hold; the newest PostgreSQL counts as there when any is. */
export function missingIn(bundle: CheckedBundle, spec: ClusterSpec): readonly string[] {
  const held = new Set(bundle.manifest.packages.map((one) => one.name));
  const anyPostgres = [...held].some((name) => /^postgresql-\d+$/.test(name));
  return wantedPackages(spec).filter((name) => (name === newestPostgres ? !anyPostgres : !held.has(name)));
}

/** The software a bundle for this spec is for, as people call it. */
export function softwareOf(spec: ClusterSpec): string {
  const has = (role: ClusterSpec['servers'][number]['roles'][number]): boolean =>
    spec.servers.some((server) => server.roles.includes(role));
  const postgres =
    spec.postgres.version === undefined ? 'the newest PostgreSQL' : `PostgreSQL ${spec.postgres.version}`;
  return [
    ...(has('postgres') ? [postgres, 'Patroni'] : []),
    ...(has('etcd') ? ['etcd'] : []),
    ...(has('haproxy') ? ['HAProxy'] : []),
    ...(has('pgbouncer') ? ['PgBouncer'] : []),
    ...(has('prometheus') ? ['Prometheus'] : []),
  ].join(', ');
}
