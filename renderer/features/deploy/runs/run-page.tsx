import { Button } from '@blueprintjs/core';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { DeployRun } from '../../../../shared/model/deploy/deploy-views';
import { canResume, endedEarly } from '../../../../shared/rules/deploy/review/run-status';
import { RemoveClusterButton } from '../../../actions/remove-cluster';
import { goTo } from '../../../navigation/route';
import { useAction, useAnswer, usePage } from '../../../rpc/hooks';
import { formatDateTime } from '../../../ui/wording/format';
import { Loading } from '../../../ui/loading';
import { Mark } from '../../../ui/mark';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { printable } from '../../../ui/text';
import { Elapsed, useNow } from '../../../ui/time';
import { formOfDraft } from '../../../deployment/form/form';
import { formSteps, type SetupStep } from '../../../deployment/form/steps';
import { stepHref, StepList, type StepMark } from '../wizard/step-list';
import { Done } from './done';
import { LaneColumns } from './lanes';
import { RunLog } from './run-log';
import { expectation, runKindWords, runWords } from './run-view';
import { UndoDialog } from './undo-dialog';
import { useRun } from './use-run';

/** One run: its lanes while it goes on, why it failed, and what there is at the end. */
export function RunPage({ runId }: { readonly runId: string }) {
  const [turn, setTurn] = useState(0);
  const { run, problem } = useRun(runId, turn);
  const draft = useDraftOf(runId, run !== null && servedItsPurpose(run));
  const draftId = draft?.id ?? null;
  if (run === null)
    return problem === null ? (
      <Loading what="Reading the run." />
    ) : (
      <div className="m-page m-page-narrow">
        <ErrorNotice error={problem} />
      </div>
    );
  const here: SetupStep = run.status === 'done' ? 'done' : 'install';
  return (
    <div className="d-frame">
      <aside className="d-side">
        <h1>{run.kind === 'apply' ? 'Set up a cluster' : runKindWords[run.kind]}</h1>
        {run.kind === 'apply' ? <StepList here={here} marks={marksOf(run, draftId)} /> : null}
        <p className="m-small m-muted d-saved">
          Started {formatDateTime(run.startedAt)}.
          {run.endedAt === null
            ? ' It continues without this page. Closing the app interrupts it; you can resume it later.'
            : ''}
        </p>
      </aside>
      <div className="d-step">
        <RunHead
          run={run}
          draftId={draftId}
          estimateMs={run.estimateMs > 0 ? run.estimateMs : (draft?.estimateMs ?? 0)}
          onAgain={() => setTurn(turn + 1)}
        />
        {problem === null ? null : <ErrorNotice error={problem} />}
        {run.status === 'done' ? <End run={run} /> : null}
        <Course run={run} />
      </div>
    </div>
  );
}

/** Whether the form that a run was started from is of no more use. */
function servedItsPurpose(run: DeployRun): boolean {
  return run.status === 'done' && (run.kind === 'apply' || run.kind === 'convert');
}

/** The lanes and the log; folded once all went well. */
function Course({ run }: { readonly run: DeployRun }) {
  if (run.lanes.length === 0)
    return run.status === 'running' ? <Loading what="Checking the servers again before the first step." /> : null;
  const silent = run.status !== 'running' && run.lanes.every((lane) => lane.log.length === 0);
  const course = (
    <>
      <LaneColumns run={run} />
      {silent ? (
        <p className="m-muted">
          This run is from an earlier session: the results of its steps are kept, its log is not.
        </p>
      ) : (
        <RunLog run={run} />
      )}
    </>
  );
  if (run.status !== 'done') return course;
  return (
    <details className="d-details">
      <summary>All steps</summary>
      <div className="m-stack">{course}</div>
    </details>
  );
}

function End({ run }: { readonly run: DeployRun }) {
  if (run.kind === 'apply' || run.kind === 'convert') return <Done run={run} />;
  return (
    <Notice tone="good" tools={run.kind === 'undo' ? <LeaveFleet run={run} /> : <OpenCluster run={run} />}>
      {printable(run.outcome?.sentence ?? 'Finished.')}
      {run.outcome?.next
        .filter((line) => run.kind === 'undo' && line !== '')
        .map((line) => (
          <div key={line}>{printable(line)}</div>
        ))}
    </Notice>
  );
}

/** Once nothing is left of a cluster, it need not stay in the list. Nothing is offered where servers still have parts of it. */
function LeaveFleet({ run }: { readonly run: DeployRun }) {
  const known = useStore(usePage().fleet, (fleet) =>
    fleet.clusters.find((cluster) => cluster.clusterId === run.clusterId && cluster.removed === true),
  );
  if (known === undefined) return null;
  const cluster = { clusterId: known.clusterId, title: known.title, isGroup: known.citusGroup !== undefined };
  return <RemoveClusterButton cluster={cluster} />;
}

/** Opens the cluster that a run changed, where it is in the inventory. */
function OpenCluster({ run }: { readonly run: DeployRun }) {
  const known = useStore(
    usePage().fleet,
    (fleet) => fleet.clusters.find((cluster) => cluster.clusterId === run.clusterId)?.clusterId ?? null,
  );
  const clusterId = run.outcome?.clusterId ?? known;
  if (clusterId === null || run.kind === 'undo') return null;
  return <Button text="Open the cluster" onClick={() => goTo({ page: 'cluster', clusterId, tab: 'servers' })} />;
}

