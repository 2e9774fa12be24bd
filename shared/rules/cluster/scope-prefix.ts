/** A namespace with a slash at both ends, as Patroni begins its keys with it (dcs/__init__.py, client_path). */
export function namespacePath(namespace: string): string {
  return namespace === '' ? '/' : `/${namespace}/`;
}

/**
 * What all keys of a cluster in the DCS begin with: `/namespace/scope/`, and `/namespace/scope/group/` for one group of a Citus
 * cluster, each of which is a Patroni cluster of its own.
 */
export function scopePrefix(namespace: string, scope: string, citusGroup?: number | null): string {
  const group = citusGroup === undefined || citusGroup === null ? '' : `${citusGroup}/`;
  return `${namespacePath(namespace)}${scope}/${group}`.replaceAll(/\/+/g, '/');
}
