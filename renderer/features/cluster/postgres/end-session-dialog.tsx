import '../../../ui/styles/dialog.css';
import { Button, DialogBody, DialogFooter, FormGroup, InputGroup } from '@blueprintjs/core';
import { useId, useState } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { SessionEnd } from '../../../../shared/model/postgres/activity';
import {
  sessionEndConsequences,
  sessionEndSql,
  sessionEndTitle,
  typeForSessionEnd,
  type NamedSession,
} from '../../../../shared/rules/postgres/session-end';
import { useOpen } from '../../../navigation/overlays';
import { useAction, usePage } from '../../../rpc/hooks';
import { Command } from '../../../ui/command';
import { FocusedDialog } from '../../../ui/focused-dialog';
import { ErrorNotice } from '../../../ui/notice';
import { ReasonButton } from '../../../ui/reason-button';
import { printable } from '../../../ui/text';
import { QueryText } from './session-parts';

/** Which session is to be ended, and how. */
export interface EndChoice {
  readonly end: SessionEnd;
  readonly session: NamedSession;
}

/** The one confirmation before a statement is cancelled or a session terminated. */
export function EndSessionDialog(props: {
  readonly state: ClusterState;
  readonly member: string;
  readonly choice: EndChoice;
  readonly onClose: () => void;
}) {
  const { state, member, choice, onClose } = props;
  const { end, session } = choice;
  const { clusterId } = state;
  const page = usePage();
  const open = useOpen();
  const id = useId();
  const [typed, setTyped] = useState('');
  const [requestId] = useState(() => crypto.randomUUID());
  const wanted = typeForSessionEnd(state);
  const start = useAction(async () => {
    const { pid, backendStart, queryStart, transactionStart } = session;
    const confirmed = wanted === null ? null : typed;
    const job = await page.call((client) =>
      client.postgres.endSession({
        ...{ clusterId, member, end, pid, backendStart, queryStart, transactionStart },
        ...{ typed: confirmed, requestId },
      }),
    );
    onClose();
    open.jobs(job.id);
  });
  const why = wanted === null || typed.trim() === wanted.trim() ? null : `Type ${wanted} to confirm.`;
  return (
    <FocusedDialog
      isOpen
      className="m-operate"
      title={printable(sessionEndTitle(end, session.pid, member))}
      onClose={onClose}
      canOutsideClickClose={false}
    >
      <DialogBody>
        <div className="m-stack">
          {start.error === null ? null : <ErrorNotice error={start.error} />}
          <p>
            {printable(session.user ?? session.kind)}
            {session.database === null ? '' : ` in ${printable(session.database)}`}
            {session.client === null ? '' : ` from ${printable(session.client)}`}
            {session.application === '' ? '' : `, ${printable(session.application)}`}
          </p>
          <QueryText session={session} />
          <div>
            <h3>What will happen</h3>
            <ul className="m-consequences">
              {sessionEndConsequences(end, session).map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </div>
          {wanted === null ? null : (
            <FormGroup label={`Type ${printable(wanted)} to confirm`} labelFor={id}>
              <InputGroup id={id} value={typed} autoComplete="off" spellCheck={false} onValueChange={setTyped} />
            </FormGroup>
          )}
          <details className="m-details">
            <summary>Equivalent SQL</summary>
            <Command text={`${sessionEndSql(end, session)};`} label="Copy SQL" />
          </details>
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Keep it" onClick={onClose} />
            <ReasonButton
              intent="danger"
              data-testid="confirm"
              text={end === 'cancel' ? 'Cancel the statement' : 'Terminate the session'}
              loading={start.busy}
              why={why}
              onClick={() => void start.run()}
            />
          </>
        }
      />
    </FocusedDialog>
  );
}
