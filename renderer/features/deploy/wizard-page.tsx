import { Button } from '@blueprintjs/core';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { DeployDraft } from '../../../shared/model/deploy/deploy-views';
import { goTo, hrefOf } from '../../navigation/route';
import { useAnswer, usePage } from '../../rpc/hooks';
import { Loading } from '../../ui/loading';
import { ErrorNotice, Notice } from '../../ui/notice';
import { convertedServer } from '../../deployment/form/convert-form';
import { printable } from '../../ui/text';
import { formOfDraft, type DeployForm } from '../../deployment/form/form';
import { problemsOn } from '../../deployment/form/problems';
import { serverKey } from '../../deployment/form/server-key';
import { formSteps, stepBeside, toStep, setupSteps, type StepId } from '../../deployment/form/steps';
import { ProblemList } from '../../deployment/plan/problem-list';
import { ReviewStep } from './review/review-step';
import { RolesStep } from './steps/roles/roles-step';
import { ServersStep } from './steps/servers/servers-step';
import { SettingsStep } from './steps/settings/settings-step';
import { SourcesStep } from './steps/sources/sources-step';
import { stepHref, StepList, type StepMark } from './wizard/step-list';
import { useProblems, useWizard, useWizardState, WizardContext } from './wizard/wizard-context';
import { createWizard } from './wizard/wizard-store';

/** A set-up that is being filled in. */
export function WizardPage({ draftId, step }: { readonly draftId: string; readonly step: string | undefined }) {
  const drafts = useAnswer('drafts', (client) => client.deploy.drafts.list());
  if (drafts.error !== null)
    return (
      <div className="m-page">
        <ErrorNotice error={drafts.error} />
      </div>
    );
  if (drafts.value === null) return <Loading what="Loading the draft." />;
  const draft = drafts.value.find((one) => one.id === draftId);
  const form = draft === undefined ? null : formOfDraft(draft.spec);
  if (draft === undefined || form === null) return <Missing />;
  return <OpenWizard draft={draft} form={form} step={toStep(step ?? draft.step)} />;
}

function Missing() {
  return (
    <div className="m-page m-page-narrow">
      <Notice tone="warn">
        This draft no longer exists: it was finished, removed, or saved by another version.{' '}
        <a href={hrefOf({ page: 'deploy' })}>All set-ups</a>
      </Notice>
    </div>
  );
}

function OpenWizard({
  draft,
  form,
  step,
}: {
  readonly draft: DeployDraft;
  readonly form: DeployForm;
  readonly step: StepId;
}) {
  const page = usePage();
  const [wizard] = useState(() => createWizard(page, draft.id, form, step));
  useEffect(() => {
    const flush = () => void wizard.flush();
    window.addEventListener('pagehide', flush);
    // Without the inventory the servers are only shown by their names; the steps say so themselves.
    wizard.reloadInventory().then(
      () => wizard.inspect(wizard.store.getState().form.spec.servers.map(serverKey)),
      () => undefined,
    );
    return () => {
      window.removeEventListener('pagehide', flush);
      flush();
    };
  }, [wizard]);
  useEffect(() => wizard.setStep(step), [wizard, step]);
  return (
    <WizardContext value={wizard}>
      <Frame step={step} />
    </WizardContext>
  );
}

function Frame({ step }: { readonly step: StepId }) {
  const wizard = useWizard();
  const problems = useProblems();
  const title = setupSteps.find((one) => one.id === step)?.text ?? '';
  const marks = Object.fromEntries(
    formSteps.map((id): [string, StepMark] => {
      const wrong = id !== 'review' && problemsOn(id, problems).some((problem) => problem.severity === 'error');
      const before = formSteps.indexOf(id) < formSteps.indexOf(step);
      const passed = wrong ? 'wrong' : 'done';
      return [id, { href: stepHref(wizard.id, id), state: before ? passed : 'open' }];
    }),
  );
  return (
    <div className="d-frame">
      <aside className="d-side">
        <h1>Set up a cluster</h1>
        <StepList here={step} marks={marks} />
        <Saved />
      </aside>
      <div className="d-step" key={step}>
        <StepHead title={title} />
        <ConversionNotice />
        <StepBody step={step} />
      </div>
    </div>
  );
}

/** Says in every step which PostgreSQL becomes the leader. */
function ConversionNotice() {
  const name = useWizardState((state) => convertedServer(state.form));
  const convert = useWizardState((state) => state.form.convert);
  if (convert === null) return null;
  if (name === null)
    return (
      <Notice tone="crit">
        The server whose PostgreSQL you want to convert is no longer in this set-up. Add it again, or start over.
      </Notice>
    );
  return (
    <Notice tone="info">
      PostgreSQL on <span className="m-strong">{printable(name)}</span> becomes the leader and keeps its data, settings
      and access rules. Servers you add become its replicas.
    </Notice>
  );
}

/** The step's title takes the focus, so that a keyboard or a screen reader starts at the top of it. */
function StepHead({ title }: { readonly title: string }) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body) head.current?.focus();
  }, []);
  return (
    <h2 className="d-title" tabIndex={-1} ref={head}>
      {title}
    </h2>
  );
}

function StepBody({ step }: { readonly step: StepId }) {
  switch (step) {
    case 'servers':
      return (
        <>
          <ServersStep />
          <Onward step={step} />
        </>
      );
    case 'roles':
      return (
        <>
          <RolesStep />
          <Onward step={step} />
        </>
      );
    case 'sources':
      return (
        <>
          <SourcesStep />
          <Onward step={step} />
        </>
      );
    case 'settings':
      return (
        <>
          <SettingsStep />
          <Onward step={step} />
        </>
      );
    case 'review':
      return <ReviewStep />;
  }
}

/** The problems of this step, and the button to the next one. */
function Onward({ step }: { readonly step: StepId }) {
  const wizard = useWizard();
  const here = problemsOn(step, useProblems());
  const [strict, setStrict] = useState(false);
  const next = stepBeside(step, 1);
  const before = stepBeside(step, -1);
  const wrong = here.some((problem) => problem.severity === 'error');
  const go = () => {
    if (wrong) setStrict(true);
    else if (next !== null) goTo({ page: 'deploy', at: ['draft', wizard.id, next] });
  };
  return (
    <div className="m-stack">
      <ProblemList
        problems={
          strict ? here : here.filter((problem) => problem.severity === 'warning' || problem.path !== 'servers')
        }
      />
      <div className="d-onward">
        {before === null ? null : (
          <Button text="Back" onClick={() => goTo({ page: 'deploy', at: ['draft', wizard.id, before] })} />
        )}
        <Button
          intent="primary"
          text={`Continue to ${setupSteps.find((one) => one.id === next)?.text.toLowerCase() ?? 'the end'}`}
          aria-disabled={wrong}
          onClick={go}
        />
      </div>
    </div>
  );
}

function Saved() {
  const wizard = useWizard();
  const saving = useWizardState((state) => state.saving);
  const title = useStore(wizard.store, (state) => state.form.spec.title ?? state.form.spec.scope);
  if (typeof saving !== 'string') return <ErrorNotice error={saving} />;
  return (
    <p className="m-small m-muted d-saved" role="status">
      {saving === 'saved'
        ? `Draft${title === '' ? '' : ` "${printable(title)}"`} saved. You can close the app and continue later.`
        : 'Saving the draft.'}
    </p>
  );
}
