import { Button, FormGroup, InputGroup } from '@blueprintjs/core';
import { useId, useState } from 'react';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { PlanView } from '../../../shared/model/deploy/deploy-views';
import type { Day2Change, Day2Preview } from '../../../shared/model/deploy/day2';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { describeChangeConsequences, isDestructiveChange } from '../../../shared/rules/deploy/day2/change-consequences';
import { useOpen } from '../../navigation/overlays';
import { goTo } from '../../navigation/route';
import { useAction, useAnswer, usePage } from '../../rpc/hooks';
import { plural } from '../../ui/wording/format';
import { spanInWords } from '../../../shared/rules/words/wording';
import { Answered } from '../../ui/answered';
import { ErrorNotice, Notice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
import { printable } from '../../ui/text';
import { ProblemList } from './problem-list';
import { PlanServers } from './plan-servers';
import { changeStartText } from './start-text';

interface PreviewProps {
  /** The cluster on the page; null where there is none yet. */
  readonly state: ClusterState | null;
  readonly spec: ClusterSpec;
  readonly change: Day2Change;
  /** Called with the run when it has started, before its page is opened. */
  readonly onStarted?: (runId: string, estimateMs: number) => Promise<void>;
}

/** Everything a change would do, and its one confirmation. */
export function ChangePreview(props: PreviewProps) {
  const { spec, change } = props;
  const answer = useAnswer('preview', (client) => client.deploy.day2.preview({ spec, change }));
  const again = <Button size="small" text="Check again" loading={answer.loading} onClick={answer.reload} />;
  const preview = answer.value;
  return (
    <>
      <Panel
        title="What will be done"
        note={preview === null ? undefined : summary(preview.plan)}
        tools={preview === null ? undefined : again}
        flush
      >
        <Answered
          answer={answer}
          what="Inspecting all servers of the cluster. Nothing is changed."
          flush
          tools={preview === null ? again : undefined}
          show={({ plan, spec }) => <PlanServers plan={plan} route={spec.sources.route} />}
        />
      </Panel>
      {preview === null ? null : (
        <Confirm key={preview.plan.fingerprint} {...props} preview={preview} busy={answer.loading} />
      )}
    </>
  );
}

function summary(plan: PlanView): string {
  const todo =
    plan.changes === 0 ? 'nothing to do' : `${plural(plan.changes, 'step')}, about ${spanInWords(plan.estimateMs)}`;
  return `${todo}${plan.unchanged === 0 ? '' : `; ${plan.unchanged} unchanged`}${plan.refused === 0 ? '' : `; ${plan.refused} blocked`}`;
}

/** Why this cannot be started now, or null. */
function refusal({ plan, problems }: Day2Preview, state: ClusterState | null): string | null {
  if (plan.refused > 0) return 'Blocked by the current state of the cluster.';
  if (problems.some((problem) => problem.severity === 'error')) return 'Correct the errors above first.';
  if (state?.origin === 'demo')
    return 'The servers of the demo are simulated: you can review the changes but not make them.';
  return state?.readOnly === true ? 'This cluster is read-only in Matriarch.' : null;
}

function Confirm(props: PreviewProps & { readonly preview: Day2Preview; readonly busy: boolean }) {
  const { preview, change, state } = props;
  const page = usePage();
  const id = useId();
  const [typed, setTyped] = useState('');
  const [requestId] = useState(() => crypto.randomUUID());
  const start = useAction(async () => {
    const { runId } = await page.call((client) =>
      client.deploy.day2.apply({
        spec: props.spec,
        change,
        fingerprint: preview.plan.fingerprint,
        typed: preview.typed === null ? null : typed,
        requestId,
      }),
    );
    await props.onStarted?.(runId, preview.plan.estimateMs);
    goTo({ page: 'deploy', at: ['run', runId] });
  });
  const no = refusal(preview, state);
  const ready = no === null && !props.busy && (preview.typed === null || typed === preview.typed);
  return (
    <Panel title="What this means">
      <form
        className="m-stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void start.run();
        }}
      >
        <ul className="d-list" aria-label="What this means">
          {[...describeChangeConsequences(change, props.spec, preview.spec), ...preview.notes].map((line) => (
            <li key={line} className="m-wrap">
              {printable(line)}
            </li>
          ))}
        </ul>
        <ProblemList problems={preview.problems} />
        <Refused preview={preview} state={state} />
        {start.error === null ? null : <ErrorNotice error={start.error} />}
        {no === null ? null : <Notice tone="info">{no}</Notice>}
        {preview.typed === null || no !== null ? null : (
          <FormGroup
            label={
              <>
                Type <strong className="m-wrap">{printable(preview.typed)}</strong> to confirm
              </>
            }
            labelFor={id}
          >
            <InputGroup id={id} value={typed} autoComplete="off" spellCheck={false} onValueChange={setTyped} />
          </FormGroup>
        )}
        <div className="d-onward">
          <Button
            type="submit"
            data-testid="confirm"
            intent={isDestructiveChange(change) ? 'danger' : 'primary'}
            text={printable(changeStartText(change))}
            disabled={!ready}
            loading={start.busy}
          />
        </div>
      </form>
    </Panel>
  );
}

/** Steps that are refused with their reasons, and the members that could lead instead where that is the reason. */
function Refused({ preview, state }: { readonly preview: Day2Preview; readonly state: ClusterState | null }) {
  const open = useOpen();
  const refused = preview.plan.servers.flatMap((server) => server.steps.filter((step) => step.action === 'refuse'));
  const leader = state?.leader.holder ?? null;
  if (refused.length === 0) return null;
  const others =
    state === null || leader === null
      ? []
      : preview.candidates.map((candidate) => (
          <Button
            key={candidate}
            size="small"
            text={`Switch over to ${printable(candidate)}`}
            onClick={() => open.operation(state.clusterId, { kind: 'switchover', leader, candidate })}
          />
        ));
  return (
    <Notice tone="crit" alert tools={others.length === 0 ? undefined : others}>
      {refused.map((step) => (
        <div key={step.id}>{printable(step.reason ?? step.label)}</div>
      ))}
    </Notice>
  );
}
