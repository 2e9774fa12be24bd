import type { ParameterContext, ParameterDefinition, ParameterType } from '../../model/configure/parameter';
import { parameterDescriptions } from './parameter-descriptions';

/**
 * The parameters of PostgreSQL 15 (pg_settings), for servers that cannot be asked and for the demo. A line that begins with `#` names
 * the group of those below it; the others are name, type, unit, context, lowest, highest, words, and the value built in.
 */
const TABLE = `
# Files
config_file|string||postmaster
data_directory|string||postmaster
extension_destdir|string||superuser
external_pid_file|string||postmaster
hba_file|string||postmaster
ident_file|string||postmaster
# Connections
bonjour|bool||postmaster||||off
bonjour_name|string||postmaster
client_connection_check_interval|integer|ms|user|0|2147483647||0
listen_addresses|string||postmaster||||localhost
max_connections|integer||postmaster|1|262143||100
port|integer||postmaster|1|65535||5432
superuser_reserved_connections|integer||postmaster|0|262143||3
tcp_keepalives_count|integer||user|0|2147483647||0
tcp_keepalives_idle|integer|s|user|0|2147483647||0
tcp_keepalives_interval|integer|s|user|0|2147483647||0
tcp_user_timeout|integer|ms|user|0|2147483647||0
unix_socket_directories|string||postmaster||||/var/run/postgresql
unix_socket_group|string||postmaster
unix_socket_permissions|integer||postmaster|0|511||511
# Authentication
authentication_timeout|integer|s|sighup|1|600||60
db_user_namespace|bool||sighup||||off
krb_caseins_users|bool||sighup||||off
krb_server_keyfile|string||sighup||||FILE:/etc/postgresql-common/krb5.keytab
password_encryption|enum||user|||md5,scram-sha-256|scram-sha-256
# TLS
ssl|bool||sighup||||off
ssl_ca_file|string||sighup
ssl_cert_file|string||sighup||||server.crt
ssl_ciphers|string||sighup||||HIGH:MEDIUM:+3DES:!aNULL
ssl_crl_dir|string||sighup
ssl_crl_file|string||sighup
ssl_dh_params_file|string||sighup
ssl_ecdh_curve|string||sighup||||prime256v1
ssl_key_file|string||sighup||||server.key
ssl_max_protocol_version|enum||sighup|||,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3
ssl_min_protocol_version|enum||sighup|||TLSv1,TLSv1.1,TLSv1.2,TLSv1.3|TLSv1.2
ssl_passphrase_command|string||sighup
ssl_passphrase_command_supports_reload|bool||sighup||||off
ssl_prefer_server_ciphers|bool||sighup||||on
# Memory
autovacuum_work_mem|integer|kB|sighup|-1|2147483647||-1
dynamic_shared_memory_type|enum||postmaster|||posix,sysv,mmap|posix
hash_mem_multiplier|real||user|1|1000||2
huge_page_size|integer|kB|postmaster|0|2147483647||0
huge_pages|enum||postmaster|||off,on,try|try
logical_decoding_work_mem|integer|kB|user|64|2147483647||65536
maintenance_work_mem|integer|kB|user|1024|2147483647||65536
max_prepared_transactions|integer||postmaster|0|262143||0
max_stack_depth|integer|kB|superuser|100|2147483647||100
min_dynamic_shared_memory|integer|MB|postmaster|0|2147483647||0
shared_buffers|integer|8kB|postmaster|16|1073741823||16384
shared_memory_type|enum||postmaster|||sysv,mmap|mmap
temp_buffers|integer|8kB|user|100|1073741823||1024
work_mem|integer|kB|user|64|2147483647||4096
# Disk
temp_file_limit|integer|kB|superuser|-1|2147483647||-1
# Kernel resources
max_files_per_process|integer||postmaster|64|2147483647||1000
# Vacuum cost
vacuum_cost_delay|real|ms|user|0|100||0
vacuum_cost_limit|integer||user|1|10000||200
vacuum_cost_page_dirty|integer||user|0|10000||20
vacuum_cost_page_hit|integer||user|0|10000||1
vacuum_cost_page_miss|integer||user|0|10000||2
# Background writer
bgwriter_delay|integer|ms|sighup|10|10000||200
bgwriter_flush_after|integer|8kB|sighup|0|256||64
bgwriter_lru_maxpages|integer||sighup|0|1073741823||100
bgwriter_lru_multiplier|real||sighup|0|10||2
# Parallel work
backend_flush_after|integer|8kB|user|0|256||0
effective_io_concurrency|integer||user|0|1000||1
maintenance_io_concurrency|integer||user|0|1000||10
max_parallel_maintenance_workers|integer||user|0|1024||2
max_parallel_workers|integer||user|0|1024||8
max_parallel_workers_per_gather|integer||user|0|1024||2
max_worker_processes|integer||postmaster|0|262143||8
old_snapshot_threshold|integer|min|postmaster|-1|86400||-1
parallel_leader_participation|bool||user||||on
# WAL
commit_delay|integer||superuser|0|100000||0
commit_siblings|integer||user|0|1000||5
fsync|bool||sighup||||on
full_page_writes|bool||sighup||||on
synchronous_commit|enum||user|||local,remote_write,remote_apply,on,off|on
wal_buffers|integer|8kB|postmaster|-1|262143||-1
wal_compression|enum||superuser|||pglz,lz4,zstd,on,off|off
wal_init_zero|bool||superuser||||on
wal_level|enum||postmaster|||minimal,replica,logical|replica
wal_log_hints|bool||postmaster||||off
wal_recycle|bool||superuser||||on
wal_skip_threshold|integer|kB|user|0|2147483647||2048
wal_sync_method|enum||sighup|||fsync,fdatasync,open_sync,open_datasync|fdatasync
wal_writer_delay|integer|ms|sighup|1|10000||200
wal_writer_flush_after|integer|8kB|sighup|0|2147483647||128
# Checkpoints
checkpoint_completion_target|real||sighup|0|1||0.9
checkpoint_flush_after|integer|8kB|sighup|0|256||32
checkpoint_timeout|integer|s|sighup|30|86400||300
checkpoint_warning|integer|s|sighup|0|2147483647||30
max_wal_size|integer|MB|sighup|2|2147483647||1024
min_wal_size|integer|MB|sighup|2|2147483647||80
# WAL archiving
archive_command|string||sighup
archive_library|string||sighup
archive_mode|enum||postmaster|||always,on,off|off
archive_timeout|integer|s|sighup|0|1073741823||0
# Archive recovery
archive_cleanup_command|string||sighup
recovery_end_command|string||sighup
restore_command|string||sighup
# Recovery
recovery_prefetch|enum||sighup|||off,on,try|try
wal_decode_buffer_size|integer|B|postmaster|65536|1073741823||524288
# Recovery target
recovery_target|string||postmaster
recovery_target_action|enum||postmaster|||pause,promote,shutdown|pause
recovery_target_inclusive|bool||postmaster||||on
recovery_target_lsn|string||postmaster
recovery_target_name|string||postmaster
recovery_target_time|string||postmaster
recovery_target_timeline|string||postmaster||||latest
recovery_target_xid|string||postmaster
# Replication, sending
max_replication_slots|integer||postmaster|0|262143||10
max_slot_wal_keep_size|integer|MB|sighup|-1|2147483647||-1
max_wal_senders|integer||postmaster|0|262143||10
track_commit_timestamp|bool||postmaster||||off
wal_keep_size|integer|MB|sighup|0|2147483647||0
wal_sender_timeout|integer|ms|user|0|2147483647||60000
# Replication, primary
synchronous_standby_names|string||sighup
vacuum_defer_cleanup_age|integer||sighup|0|1000000||0
# Replication, standby
hot_standby|bool||postmaster||||on
hot_standby_feedback|bool||sighup||||off
max_standby_archive_delay|integer|ms|sighup|-1|2147483647||30000
max_standby_streaming_delay|integer|ms|sighup|-1|2147483647||30000
primary_conninfo|string||sighup
primary_slot_name|string||sighup
promote_trigger_file|string||sighup
recovery_min_apply_delay|integer|ms|sighup|0|2147483647||0
wal_receiver_create_temp_slot|bool||sighup||||off
wal_receiver_status_interval|integer|s|sighup|0|2147483||10
wal_receiver_timeout|integer|ms|sighup|0|2147483647||60000
wal_retrieve_retry_interval|integer|ms|sighup|1|2147483647||5000
# Logical replication
max_logical_replication_workers|integer||postmaster|0|262143||4
max_sync_workers_per_subscription|integer||sighup|0|262143||2
# Planner, genetic
geqo|bool||user||||on
geqo_effort|integer||user|1|10||5
geqo_generations|integer||user|0|2147483647||0
geqo_pool_size|integer||user|0|2147483647||0
geqo_seed|real||user|0|1||0
geqo_selection_bias|real||user|1.5|2||2
geqo_threshold|integer||user|2|2147483647||12
# Planner, other
constraint_exclusion|enum||user|||partition,on,off|partition
cursor_tuple_fraction|real||user|0|1||0.1
default_statistics_target|integer||user|1|10000||100
from_collapse_limit|integer||user|1|2147483647||8
jit|bool||user||||on
join_collapse_limit|integer||user|1|2147483647||8
plan_cache_mode|enum||user|||auto,force_generic_plan,force_custom_plan|auto
recursive_worktable_factor|real||user|0.001|1e+06||10
# Planner costs
cpu_index_tuple_cost|real||user|0|1.79769e+308||0.005
cpu_operator_cost|real||user|0|1.79769e+308||0.0025
cpu_tuple_cost|real||user|0|1.79769e+308||0.01
effective_cache_size|integer|8kB|user|1|2147483647||524288
jit_above_cost|real||user|-1|1.79769e+308||100000
jit_inline_above_cost|real||user|-1|1.79769e+308||500000
jit_optimize_above_cost|real||user|-1|1.79769e+308||500000
min_parallel_index_scan_size|integer|8kB|user|0|715827882||64
min_parallel_table_scan_size|integer|8kB|user|0|715827882||1024
parallel_setup_cost|real||user|0|1.79769e+308||1000
parallel_tuple_cost|real||user|0|1.79769e+308||0.1
random_page_cost|real||user|0|1.79769e+308||4
seq_page_cost|real||user|0|1.79769e+308||1
# Planner methods
enable_async_append|bool||user||||on
enable_bitmapscan|bool||user||||on
enable_gathermerge|bool||user||||on
enable_hashagg|bool||user||||on
enable_hashjoin|bool||user||||on
enable_incremental_sort|bool||user||||on
enable_indexonlyscan|bool||user||||on
enable_indexscan|bool||user||||on
enable_material|bool||user||||on
enable_memoize|bool||user||||on
enable_mergejoin|bool||user||||on
enable_nestloop|bool||user||||on
enable_parallel_append|bool||user||||on
enable_parallel_hash|bool||user||||on
enable_partition_pruning|bool||user||||on
enable_partitionwise_aggregate|bool||user||||off
enable_partitionwise_join|bool||user||||off
enable_seqscan|bool||user||||on
enable_sort|bool||user||||on
enable_tidscan|bool||user||||on
# Process title
cluster_name|string||postmaster
update_process_title|bool||superuser||||on
# Log, what
application_name|string||user
debug_pretty_print|bool||user||||on
debug_print_parse|bool||user||||off
debug_print_plan|bool||user||||off
debug_print_rewritten|bool||user||||off
log_autovacuum_min_duration|integer|ms|sighup|-1|2147483647||600000
log_checkpoints|bool||sighup||||on
log_connections|bool||superuser-backend||||off
log_disconnections|bool||superuser-backend||||off
log_duration|bool||superuser||||off
log_error_verbosity|enum||superuser|||terse,default,verbose|default
log_hostname|bool||sighup||||off
log_line_prefix|string||sighup||||%m [%p]
log_lock_waits|bool||superuser||||off
log_parameter_max_length|integer|B|superuser|-1|1073741823||-1
log_parameter_max_length_on_error|integer|B|user|-1|1073741823||0
log_recovery_conflict_waits|bool||sighup||||off
log_replication_commands|bool||superuser||||off
log_statement|enum||superuser|||none,ddl,mod,all|none
log_temp_files|integer|kB|superuser|-1|2147483647||-1
log_timezone|string||sighup||||GMT
# Log, when
log_min_duration_sample|integer|ms|superuser|-1|2147483647||-1
log_min_duration_statement|integer|ms|superuser|-1|2147483647||-1
log_min_error_statement|enum||superuser|||debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic|error
log_min_messages|enum||superuser|||debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic|warning
log_startup_progress_interval|integer|ms|sighup|0|2147483647||10000
log_statement_sample_rate|real||superuser|0|1||1
log_transaction_sample_rate|real||superuser|0|1||0
# Log, where
event_source|string||postmaster||||PostgreSQL
log_destination|string||sighup||||stderr
log_directory|string||sighup||||log
log_file_mode|integer||sighup|0|511||384
log_filename|string||sighup||||postgresql-%Y-%m-%d_%H%M%S.log
log_rotation_age|integer|min|sighup|0|35791394||1440
log_rotation_size|integer|kB|sighup|0|2097151||10240
log_truncate_on_rotation|bool||sighup||||off
logging_collector|bool||postmaster||||off
syslog_facility|enum||sighup|||local0,local1,local2,local3,local4,local5,local6,local7|local0
syslog_ident|string||sighup||||postgres
syslog_sequence_numbers|bool||sighup||||on
syslog_split_messages|bool||sighup||||on
# Statistics
stats_fetch_consistency|enum||user|||none,cache,snapshot|cache
track_activities|bool||superuser||||on
track_activity_query_size|integer|B|postmaster|100|1048576||1024
track_counts|bool||superuser||||on
track_functions|enum||superuser|||none,pl,all|none
track_io_timing|bool||superuser||||off
track_wal_io_timing|bool||superuser||||off
# Statistics, monitoring
compute_query_id|enum||superuser|||auto,regress,on,off|auto
log_executor_stats|bool||superuser||||off
log_parser_stats|bool||superuser||||off
log_planner_stats|bool||superuser||||off
log_statement_stats|bool||superuser||||off
# Autovacuum
autovacuum|bool||sighup||||on
autovacuum_analyze_scale_factor|real||sighup|0|100||0.1
autovacuum_analyze_threshold|integer||sighup|0|2147483647||50
autovacuum_freeze_max_age|integer||postmaster|100000|2000000000||200000000
autovacuum_max_workers|integer||postmaster|1|262143||3
autovacuum_multixact_freeze_max_age|integer||postmaster|10000|2000000000||400000000
autovacuum_naptime|integer|s|sighup|1|2147483||60
autovacuum_vacuum_cost_delay|real|ms|sighup|-1|100||2
autovacuum_vacuum_cost_limit|integer||sighup|-1|10000||-1
autovacuum_vacuum_insert_scale_factor|real||sighup|0|100||0.2
autovacuum_vacuum_insert_threshold|integer||sighup|-1|2147483647||1000
autovacuum_vacuum_scale_factor|real||sighup|0|100||0.2
autovacuum_vacuum_threshold|integer||sighup|0|2147483647||50
# Statements
bytea_output|enum||user|||escape,hex|hex
check_function_bodies|bool||user||||on
client_min_messages|enum||user|||debug5,debug4,debug3,debug2,debug1,log,notice,warning,error|notice
default_table_access_method|string||user||||heap
default_tablespace|string||user
default_toast_compression|enum||user|||pglz,lz4|pglz
default_transaction_deferrable|bool||user||||off
default_transaction_isolation|enum||user|||serializable,repeatable read,read committed,read uncommitted|read committed
default_transaction_read_only|bool||user||||off
gin_pending_list_limit|integer|kB|user|64|2147483647||4096
idle_in_transaction_session_timeout|integer|ms|user|0|2147483647||0
idle_session_timeout|integer|ms|user|0|2147483647||0
lock_timeout|integer|ms|user|0|2147483647||0
restrict_nonsystem_relation_kind|string||user
row_security|bool||user||||on
search_path|string||user||||"$user", public
session_replication_role|enum||superuser|||origin,replica,local|origin
statement_timeout|integer|ms|user|0|2147483647||0
temp_tablespaces|string||user
transaction_deferrable|bool||user||||off
transaction_isolation|enum||user|||serializable,repeatable read,read committed,read uncommitted|read committed
transaction_read_only|bool||user||||off
vacuum_failsafe_age|integer||user|0|2100000000||1600000000
vacuum_freeze_min_age|integer||user|0|1000000000||50000000
vacuum_freeze_table_age|integer||user|0|2000000000||150000000
vacuum_multixact_failsafe_age|integer||user|0|2100000000||1600000000
vacuum_multixact_freeze_min_age|integer||user|0|1000000000||5000000
vacuum_multixact_freeze_table_age|integer||user|0|2000000000||150000000
xmlbinary|enum||user|||base64,hex|base64
xmloption|enum||user|||content,document|content
# Locale
DateStyle|string||user||||ISO, MDY
IntervalStyle|enum||user|||postgres,postgres_verbose,sql_standard,iso_8601|postgres
TimeZone|string||user||||GMT
client_encoding|string||user||||SQL_ASCII
default_text_search_config|string||user||||pg_catalog.simple
extra_float_digits|integer||user|-15|3||1
lc_messages|string||superuser
lc_monetary|string||user||||C
lc_numeric|string||user||||C
lc_time|string||user||||C
timezone_abbreviations|string||user
# Client defaults
dynamic_library_path|string||superuser||||$libdir
gin_fuzzy_search_limit|integer||user|0|2147483647||0
# Preloaded libraries
jit_provider|string||postmaster||||llvmjit
local_preload_libraries|string||user
session_preload_libraries|string||superuser
shared_preload_libraries|string||postmaster
# Locks
deadlock_timeout|integer|ms|superuser|1|2147483647||1000
max_locks_per_transaction|integer||postmaster|10|2147483647||64
max_pred_locks_per_page|integer||sighup|0|2147483647||2
max_pred_locks_per_relation|integer||sighup|-2147483648|2147483647||-2
max_pred_locks_per_transaction|integer||postmaster|10|2147483647||64
# Compatibility, clients
transform_null_equals|bool||user||||off
# Compatibility, versions
array_nulls|bool||user||||on
backslash_quote|enum||user|||safe_encoding,on,off|safe_encoding
escape_string_warning|bool||user||||on
lo_compat_privileges|bool||superuser||||off
quote_all_identifiers|bool||user||||off
standard_conforming_strings|bool||user||||on
synchronize_seqscans|bool||user||||on
# Errors
data_sync_retry|bool||postmaster||||off
exit_on_error|bool||user||||off
recovery_init_sync_method|enum||sighup|||fsync,syncfs|fsync
restart_after_crash|bool||sighup||||on
# Developer options
allow_in_place_tablespaces|bool||superuser||||off
allow_system_table_mods|bool||superuser||||off
backtrace_functions|string||superuser
debug_discard_caches|integer||superuser|0|0||0
force_parallel_mode|enum||user|||off,on,regress|off
ignore_checksum_failure|bool||superuser||||off
ignore_invalid_pages|bool||postmaster||||off
ignore_system_indexes|bool||backend||||off
jit_debugging_support|bool||superuser-backend||||off
jit_dump_bitcode|bool||superuser||||off
jit_expressions|bool||user||||on
jit_profiling_support|bool||superuser-backend||||off
jit_tuple_deforming|bool||user||||on
post_auth_delay|integer|s|backend|0|2147||0
pre_auth_delay|integer|s|sighup|0|60||0
remove_temp_files_after_crash|bool||sighup||||on
trace_notify|bool||user||||off
trace_recovery_messages|enum||sighup|||debug5,debug4,debug3,debug2,debug1,log,notice,warning,error|log
trace_sort|bool||user||||off
wal_consistency_checking|string||superuser
zero_damaged_pages|bool||superuser||||off
`;

