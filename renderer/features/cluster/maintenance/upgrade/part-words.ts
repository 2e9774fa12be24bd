import type { UpgradePart } from '../../../../../shared/model/upgrade/upgrade';

/** What the parts of a cluster are called. */
export const partWords: Readonly<Record<UpgradePart, string>> = {
  postgresql: 'PostgreSQL',
  patroni: 'Patroni',
  etcd: 'etcd',
  haproxy: 'HAProxy',
  pgbouncer: 'PgBouncer',
};