interface DraftOfRun {
  readonly id: string;
  readonly estimateMs: number;
}

/** The draft this run was started from. When the run is done, the draft has served its purpose and is removed. */
function useDraftOf(runId: string, done: boolean): DraftOfRun | null {
  const page = usePage();
  const drafts = useAnswer(`drafts ${runId}`, (client) => client.deploy.drafts.list()).value;
  const found =
    (drafts ?? []).flatMap((draft): DraftOfRun[] => {
      const run = formOfDraft(draft.spec)?.run ?? null;
      return run?.id === runId ? [{ id: draft.id, estimateMs: run.estimateMs }] : [];
    })[0] ?? null;
  const id = found?.id ?? null;
  useEffect(() => {
    // A draft that stays behind is harmless: it can be removed by hand.
    if (done && id !== null) page.call((client) => client.deploy.drafts.remove({ id })).catch(() => undefined);
  }, [page, id, done]);
  return done ? null : found;
}

function marksOf(run: DeployRun, draftId: string | null): Readonly<Partial<Record<SetupStep, StepMark>>> {
  const form = Object.fromEntries(
    formSteps.map((step): [string, StepMark] => [
      step,
      { href: draftId === null || run.status === 'running' ? null : stepHref(draftId, step), state: 'done' },
    ]),
  );
  const ended = run.status === 'done' ? 'done' : 'open';
  return {
    ...form,
    install: { href: null, state: run.status === 'failed' ? 'wrong' : ended },
    done: { href: null, state: ended },
  };
}

function RunHead({
  run,
  draftId,
  estimateMs,
  onAgain,
}: {
  readonly run: DeployRun;
  readonly draftId: string | null;
  readonly estimateMs: number;
  readonly onAgain: () => void;
}) {
  const page = usePage();
  const [undoing, setUndoing] = useState(false);
  const [requestId, setRequestId] = useState(() => crypto.randomUUID());
  const stop = useAction(() => page.call((client) => client.deploy.runs.stop({ runId: run.id })));
  const resume = useAction(async () => {
    await page.call((client) => client.deploy.runs.resume({ runId: run.id, requestId }));
    setRequestId(crypto.randomUUID());
    onAgain();
  });
  const { word, tone } = runWords[run.status];
  return (
    <>
      <div className="m-page-head">
        <h2 className="d-title">{printable(run.title)}</h2>
        <span role="status" data-testid="run-status">
          <Mark tone={tone} word={word} />
        </span>
        <Took run={run} estimateMs={estimateMs} />
        <div className="m-tools">
          {run.status === 'running' ? <Button text="Stop" loading={stop.busy} onClick={() => void stop.run()} /> : null}
          {canResume(run) ? (
            <Button
              intent="primary"
              text={run.status === 'failed' ? 'Try again from here' : 'Resume'}
              loading={resume.busy}
              onClick={() => void resume.run()}
            />
          ) : null}
          {run.kind === 'apply' || run.status === 'done' ? null : <OpenCluster run={run} />}
          {draftId !== null && run.status !== 'running' ? (
            <Button text="Edit the form" onClick={() => goTo({ page: 'deploy', at: ['draft', draftId, 'review'] })} />
          ) : null}
          {run.kind === 'apply' && run.status !== 'running' && run.status !== 'done' ? (
            <Button text="Undo" onClick={() => setUndoing(true)} />
          ) : null}
        </div>
      </div>
      {[stop.error, resume.error].map((error, index) =>
        error === null ? null : <ErrorNotice key={index} error={error} />,
      )}
      <RunTrouble run={run} />
      {undoing ? <UndoDialog runId={run.id} scope={run.scope} onClose={() => setUndoing(false)} /> : null}
    </>
  );
}

/** Since when, and about how long it takes. */
function Took({ run, estimateMs }: { readonly run: DeployRun; readonly estimateMs: number }) {
  const now = useNow();
  if (run.status === 'interrupted') return null;
  const words = run.status === 'running' ? expectation(run, estimateMs, now) : '';
  return (
    <span className="m-muted" data-testid="run-time">
      <Elapsed since={run.startedAt} until={run.endedAt} />
      {words === '' ? '' : ` ${words}`}
    </span>
  );
}

/** Why a run ended before its end, and what to do. */
function RunTrouble({ run }: { readonly run: DeployRun }) {
  if (run.status === 'interrupted')
    return (
      <Notice tone="warn">
        The app closed during this run. Completed steps are kept; resuming checks the servers and continues with what is
        missing.
      </Notice>
    );
  const failed = run.lanes.flatMap((lane) =>
    lane.steps.filter((step) => step.status === 'failed').map((step) => ({ server: lane.server, step })),
  );
  return (
    <>
      {run.error === null ||
      (failed.length > 0 && failed.some(({ step }) => step.error?.message === run.error?.message)) ? null : (
        <ErrorNotice error={run.error} />
      )}
      {run.kind === 'rotate_certificates' && endedEarly(run) ? (
        <Notice tone="warn">
          Start the rotation again under the cluster&rsquo;s Servers and services: keys that are already new do no harm,
          and a new authority continues from the round it reached.
        </Notice>
      ) : null}
      {failed.map(({ server, step }) =>
        step.error === null ? null : (
          <div key={step.id} className="d-cause">
            <h3>
              {printable(server)}: {printable(step.label)}
            </h3>
            <ErrorNotice error={step.error} />
          </div>
        ),
      )}
    </>
  );
}