const types: readonly ParameterType[] = ['bool', 'string', 'integer', 'real', 'enum'];
const contexts: readonly ParameterContext[] = [
  'internal',
  'postmaster',
  'sighup',
  'superuser-backend',
  'backend',
  'superuser',
  'user',
];

/** The type that pg_settings names; anything unheard of is taken for text, which is not judged. */
export function parameterTypeOf(word: string | undefined): ParameterType {
  return types.find((type) => type === word) ?? 'string';
}

/** The context that pg_settings names. */
export function parameterContextOf(word: string | undefined): ParameterContext {
  return contexts.find((context) => context === word) ?? 'unknown';
}

const textOrNull = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text);

function readRow(line: string, group: string): ParameterDefinition {
  const [name = '', type, unit, context, min, max, words = '', builtIn] = line.split('|');
  return {
    name,
    type: parameterTypeOf(type),
    unit: textOrNull(unit),
    context: parameterContextOf(context),
    min: textOrNull(min),
    max: textOrNull(max),
    choices: words === '' ? [] : words.split(','),
    builtIn: textOrNull(builtIn),
    group,
    description: parameterDescriptions.get(name) ?? '',
  };
}

function readTable(): readonly ParameterDefinition[] {
  let group = '';
  return TABLE.trim()
    .split('\n')
    .flatMap((line) => {
      if (!line.startsWith('# ')) return [readRow(line, group)];
      group = line.slice(2);
      return [];
    })
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** The parameters the app knows by itself, sorted by name: types, ranges and contexts of PostgreSQL 15. */
export const knownParameters: readonly ParameterDefinition[] = readTable();

const byName: ReadonlyMap<string, ParameterDefinition> = new Map(
  knownParameters.map((one) => [one.name.toLowerCase(), one]),
);

/** What the app itself knows of a parameter; undefined for one it does not know. Upper and lower case are the same. */
export function findKnownParameter(name: string): ParameterDefinition | undefined {
  return byName.get(name.toLowerCase());
}
