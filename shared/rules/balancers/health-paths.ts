/**
 * Patroni's health endpoints by which load balancers choose (docs/rest_api.rst), each with what it means. A status of 200 says that
 * the member takes such connections.
 */
export const healthPaths: Readonly<Record<string, string>> = {
  '/primary': 'The primary: reads and writes',
  '/replica': 'Replicas that run and are not tagged noloadbalance',
  '/read-only': 'Any member that can be read from',
  '/sync': 'Synchronous replicas',
  '/async': 'Asynchronous replicas',
  '/standby-leader': 'The leader of a standby cluster',
  '/health': 'PostgreSQL runs',
};

/** Other names of the same endpoints (patroni/api.py). */
const aliases: Readonly<Record<string, string>> = {
  '/': '/primary',
  '/master': '/primary',
  '/read-write': '/primary',
  '/leader': '/leader',
  '/synchronous': '/sync',
  '/asynchronous': '/async',
  '/standby_leader': '/standby-leader',
};

/** Endpoints that are asked of members only where a load balancer asks them. */
const more = ['/leader', '/read-only-sync', '/quorum', '/read-only-quorum', '/readiness', '/liveness'];

/** The endpoint that a check's path means, without its alias but with its query; null where it is none of Patroni's. */
export function healthPathOf(uri: string): string | null {
  const [path = '', query] = uri.split('?');
  const trimmed = path.length > 1 ? path.replace(/\/+$/, '') : path;
  const known = aliases[trimmed] ?? trimmed;
  if (!Object.hasOwn(healthPaths, known) && !more.includes(known)) return null;
  return query === undefined ? known : `${known}?${query}`;
}

/** Whether at most one member may answer 200 there. */
export function isForOne(path: string): boolean {
  return ['/primary', '/leader', '/standby-leader'].includes(path.split('?')[0] ?? '');
}
