import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { PlanView, PreflightReport } from '../../../../shared/model/deploy/deploy-views';
import type { SpecProblem } from '../../../../shared/model/deploy/spec/cluster-spec';
import { goTo } from '../../../navigation/route';
import { useAction, useAnswer, usePage } from '../../../rpc/hooks';
import { plural } from '../../../ui/wording/format';
import { spanInWords } from '../../../../shared/rules/words/wording';
import { Answered } from '../../../ui/answered';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { ChangePreview } from '../../../deployment/plan/change-preview';
import { convertedServer } from '../../../deployment/form/convert-form';
import { stepOf } from '../../../deployment/form/problems';
import { setupSteps } from '../../../deployment/form/steps';
import { ProblemList } from '../../../deployment/plan/problem-list';
import { stepHref } from '../wizard/step-list';
import { useProblems, useSpec, useWizard, useWizardState } from '../wizard/wizard-context';
import { countChecks } from './group-checks';
import { PlanServers } from '../../../deployment/plan/plan-servers';
import { PreflightList } from './preflight-list';
import { SpecFile } from './spec-file';
import { useSuggestions } from '../steps/settings/use-suggestions';

/** Everything that will happen, before anything happens. */
export function ReviewStep() {
  const wizard = useWizard();
  useSuggestions();
  const problems = useProblems();
  const wrong = problems.some((problem) => problem.severity === 'error');
  const convert = useWizardState((state) => state.form.convert);
  const name = useWizardState((state) => convertedServer(state.form));
  const plan = convert === null ? <Plan /> : <Conversion name={name ?? ''} />;
  return (
    <>
      <p className="m-muted">Nothing has changed on any server yet. Review the plan, then install.</p>
      {problems.length === 0 ? null : (
        <Panel title="The form" note={wrong ? 'correct the errors first' : 'warnings that you may accept'}>
          <ProblemList problems={problems} where={(problem) => <Where problem={problem} />} />
        </Panel>
      )}
      {wrong ? (
        <div className="d-onward">
          <Button text="Back" onClick={() => goTo({ page: 'deploy', at: ['draft', wizard.id, 'settings'] })} />
        </div>
      ) : (
        plan
      )}
      <SpecFile />
    </>
  );
}

/** A link to the step where a problem is corrected. */
function Where({ problem }: { readonly problem: SpecProblem }) {
  const wizard = useWizard();
  const step = stepOf(problem);
  return (
    <a className="m-nowrap" href={stepHref(wizard.id, step)}>
      {problem.severity === 'error' ? 'Correct' : 'Change'} in {setupSteps.find((one) => one.id === step)?.text}
    </a>
  );
}

/** What a conversion would do, and its confirmation. */
function Conversion({ name }: { readonly name: string }) {
  const wizard = useWizard();
  const spec = useSpec();
  const started = async (runId: string, estimateMs: number) => {
    wizard.change((form) => ({ ...form, run: { id: runId, estimateMs } }));
    await wizard.flush();
  };
  return (
    <>
      <ChangePreview
        key={JSON.stringify(spec)}
        state={null}
        spec={spec}
        change={{ kind: 'convert', name }}
        onStarted={started}
      />
      <div className="d-onward">
        <Button text="Back" onClick={() => goTo({ page: 'deploy', at: ['draft', wizard.id, 'settings'] })} />
      </div>
    </>
  );
}

/** Asks for the preflight and the plan of the form as it is now. */
function Plan() {
  const spec = useSpec();
  const key = JSON.stringify(spec);
  const preflight = useAnswer(`preflight ${key}`, (client) => client.deploy.preflight({ spec }));
  const plan = useAnswer(`plan ${key}`, (client) => client.deploy.plan({ spec }));
  const [fixed, setFixed] = useState<PreflightReport | null>(null);
  const report = fixed !== null && fixed.at > (preflight.value?.at ?? 0) ? fixed : preflight.value;
  const again = () => {
    setFixed(null);
    preflight.reload();
    plan.reload();
  };
  const loading = preflight.loading || plan.loading;
  return (
    <>
      <Panel
        title="Preflight"
        note={report === null ? undefined : countChecks(report.checks, spanInWords(report.durationMs))}
        tools={<Button size="small" text="Check again" loading={loading} onClick={again} />}
      >
        <Answered
          answer={{ value: report, error: preflight.error }}
          what="Checking all servers and the connections between them."
          show={(value) => (
            <PreflightList
              report={value}
              onReport={(next) => {
                setFixed(next);
                plan.reload();
              }}
            />
          )}
        />
      </Panel>
      <Panel title="What will be done" note={plan.value === null ? undefined : summary(plan.value)} flush>
        <Answered
          answer={plan}
          flush
          what="Comparing the servers with the plan."
          show={(value) => <PlanServers plan={value} route={spec.sources.route} />}
        />
      </Panel>
      <Install report={loading ? null : report} plan={loading ? null : plan.value} onStale={again} />
    </>
  );
}

function summary(plan: PlanView): string {
  const changes =
    plan.changes === 0
      ? 'nothing to change'
      : `${plural(plan.changes, 'step')} to do, about ${spanInWords(plan.estimateMs)}`;
  return `${changes}${plan.unchanged === 0 ? '' : `, ${plan.unchanged} unchanged`}${plan.refused === 0 ? '' : `, ${plan.refused} blocked`}`;
}

/** Why the set-up cannot start now, or null. */
function refusal(report: PreflightReport | null, plan: PlanView | null): string | null {
  if (report === null || plan === null) return 'Waiting for the checks to finish.';
  const blocks = report.checks.filter((check) => check.verdict === 'blocks').length;
  if (blocks > 0) return `Fix ${plural(blocks, 'failed check')} before installing.`;
  if (report.blocked) return 'Correct the errors in the form first.';
  return plan.refused > 0 ? `${plural(plan.refused, 'step')} would change what this set-up did not create.` : null;
}

function Install({
  report,
  plan,
  onStale,
}: {
  readonly report: PreflightReport | null;
  readonly plan: PlanView | null;
  readonly onStale: () => void;
}) {
  const page = usePage();
  const wizard = useWizard();
  const spec = useSpec();
  const [requestId, setRequestId] = useState(() => crypto.randomUUID());
  const start = useAction(async () => {
    if (plan === null) return;
    await wizard.flush();
    try {
      const { runId } = await page.call((client) =>
        client.deploy.apply({ spec, fingerprint: plan.fingerprint, requestId }),
      );
      wizard.change((form) => ({ ...form, run: { id: runId, estimateMs: plan.estimateMs } }));
      await wizard.flush();
      goTo({ page: 'deploy', at: ['run', runId] });
    } finally {
      setRequestId(crypto.randomUUID());
    }
  });
  const no = refusal(report, plan);
  return (
    <div className="m-stack">
      {start.error === null ? null : (
        <ErrorNotice
          error={start.error}
          tools={
            start.error.code === 'deploy.plan_changed' ? <Button text="Check again" onClick={onStale} /> : undefined
          }
        />
      )}
      {no === null ? null : <Notice tone="info">{no}</Notice>}
      <div className="d-onward">
        <Button text="Back" onClick={() => goTo({ page: 'deploy', at: ['draft', wizard.id, 'settings'] })} />
        <Button
          intent="primary"
          text={`Install on ${plural(spec.servers.length, 'server')}`}
          disabled={no !== null}
          loading={start.busy}
          onClick={() => void start.run()}
        />
      </div>
    </div>
  );
}
