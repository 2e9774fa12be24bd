import { Button } from '@blueprintjs/core';
import { useState, type ReactNode } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { ActivityView, SessionEnd } from '../../../../shared/model/postgres/activity';
import type { NamedSession } from '../../../../shared/rules/postgres/session-end';
import { Answered } from '../../../ui/answered';
import { EndSessionDialog, type EndChoice } from './end-session-dialog';
import { usePolled } from './use-polled';

/**
 * The sessions of a member, asked for again and again. `show` gets what ends one of them, after one confirmation; while
 * that is open the sessions stay as they are.
 */
export function PolledSessions(props: {
  readonly state: ClusterState;
  readonly member: string;
  /** What is being asked, for as long as there is no answer. */
  readonly what: string;
  readonly show: (view: ActivityView, onEnd: (end: SessionEnd, session: NamedSession) => void) => ReactNode;
}) {
  const { state, member } = props;
  const { clusterId } = state;
  const [chosen, setChosen] = useState<EndChoice | null>(null);
  const answer = usePolled(`activity ${clusterId} ${member}`, chosen !== null, (client) =>
    client.postgres.activity({ clusterId, member }),
  );
  return (
    <>
      <Answered
        answer={answer}
        what={props.what}
        tools={<Button size="small" text="Ask again" loading={answer.loading} onClick={answer.reload} />}
        show={(view) => props.show(view, (end, session) => setChosen({ end, session }))}
      />
      {chosen === null ? null : (
        <EndSessionDialog
          state={state}
          member={member}
          choice={chosen}
          onClose={() => {
            setChosen(null);
            answer.reload();
          }}
        />
      )}
    </>
  );
}
