import type { SessionReading } from '../../model/postgres/activity';

/** Which processes of a server are looked at. */
export type SessionFilter = 'clients' | 'working' | 'all';

/** What is read of a session to choose it. */
type Filtered = Pick<SessionReading, 'kind' | 'state' | 'user' | 'backendStart'>;

/**
 * Whether a session is one of those that are looked at. Of a session whose kind is not told, the user alone tells that it may serve a
 * client: PostgreSQL's own processes have none.
 */
export function isOfFilter({ kind, state, user, backendStart }: Filtered, wanted: SessionFilter): boolean {
  switch (wanted) {
    case 'all':
      return true;
    case 'clients':
      return kind === 'client backend' || (backendStart === null && user !== null);
    case 'working':
      return state !== null && state !== 'idle';
  }
}
