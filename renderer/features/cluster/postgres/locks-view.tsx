import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { SessionEnd, SessionReading, WaitedLock } from '../../../../shared/model/postgres/activity';
import { blockingTree, type BlockingNode } from '../../../../shared/rules/postgres/blocking-tree';
import type { NamedSession } from '../../../../shared/rules/postgres/session-end';
import { Mark } from '../../../ui/mark';
import { Empty, Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { spanInWords } from '../../../../shared/rules/words/wording';
import { plural } from '../../../ui/wording/format';
import { EndButtons, QueryText, sessionTone } from './session-parts';
import { PolledSessions } from './polled-sessions';
import { SourceNote } from './source-note';

/** Who blocks whom on a member, those first that wait for nobody themselves. */
export function LocksView({ state, member }: { readonly state: ClusterState; readonly member: string }) {
  return (
    <PolledSessions
      state={state}
      member={member}
      what="Asking PostgreSQL who waits for whom."
      show={(view, onEnd) => {
        const tree = blockingTree(view.sessions);
        return (
          <Panel title="Who blocks whom" note={<SourceNote source={view.source} />}>
            {tree.length === 0 ? (
              <Empty title="Nobody waits for a lock">
                <p>No session on {printable(member)} is blocked by another one.</p>
              </Empty>
            ) : (
              <ul className="m-lock-tree" aria-label="Tree of locks">
                {tree.map((node) => (
                  <TreeNode key={node.pid} node={node} state={state} onEnd={onEnd} />
                ))}
              </ul>
            )}
          </Panel>
        );
      }}
    />
  );
}

interface NodeProps {
  readonly node: BlockingNode;
  readonly state: ClusterState;
  readonly onEnd: (end: SessionEnd, session: NamedSession) => void;
}

function TreeNode({ node, state, onEnd }: NodeProps) {
  return (
    <li data-testid={`blocking-${node.pid}`}>
      <div className="m-row">
        <div className="m-grow m-stack-tight">
          <div className="m-row m-row-wrap">
            <span className="m-strong">{node.pid === 0 ? 'Prepared transaction' : node.pid}</span>
            {node.victims > 0 ? <span>blocks {plural(node.victims, 'session')}</span> : null}
            {node.cycle ? <Mark tone="crit" word="waits for itself: a deadlock" /> : null}
            {node.session === null ? <Unseen pid={node.pid} /> : <Session session={node.session} />}
          </div>
          {node.session === null ? null : <QueryText session={node.session} />}
        </div>
        {node.session === null ? null : <EndButtons session={node.session} state={state} onEnd={onEnd} />}
      </div>
      {node.waiting.length === 0 ? null : (
        <ul aria-label={`Waiting for ${node.pid}`}>
          {node.waiting.map((waiter) => (
            <TreeNode key={waiter.pid} node={waiter} state={state} onEnd={onEnd} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Unseen({ pid }: { readonly pid: number }) {
  return (
    <span className="m-muted">
      {pid === 0
        ? 'End it with COMMIT PREPARED or ROLLBACK PREPARED; pg_prepared_xacts names it.'
        : 'It is not among the sessions that were read.'}
    </span>
  );
}

function Session({ session }: { readonly session: SessionReading }) {
  const { user, database, application, state, transactionMs, waitsFor } = session;
  return (
    <>
      <Mark tone={sessionTone(session)} word={printable(state ?? session.kind)} />
      <span className="m-small m-muted">
        {printable([user, database, application].filter((part) => part !== null && part !== '').join(', '))}
        {transactionMs === null ? '' : `, in its transaction for ${spanInWords(transactionMs)}`}
      </span>
      {waitsFor === null ? null : <span className="m-small">{lockInWords(waitsFor)}</span>}
    </>
  );
}

/** A lock that is waited for, e.g. "waits for ShareLock on transactionid for 12 s". */
function lockInWords({ kind, mode, relation, waitMs }: WaitedLock): string {
  const on = relation === null ? kind : `${kind} ${relation}`;
  return printable(`waits for ${mode} on ${on}${waitMs === null ? '' : ` for ${spanInWords(waitMs)}`}`);
}
