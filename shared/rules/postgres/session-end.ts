import type { ClusterState } from '../../model/cluster/cluster-state';
import type { SessionEnd, SessionReading } from '../../model/postgres/activity';
import { clusterName } from '../citus/citus-names';

/**
 * What names a session and what it does: the pid alone is given again after its end, and behind a pool the same session serves one
 * client after another.
 */
export type SessionName = Pick<SessionReading, 'pid' | 'queryStart' | 'transactionStart'> & {
  readonly backendStart: string;
};

/** A session that can be ended, as far as it can be told from a later one with its pid. */
export type NamedSession = SessionReading & SessionName;

/** Whether the role that asked was told enough of a session to end that one and no other. */
export function isNamedSession(session: SessionReading): session is NamedSession {
  return session.backendStart !== null;
}

/** What is done, e.g. "Terminate the session 4711 on db1". */
export function sessionEndTitle(end: SessionEnd, pid: number, member: string): string {
  return end === 'cancel' ? `Cancel the statement of ${pid} on ${member}` : `Terminate the session ${pid} on ${member}`;
}

/** What happens, in sentences; the first one is about what the application sees. */
export function sessionEndConsequences(
  end: SessionEnd,
  session: Pick<SessionReading, 'state' | 'kind'>,
): readonly string[] {
  if (end === 'cancel')
    return [
      'Its statement ends with an error (57014), and its transaction fails. The session stays.',
      ...(session.state === 'idle in transaction'
        ? [
            'It runs no statement now, so that cancelling changes nothing: what it holds is free only when it is terminated.',
          ]
        : []),
    ];
  return [
    'Its connection is closed with an error (57P01), and its transaction is rolled back. The application must connect again.',
    ...(session.kind === 'walsender'
      ? ['It sends WAL to a standby or another receiver, which will connect again.']
      : []),
  ];
}

/**
 * SQL that ends exactly this session while it does what was shown: one with the same pid that began at another time, or that has gone on
 * to another statement or transaction, is left alone.
 */
export function sessionEndSql(end: SessionEnd, name: SessionName): string {
  const call = end === 'cancel' ? 'pg_cancel_backend' : 'pg_terminate_backend';
  return `SELECT ${call}(pid) AS done FROM pg_stat_activity WHERE ${sameSession(name)} AND ${sameWork(end, name)}`;
}

/** The condition on pg_stat_activity that a session is still the one that is named. */
export function sameSession({ pid, backendStart }: SessionName): string {
  return `pid = ${Math.trunc(pid)} AND backend_start = '${backendStart}'`;
}

/**
 * The condition that a session still does what was shown. Cancelling is about its statement. Terminating is about its transaction, or
 * about its last statement where it has none; a process that serves no client does its own work and is meant whatever that is.
 */
export function sameWork(end: SessionEnd, { queryStart, transactionStart }: SessionName): string {
  if (end === 'cancel') return sameTime('query_start', queryStart);
  const same =
    transactionStart === null ? sameTime('query_start', queryStart) : sameTime('xact_start', transactionStart);
  return `(backend_type <> 'client backend' OR ${same})`;
}

function sameTime(column: 'query_start' | 'xact_start', printed: string | null): string {
  return printed === null ? `${column} IS NULL` : `${column} = '${printed}'`;
}

/** Kinds of processes that may be ended from here; the others are PostgreSQL's own, and it starts them again or stops without them. */
const ENDABLE: ReadonlySet<string> = new Set([
  'client backend',
  'walsender',
  'parallel worker',
  'autovacuum worker',
  'logical replication worker',
]);

/** Why a session may not be ended now; null where it may. */
export function whyNotEndSession(
  state: Pick<ClusterState, 'readOnly'>,
  session: Pick<SessionReading, 'kind'>,
): string | null {
  if (state.readOnly) return 'This cluster is set to read-only in this app. Change that under Cluster settings first.';
  return ENDABLE.has(session.kind) ? null : `A process of the kind "${session.kind}" is PostgreSQL's own.`;
}

/** What must be typed first: the name of a production cluster. Null: one click is enough. */
export function typeForSessionEnd(state: Pick<ClusterState, 'production' | 'title' | 'citusGroup'>): string | null {
  return state.production ? clusterName(state) : null;
}

/** How PostgreSQL prints a moment in UTC; anything else is not put into SQL. */
export const PRINTED_MOMENT = /^\d{4,6}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?\+00$/;
