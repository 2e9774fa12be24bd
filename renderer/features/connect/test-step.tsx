import { Button } from '@blueprintjs/core';
import { useAnswer } from '../../rpc/hooks';
import { Loading } from '../../ui/loading';
import { ErrorNotice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
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
        <div className="m-row">
          <Button text="Back" onClick={props.onBack} />
          {failed ? <Button text="Test again" disabled={test.loading} onClick={test.reload} /> : null}
          <Button intent="primary" text="Find Patroni" disabled={test.loading || failed} onClick={props.onGood} />
        </div>
      </div>
    </Panel>
  );
}
