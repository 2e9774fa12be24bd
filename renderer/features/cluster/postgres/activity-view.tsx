import { HTMLSelect, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { ActivityView, SessionEnd, SessionReading } from '../../../../shared/model/postgres/activity';
import { isNamedSession, type NamedSession } from '../../../../shared/rules/postgres/session-end';
import { isOfFilter, type SessionFilter } from '../../../../shared/rules/postgres/session-filter';
import { Copyable } from '../../../ui/copyable';
import { Mark } from '../../../ui/mark';
import { Panel } from '../../../ui/panel';
import { SortHeader, useSorted, type SortValue } from '../../../ui/sort';
import { UnseenHead } from '../../../ui/table-head';
import { Name, printable } from '../../../ui/text';
import { spanInWords } from '../../../../shared/rules/words/wording';
import { plural } from '../../../ui/wording/format';
import { PolledSessions } from './polled-sessions';
import { EndButtons, QueryText, sessionTone } from './session-parts';
import { SourceNote } from './source-note';

type Column = 'pid' | 'user' | 'state' | 'wait' | 'statement' | 'transaction';

const kinds: Readonly<Record<SessionFilter, string>> = {
  clients: 'Clients',
  working: 'Not idle',
  all: 'All processes',
};

/** The sessions of a member: filtered, sorted, and ended by one click and one confirmation. */
export function ActivityPanels({ state, member }: { readonly state: ClusterState; readonly member: string }) {
  return (
    <PolledSessions
      state={state}
      member={member}
      what="Asking PostgreSQL for its sessions."
      show={(view, onEnd) => <Sessions view={view} state={state} onEnd={onEnd} />}
    />
  );
}

interface SessionsProps {
  readonly view: ActivityView;
  readonly state: ClusterState;
  readonly onEnd: (end: SessionEnd, session: NamedSession) => void;
}

function Sessions({ view, state, onEnd }: SessionsProps) {
  const [kind, setKind] = useState<SessionFilter>('clients');
  const [text, setText] = useState('');
  const found = view.sessions.filter((session) => isOfFilter(session, kind) && holdsText(session, text));
  const sorted = useSorted(found, valueOf);
  const header = (column: Column, name: string, numeric = false) => (
    <SortHeader column={column} name={name} sorted={sorted} numeric={numeric} />
  );
  return (
    <Panel
      title="Activity"
      note={
        <>
          {plural(view.total, 'process', 'processes')}, <SourceNote source={view.source} />
        </>
      }
      tools={
        <>
          <InputGroup
            type="search"
            size="small"
            placeholder="Filter"
            aria-label="Filter the sessions"
            value={text}
            onValueChange={setText}
          />
          <HTMLSelect
            aria-label="Which processes"
            value={kind}
            onChange={(event) => setKind(kindOf(event.currentTarget.value))}
          >
            {Object.entries(kinds).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </HTMLSelect>
        </>
      }
      flush
    >
      <div className="m-sql-scroll" tabIndex={0} role="region" aria-label="Table of the sessions">
        <table className="m-table m-table-dense" aria-label="Sessions">
          <thead>
            <tr>
              {header('pid', 'Process')}
              {header('user', 'User')}
              {header('state', 'State')}
              {header('wait', 'Waits for')}
              {header('statement', 'Statement', true)}
              {header('transaction', 'Transaction', true)}
              <th>Query</th>
              <UnseenHead name="Actions" />
            </tr>
          </thead>
          <tbody>
            {sorted.rows.map((session) => (
              <SessionRow
                key={`${session.pid} ${session.backendStart}`}
                session={session}
                state={state}
                onEnd={onEnd}
              />
            ))}
          </tbody>
        </table>
      </div>
      {sorted.rows.length === 0 ? <p className="m-panel-body m-muted">No session is like this.</p> : null}
      {view.sessions.every(isNamedSession) ? null : (
        <p className="m-panel-body m-small m-muted">
          What is not told belongs to other roles: pg_read_all_stats lets {printable(view.source.role)} see it.
        </p>
      )}
      {view.total > view.sessions.length + 1 ? (
        <p className="m-panel-body m-small m-muted">
          The first {view.sessions.length} are read: those that wait and work come first.
        </p>
      ) : null}
    </Panel>
  );
}

function kindOf(value: string): SessionFilter {
  return value === 'working' || value === 'all' ? value : 'clients';
}

function holdsText(session: SessionReading, text: string): boolean {
  const { pid, user, database, application, client, query, state } = session;
  const all = [pid, user, database, application, client, query, state].join(' ').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

function valueOf(session: SessionReading, column: Column): SortValue {
  switch (column) {
    case 'pid':
      return session.pid;
    case 'user':
      return session.user;
    case 'state':
      return session.state;
    case 'wait':
      return session.waitEvent;
    case 'statement':
      return session.queryMs;
    case 'transaction':
      return session.transactionMs;
  }
}

function SessionRow(props: { readonly session: SessionReading } & Pick<SessionsProps, 'state' | 'onEnd'>) {
  const { session, state, onEnd } = props;
  const none = session.backendStart === null ? 'not told' : '–';
  return (
    <tr data-testid={`session-${session.pid}`}>
      <td>
        <span className="m-strong">{session.pid}</span>
        <div className="m-small m-muted">{printable(session.application)}</div>
        {session.client === null ? null : (
          <div className="m-small m-muted">
            <Copyable text={session.client} what="the address of the client" />
          </div>
        )}
      </td>
      <td>
        <Name text={session.user ?? session.kind} />
        <div className="m-small m-muted">{printable(session.database ?? '')}</div>
      </td>
      <td>
        <Mark tone={sessionTone(session)} word={printable(session.state ?? session.kind)} />
      </td>
      <td>
        {session.waitEvent === null ? <span className="m-muted">{none}</span> : printable(session.waitEvent)}
        <div className="m-small m-muted">
          {session.blockedBy.length > 0
            ? `blocked by ${session.blockedBy.join(', ')}`
            : printable(session.waitType ?? '')}
        </div>
      </td>
      <td className="m-num">{session.queryMs === null ? none : spanInWords(session.queryMs)}</td>
      <td className="m-num">{session.transactionMs === null ? none : spanInWords(session.transactionMs)}</td>
      <td>
        <QueryText session={session} />
      </td>
      <td>
        <EndButtons session={session} state={state} onEnd={onEnd} />
      </td>
    </tr>
  );
}
