import { sqlSpan, type CatalogQuestion } from '../postgres/catalog-select';

/**
 * What PostgreSQL is asked before its member is stopped. Base backups by the replication protocol are senders whose state is `backup`
 * (pg_stat_replication); a backup that another tool makes shows there only if it uses the protocol. Roles without
 * pg_read_all_stats see neither the transactions nor the senders of others.
 */
export const workQuestions = {
  oldestTransaction: {
    columns: {
      oldestMs: sqlSpan('max(clock_timestamp() - a.xact_start)'),
      seesAll: `pg_has_role('pg_read_all_stats', 'USAGE')`,
    },
    from: `FROM pg_stat_activity a WHERE a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'`,
  },
  runningBackups: {
    columns: { running: 'count(*)::int', seesAll: `pg_has_role('pg_read_all_stats', 'USAGE')` },
    from: `FROM pg_stat_replication r WHERE r.state = 'backup'`,
  },
} as const satisfies Readonly<Record<string, CatalogQuestion>>;
