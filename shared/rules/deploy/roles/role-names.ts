import type { ServerRole } from '../../../model/deploy/spec/server-spec';

/** The roles in the order in which requests pass through them, from the applications down. */
export const rolesByRequestPath: readonly ServerRole[] = ['pgbouncer', 'haproxy', 'postgres', 'etcd', 'prometheus'];

/** The roles with what the cluster is for first. */
export const rolesByImportance: readonly ServerRole[] = ['postgres', 'etcd', 'haproxy', 'pgbouncer', 'prometheus'];

/** The names of the roles. */
export const serverRoleNames: Readonly<Record<ServerRole, string>> = {
  pgbouncer: 'PgBouncer',
  haproxy: 'HAProxy',
  postgres: 'PostgreSQL and Patroni',
  etcd: 'etcd',
  prometheus: 'Prometheus',
};

/** Roles as a list of names, such as "PostgreSQL and Patroni, etcd". */
export function listRoleNames(roles: readonly ServerRole[]): string {
  return rolesByImportance
    .filter((role) => roles.includes(role))
    .map((role) => serverRoleNames[role])
    .join(', ');
}
