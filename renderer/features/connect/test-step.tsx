import { Button } from '@blueprintjs/core';
import type { TestReport, TestStep } from '../../../shared/model/connect/server-test';
import { useAnswer } from '../../rpc/hooks';
import { formatDuration } from '../../ui/format';
import { Loading } from '../../ui/loading';
import { Mark } from '../../ui/mark';
import { ErrorNotice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
import { printable } from '../../ui/text';
import type { Tone } from '../../ui/words';

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
          <Loading what="Connecting. You may be asked to compare a fingerprint or for a password." />
        ) : null}
        {test.error === null ? null : <ErrorNotice error={test.error} />}
        {test.value === null || test.loading ? null : <TestSteps report={test.value} />}
        <div className="m-row">
          <Button text="Back" onClick={props.onBack} />
          {failed ? <Button text="Test again" disabled={test.loading} onClick={test.reload} /> : null}
          <Button intent="primary" text="Look for Patroni" disabled={test.loading || failed} onClick={props.onGood} />
        </div>
      </div>
    </Panel>
  );
}

const verdicts: Readonly<Record<TestStep['verdict'], { readonly tone: Tone; readonly word: string }>> = {
  ok: { tone: 'good', word: 'in order' },
  warning: { tone: 'warn', word: 'warning' },
  failed: { tone: 'crit', word: 'failed' },
};

/** The lines of a connection test. */
export function TestSteps({ report }: { readonly report: TestReport }) {
  return (
    <div aria-label="Result of the test">
      {report.steps.map((step) => (
        <div key={step.name} className="m-test-step">
          <Mark tone={verdicts[step.verdict].tone} word={printable(step.name)} title={verdicts[step.verdict].word} />
          <span className="m-wrap">
            <span className="m-hidden">{verdicts[step.verdict].word}: </span>
            {printable(step.sentence)}
          </span>
          <span className="m-small m-muted m-nowrap">{formatDuration(step.durationMs)}</span>
        </div>
      ))}
      {report.error === null ? null : <ErrorNotice error={report.error} />}
    </div>
  );
}
