/** A namespace with a slash at both ends, as Patroni begins its keys with it (dcs/__init__.py, client_path). */
export function namespacePath(namespace: string): string {
  return `/${namespace}/`;
}

/** What all keys of a scope in the DCS begin with: `/namespace/scope/`. */
export function scopePrefix(namespace: string, scope: string): string {
  return `${namespacePath(namespace)}${scope}/`;
}
