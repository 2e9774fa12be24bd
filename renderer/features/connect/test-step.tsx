import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import { useAnswer } from '../../rpc/hooks';
import { Loading } from '../../ui/loading';
import { ErrorNotice, Notice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
import { Name } from '../../ui/text';
import { RemoveServerDialog } from '../../server-editor/server-dialogs';
import { TestSteps } from '../../server-editor/test-steps';

/** Tests the connection to a server and shows each step of it. */
export function TestStepPanel(props: {
  readonly serverId: string;
  readonly onBack: () => void;
  readonly onGood: () => void;
}) {
  const test = useAnswer(props.serverId, (client) => client.servers.test({ id: props.serverId }));
  const failed =
    test.error !== null ||
    (test.value !== null && (test.value.error !== null || test.value.steps.some((step) => step.verdict === 'failed')));
  return (
    <Panel title="Connection">
      <div className="m-stack">
        {test.loading ? (
          <Loading what="Connecting. You may be asked to verify a fingerprint or enter a password." />
        ) : null}
        {test.error === null ? null : <ErrorNotice error={test.error} />}
        {test.value === null || test.loading ? null : <TestSteps report={test.value} />}
        {failed && !test.loading ? <KeptServer serverId={props.serverId} onRemoved={props.onBack} /> : null}
        <div className="m-row">
          <Button text="Back" onClick={props.onBack} />
          {failed ? <Button text="Test again" disabled={test.loading} onClick={test.reload} /> : null}
          <Button intent="primary" text="Find Patroni" disabled={test.loading || failed} onClick={props.onGood} />
        </div>
      </div>
    </Panel>
  );
}

/** A server whose connection failed stays in the list: that is said, and it can be taken out again. */
function KeptServer(props: { readonly serverId: string; readonly onRemoved: () => void }) {
  const [asking, setAsking] = useState(false);
  const servers = useAnswer('servers', (client) => client.servers.list());
  const server = servers.value?.find(({ id }) => id === props.serverId);
  if (server === undefined) return null;
  return (
    <>
      <Notice tone="info" tools={<Button size="small" text="Remove the server" onClick={() => setAsking(true)} />}>
        <Name text={server.name} strong /> is kept under Servers, where you can change how it is reached and test again.
      </Notice>
      {asking ? (
        <RemoveServerDialog server={server} onClose={() => setAsking(false)} onRemoved={props.onRemoved} />
      ) : null}
    </>
  );
}
