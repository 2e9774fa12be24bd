import type { ClusterState } from '../../model/cluster/cluster-state';
import type { SessionEnd, SessionReading } from '../../model/postgres/activity';
import { clusterName } from '../citus/citus-names';

/** What names a session: the pid alone is given again after its end. */
export type SessionName = Pick<SessionReading, 'pid' | 'backendStart'>;

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

/** SQL that ends exactly this session: one with the same pid that began at another time is left alone. */
export function sessionEndSql(end: SessionEnd, { pid, backendStart }: SessionName): string {
  const call = end === 'cancel' ? 'pg_cancel_backend' : 'pg_terminate_backend';
  return `SELECT ${call}(pid) AS done FROM pg_stat_activity WHERE pid = ${Math.trunc(pid)} AND backend_start = '${backendStart}'`;
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

/** How `backend_start` is printed in UTC; anything else is not put into SQL. */
export const BACKEND_START = /^\d{4,6}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?\+00$/;
