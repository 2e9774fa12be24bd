import { useState } from 'react';
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
import { ConfirmDialog } from '../../../ui/confirm-dialog';
import { Consequences } from '../../../ui/consequences';
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
  const [requestId] = useState(() => crypto.randomUUID());
  const start = useAction(async (typed: string | null) => {
    const { pid, backendStart, queryStart, transactionStart } = session;
    const job = await page.call((client) =>
      client.postgres.endSession({
        ...{ clusterId, member, end, pid, backendStart, queryStart, transactionStart },
        ...{ typed, requestId },
      }),
    );
    onClose();
    open.jobs(job.id);
  });
  return (
    <ConfirmDialog
      title={sessionEndTitle(end, session.pid, member)}
      start={start}
      confirm={{ text: end === 'cancel' ? 'Cancel the statement' : 'Terminate the session', intent: 'danger' }}
      keepText="Keep it"
      wanted={typeForSessionEnd(state)}
      equivalent={{
        summary: 'Equivalent SQL',
        content: <Command text={`${sessionEndSql(end, session)};`} label="Copy SQL" />,
      }}
      onConfirm={(typed) => void start.run(typed)}
      onClose={onClose}
    >
      <p>
        {printable(session.user ?? session.kind)}
        {session.database === null ? '' : ` in ${printable(session.database)}`}
        {session.client === null ? '' : ` from ${printable(session.client)}`}
        {session.application === '' ? '' : `, ${printable(session.application)}`}
      </p>
      <QueryText session={session} />
      <Consequences consequences={sessionEndConsequences(end, session)} />
    </ConfirmDialog>
  );
}
