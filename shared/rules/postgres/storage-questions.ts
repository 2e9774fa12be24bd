import { sqlMoment, type CatalogQuestion } from './catalog-select';

const setting = (name: string): string => `(SELECT setting FROM pg_settings WHERE name = '${name}')`;
const checkpointer = (column: string): string => `(SELECT ${column} FROM pg_stat_checkpointer)`;
const bgwriter = (column: string): string => `(SELECT ${column} FROM pg_stat_bgwriter)`;

/** What is asked about databases, their age, and checkpoints. */
export const storageQuestions = {
  databases: {
    columns: {
      name: 'd.datname',
      open: 'd.datallowconn',
      size: `CASE WHEN has_database_privilege(d.oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')
        THEN pg_database_size(d.oid) END`,
      connections: 'coalesce(s.numbackends, 0)',
      xidAge: 'age(d.datfrozenxid)',
      multixactAge: 'mxid_age(d.datminmxid)',
      commits: 'coalesce(s.xact_commit, 0)',
      rollbacks: 'coalesce(s.xact_rollback, 0)',
      deadlocks: 'coalesce(s.deadlocks, 0)',
      cacheHits: 's.blks_hit::float8 / nullif(s.blks_hit + s.blks_read, 0)',
      temporaryBytes: 'coalesce(s.temp_bytes, 0)',
    },
    from: 'FROM pg_database d LEFT JOIN pg_stat_database s ON s.datid = d.oid ORDER BY d.datname LIMIT 1000',
  },
  upkeep: {
    columns: {
      freezeAge: `${setting('autovacuum_freeze_max_age')}::bigint`,
      startedAt: sqlMoment('pg_postmaster_start_time()'),
      timed: { 13: bgwriter('checkpoints_timed'), 17: checkpointer('num_timed') },
      requested: { 13: bgwriter('checkpoints_req'), 17: checkpointer('num_requested') },
      writeMs: { 13: bgwriter('checkpoint_write_time'), 17: checkpointer('write_time') },
      syncMs: { 13: bgwriter('checkpoint_sync_time'), 17: checkpointer('sync_time') },
      buffers: { 13: bgwriter('buffers_checkpoint'), 17: checkpointer('buffers_written') },
      cleaned: bgwriter('buffers_clean'),
      byBackends: { 13: bgwriter('buffers_backend'), 17: 'NULL' },
      since: { 13: sqlMoment(bgwriter('stats_reset')), 17: sqlMoment(checkpointer('stats_reset')) },
      timeoutSeconds: `${setting('checkpoint_timeout')}::bigint`,
      maxWalSize: `${setting('max_wal_size')}::bigint * 1048576`,
    },
    from: '',
  },
} as const satisfies Readonly<Record<string, CatalogQuestion>>;

/** What is asked about the tables of one database, in that database. */
export const tablesQuestions = {
  tables: {
    columns: {
      schema: 'n.nspname',
      name: 'c.relname',
      kind:
        `CASE c.relkind WHEN 'p' THEN 'partitioned table' WHEN 'm' THEN 'materialized view' ` +
        `WHEN 't' THEN 'toast table' ELSE 'table' END`,
      total: 'c.total',
      heap: 'pg_relation_size(c.oid)',
      indexes: 'pg_indexes_size(c.oid)',
      rows: 'CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END',
      deadRows: 's.n_dead_tup',
      xidAge: `CASE WHEN c.relfrozenxid <> '0' THEN age(c.relfrozenxid) END`,
      lastVacuum: sqlMoment('greatest(s.last_vacuum, s.last_autovacuum)'),
      lastAnalyze: sqlMoment('greatest(s.last_analyze, s.last_autoanalyze)'),
    },
    from:
      'FROM (SELECT *, pg_total_relation_size(oid) AS total FROM (SELECT * FROM pg_class ' +
      `WHERE relkind IN ('r', 'm') AND relpersistence <> 't' AND (relpages > 1280 OR relnamespace NOT IN ` +
      `('pg_catalog'::regnamespace, 'information_schema'::regnamespace)) ORDER BY relpages DESC LIMIT 400) AS biggest ` +
      'ORDER BY pg_total_relation_size(oid) DESC LIMIT 50) AS c ' +
      'JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid ORDER BY c.total DESC',
  },
} as const satisfies Readonly<Record<string, CatalogQuestion>>;

/** What is asked first: whether pg_stat_statements is in the database that is asked. */
export const extensionQuestions = {
  extension: {
    columns: {
      version: `(SELECT extversion FROM pg_extension WHERE extname = 'pg_stat_statements')`,
      schema: `(SELECT quote_ident(nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        WHERE extname = 'pg_stat_statements')`,
      loaded: `(SELECT setting ~ 'pg_stat_statements' FROM pg_settings WHERE name = 'shared_preload_libraries')`,
      available: `EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_stat_statements')`,
    },
    from: '',
  },
} as const satisfies Readonly<Record<string, CatalogQuestion>>;

const QUERY_SHOWN = 2_000;

/**
 * What is asked of pg_stat_statements. Its columns follow the extension's own version, which pg_upgrade leaves behind: the numbers are N of
 * 1.N. `schema` is quoted already.
 */
export function statementsQuestion(schema: string): CatalogQuestion {
  return {
    columns: {
      id: 's.queryid::text',
      user: 'r.rolname',
      database: 'd.datname',
      query: `left(coalesce(s.query, ''), ${QUERY_SHOWN})`,
      queryLength: `length(coalesce(s.query, ''))`,
      calls: 's.calls',
      totalMs: { 0: 's.total_time', 8: 's.total_exec_time' },
      meanMs: { 0: 's.mean_time', 8: 's.mean_exec_time' },
      rows: 's.rows',
      cacheHits: 's.shared_blks_hit::float8 / nullif(s.shared_blks_hit + s.shared_blks_read, 0)',
      walBytes: { 8: 's.wal_bytes' },
    },
    from: {
      0: fromStatements(schema, 'total_time'),
      8: fromStatements(schema, 'total_exec_time'),
    },
  };
}

function fromStatements(schema: string, time: string): string {
  return (
    `FROM ${schema}.pg_stat_statements s LEFT JOIN pg_roles r ON r.oid = s.userid LEFT JOIN pg_database d ON d.oid = s.dbid ` +
    `ORDER BY s.${time} DESC LIMIT 100`
  );
}
