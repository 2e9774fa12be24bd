const DESCRIPTIONS = `
max_connections: How many sessions there may be at the same time.
superuser_reserved_connections: How many of max_connections are kept for superusers.
listen_addresses: On which addresses the server listens.
port: On which TCP port the server listens.
unix_socket_directories: In which directories the server makes its unix sockets.
tcp_keepalives_idle: How long a connection is silent before TCP asks whether the client is still there.
shared_buffers: Memory for the pages that all sessions share.
work_mem: Memory for one sort or hash step of a query before it goes to disk; a query may have several.
hash_mem_multiplier: How many times work_mem a hash table may take.
maintenance_work_mem: Memory for VACUUM, CREATE INDEX and the like.
autovacuum_work_mem: Memory for each autovacuum worker; -1 takes maintenance_work_mem.
huge_pages: Whether shared memory is made of huge pages.
max_prepared_transactions: How many transactions may be prepared for a two-phase commit; 0 allows none.
max_worker_processes: How many background processes there may be.
max_parallel_workers: How many of them may serve parallel queries.
max_parallel_workers_per_gather: How many workers one step of a query may start.
max_locks_per_transaction: Size of the lock table, per session and prepared transaction.
effective_cache_size: How much cache the planner assumes there is, of the server and the system together.
effective_io_concurrency: How many reads the storage can serve at the same time.
random_page_cost: What the planner counts for a page that is read at random; a sequential one is 1 by default.
seq_page_cost: What the planner counts for a page that is read in sequence.
default_statistics_target: How finely ANALYZE looks at columns.
wal_level: How much is written to the WAL: what standbys need, or what logical decoding needs as well.
wal_log_hints: Whether hint bits are written to the WAL; pg_rewind needs this or data checksums.
wal_buffers: Memory for WAL that is not written yet; -1 follows shared_buffers.
wal_compression: Whether full pages in the WAL are compressed.
max_wal_size: WAL between two checkpoints before one is started early.
min_wal_size: Below this, WAL files are used again instead of being removed.
checkpoint_timeout: The longest time between two checkpoints.
checkpoint_completion_target: Over which share of that time a checkpoint is spread.
synchronous_commit: What a commit waits for before it is reported.
synchronous_standby_names: Which standbys a commit waits for. Patroni sets it.
fsync: Whether writes are forced to disk. Off loses data in a crash.
full_page_writes: Whether whole pages are written to the WAL after a checkpoint.
archive_mode: Whether finished WAL files are given to the archive command.
archive_command: The command that archives a WAL file.
archive_timeout: After how long a WAL file is finished even if it is not full.
restore_command: The command that fetches a WAL file from the archive.
max_wal_senders: How many standbys and copies may stream at the same time.
max_replication_slots: How many replication slots there may be.
wal_keep_size: How much old WAL is kept for standbys.
max_slot_wal_keep_size: How much WAL a slot may hold back before it is given up; -1 is without limit.
wal_sender_timeout: After how long without a word a standby is taken for gone.
hot_standby: Whether a standby answers queries. Patroni keeps it on.
hot_standby_feedback: Whether a standby tells its primary what its queries still need.
max_standby_streaming_delay: How long queries on a standby may hold up the replay.
autovacuum: Whether tables are vacuumed by themselves.
autovacuum_max_workers: How many tables may be vacuumed at the same time.
autovacuum_naptime: How long autovacuum rests between two rounds.
autovacuum_vacuum_scale_factor: Which share of a table must have changed before it is vacuumed.
autovacuum_vacuum_cost_limit: How much work autovacuum does before it rests.
statement_timeout: After how long a statement is cancelled; 0 never.
lock_timeout: How long a statement waits for a lock; 0 for ever.
idle_in_transaction_session_timeout: After how long a session that is idle in a transaction is ended; 0 never.
log_min_duration_statement: Statements that take at least this long are logged; -1 logs none.
log_statement: Which statements are logged.
log_line_prefix: What stands before each line of the log.
log_connections: Whether each connection is logged.
log_disconnections: Whether the end of each session is logged.
log_lock_waits: Whether it is logged when a session waits long for a lock.
log_checkpoints: Whether checkpoints are logged.
log_temp_files: Temporary files of at least this size are logged; -1 logs none.
logging_collector: Whether a process of its own writes the log into files.
log_directory: Where the log files are.
log_filename: How log files are named.
log_autovacuum_min_duration: Runs of autovacuum that take at least this long are logged.
shared_preload_libraries: Libraries that are loaded at the start, such as pg_stat_statements.
track_commit_timestamp: Whether the time of each commit is kept.
track_io_timing: Whether reads and writes are timed.
track_activity_query_size: How much of a running query can be seen.
password_encryption: How new passwords are stored.
ssl: Whether connections may be encrypted.
ssl_cert_file: The certificate of the server.
ssl_key_file: The private key of the server.
ssl_ca_file: The authorities whose client certificates are accepted.
ssl_min_protocol_version: The oldest TLS version that is accepted.
hba_file: Where pg_hba.conf is.
data_directory: Where the data is.
jit: Whether expensive queries are compiled.
cluster_name: What this cluster is called in process titles. Patroni sets it.
deadlock_timeout: How long a session waits for a lock before it looks for a deadlock.
temp_file_limit: How much disk the temporary files of one process may take; -1 is without limit.
TimeZone: The time zone in which times are shown.
lc_messages: The language of messages.
search_path: The schemas in which names are looked up.
max_files_per_process: How many files each process may have open.
wal_receiver_timeout: After how long without a word a standby takes its primary for gone.
recovery_min_apply_delay: How long a standby waits before it replays a commit.
vacuum_cost_limit: How much work VACUUM does before it rests.
max_logical_replication_workers: How many processes may receive logical replication.
default_transaction_isolation: The isolation of a new transaction.
default_transaction_read_only: Whether a new transaction may only read.
`;

/** What well-known parameters are for, by name. */
export const parameterDescriptions: ReadonlyMap<string, string> = new Map(
  DESCRIPTIONS.trim()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const),
);
