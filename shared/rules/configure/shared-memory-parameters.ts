/**
 * Parameters whose value a standby must have at least as large as its primary (PostgreSQL's hot standby; Patroni passes them on the command
 * line, patroni/postgresql/config.py, CMDLINE_OPTIONS).
 */
export const sharedMemoryParameters: ReadonlySet<string> = new Set([
  'max_connections',
  'max_prepared_transactions',
  'max_locks_per_transaction',
  'max_wal_senders',
  'max_worker_processes',
]);
