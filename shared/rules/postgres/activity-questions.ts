import { sqlMoment, sqlSpan, type CatalogQuestion } from './catalog-select';

/** Of a statement so many characters are shown; its length is told. */
const QUERY_SHOWN = 2_000;
/** So many sessions are shown: those that wait and work come first. */
const MOST_SESSIONS = 500;

/** What is asked about sessions and locks. */
export const activityQuestions = {
  activityServer: {
    columns: {
      version: `current_setting('server_version_num')::int`,
      recovery: 'pg_is_in_recovery()',
      total: '(SELECT count(*) FROM pg_stat_activity)',
      maxConnections: `current_setting('max_connections')::int`,
    },
    from: '',
  },
  sessions: {
    columns: {
      pid: 'a.pid',
      backendStart: 'a.backend_start::text',
      queryStart: 'a.query_start::text',
      transactionStart: 'a.xact_start::text',
      startedAt: sqlMoment('a.backend_start'),
      kind: `coalesce(a.backend_type, 'not told')`,
      leaderPid: { 13: 'a.leader_pid' },
      user: 'a.usename',
      database: 'a.datname',
      application: `coalesce(a.application_name, '')`,
      client: "coalesce(host(a.client_addr), CASE WHEN a.client_port = -1 THEN 'local socket' END)",
      state: 'a.state',
      waitType: 'a.wait_event_type',
      waitEvent: 'a.wait_event',
      queryMs: `CASE WHEN a.state = 'active' THEN ${sqlSpan('clock_timestamp() - a.query_start')} END`,
      stateMs: sqlSpan('clock_timestamp() - a.state_change'),
      transactionMs: sqlSpan('clock_timestamp() - a.xact_start'),
      query: `left(coalesce(a.query, ''), ${QUERY_SHOWN})`,
      queryLength: `length(coalesce(a.query, ''))`,
      queryId: { 14: 'a.query_id::text' },
      blockedBy: `CASE WHEN a.wait_event_type = 'Lock' THEN pg_blocking_pids(a.pid) ELSE '{}' END`,
      lockKind: 'l.locktype',
      lockMode: 'l.mode',
      lockRelation:
        'CASE WHEN l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) ' +
        'THEN l.relation::regclass::text ELSE l.relation::text END',
      lockMs: { 14: sqlSpan('clock_timestamp() - l.waitstart') },
    },
    from:
      'FROM pg_stat_activity a LEFT JOIN ' +
      '(SELECT DISTINCT ON (w.pid) w.* FROM pg_locks w WHERE NOT w.granted ORDER BY w.pid) l ON l.pid = a.pid ' +
      'WHERE a.pid <> pg_backend_pid() ' +
      `ORDER BY (a.wait_event_type = 'Lock') DESC NULLS LAST, (a.state = 'active') DESC NULLS LAST, ` +
      `a.xact_start NULLS LAST, a.pid LIMIT ${MOST_SESSIONS}`,
  },
} as const satisfies Readonly<Record<string, CatalogQuestion>>;
