import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { SessionEnd, SessionReading } from '../../../../shared/model/postgres/activity';
import { isNamedSession, whyNotEndSession, type NamedSession } from '../../../../shared/rules/postgres/session-end';
import { ReasonButton } from '../../../ui/reason-button';
import { printable } from '../../../ui/text';
import type { Tone } from '../../../ui/wording/words';

/** How a session's state is marked. */
export function sessionTone({ state, blockedBy }: SessionReading): Tone {
  if (blockedBy.length > 0) return 'crit';
  if (state === 'active') return 'good';
  return state?.startsWith('idle in transaction') === true ? 'warn' : 'idle';
}

/** The statement of a session, with its length where it is cut. */
export function QueryText({ session }: { readonly session: SessionReading }) {
  const { query, queryLength } = session;
  const shown = query.slice(0, 300);
  return (
    <div className="m-sql-query m-mono m-small" title={query.slice(0, 2_000)}>
      {printable(shown.replaceAll(/\s+/g, ' '))}
      {queryLength > shown.length ? <span className="m-muted"> … {queryLength} characters</span> : null}
    </div>
  );
}

/** Cancel and terminate for one session; nothing for one of which too little is told to end no other. */
export function EndButtons(props: {
  readonly session: SessionReading;
  readonly state: ClusterState;
  readonly onEnd: (end: SessionEnd, session: NamedSession) => void;
}) {
  const { session, state, onEnd } = props;
  if (!isNamedSession(session)) return null;
  const why = whyNotEndSession(state, session);
  return (
    <div className="m-row m-row-actions">
      <ReasonButton
        size="small"
        text="Cancel"
        aria-label={`Cancel the statement of ${session.pid}`}
        why={why}
        onClick={() => onEnd('cancel', session)}
      />
      <ReasonButton
        size="small"
        text="Terminate"
        aria-label={`Terminate the session ${session.pid}`}
        why={why}
        onClick={() => onEnd('terminate', session)}
      />
    </div>
  );
}
