/**
 * Settings of a PostgreSQL on a copy of somebody's data, which must reach nothing and change nothing outside of it: no network, no
 * archive, and no subscription that would fetch from its publisher in place of the original. Lines of postgresql.conf.
 */
export const SCRATCH_SETTINGS = `listen_addresses = ''
hot_standby = off
archive_mode = off
archive_command = ''
logging_collector = off
shared_buffers = 64MB
fsync = off
autovacuum = off
max_logical_replication_workers = 0`;
