import { Button, DialogBody, DialogFooter } from '@blueprintjs/core';
import { useEffect, useState } from 'react';
import type { DeployDraft, DeployRunSummary } from '../../../shared/model/deploy/deploy-views';
import { deployedRuns } from '../../../shared/rules/deploy/review/run-status';
import { goTo, hrefOf } from '../../navigation/route';
import { useAction, useAnswer, useHasAgent, usePage } from '../../rpc/hooks';
import { FocusedDialog } from '../../ui/focused-dialog';
import { formatDateTime } from '../../ui/wording/format';
import { Mark } from '../../ui/mark';
import { ErrorNotice, Notice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
import { TableHead } from '../../ui/table-head';
import { Name, printable } from '../../ui/text';
import { Ago, Elapsed } from '../../ui/time';
import { StandalonePanel } from './convert/standalone-panel';
import { emptyForm, formOf, type DeployForm } from '../../deployment/form/form';
import { toStep, setupSteps, type StepId } from '../../deployment/form/steps';
import { openDraft } from '../../deployment/open-draft';
import { runWords } from './runs/run-view';
import { UndoDialog } from './runs/undo-dialog';
import { FileButton } from './wizard/spec-import';

/** The start of a new set-up, the drafts, and the runs so far. */
export function StartPage() {
  const page = usePage();
  const drafts = useAnswer('drafts', (client) => client.deploy.drafts.list());
  const runs = useRuns();
  const hasAgent = useHasAgent();
  const [removed, setRemoved] = useState<DeployDraft | null>(null);
  const begin = useAction(async (form: DeployForm, step: StepId) => {
    const id = await openDraft(page, form, step);
    goTo({ page: 'deploy', at: ['draft', id, step] });
  });
  return (
    <div className="m-page">
      <div className="m-page-head">
        <h1>Set up a cluster</h1>
      </div>
      <Panel title="From bare servers to a running cluster">
        <div className="m-stack">
          <p className="d-lead">
            Install PostgreSQL with automatic failover on servers you reach over SSH: etcd, Patroni, HAProxy and
            PgBouncer, step by step. You review every file and command before anything changes, and you can undo all of
            it.
          </p>
          {begin.error === null ? null : <ErrorNotice error={begin.error} />}
          <div className="m-row m-row-wrap">
            <Button
              intent="primary"
              text="Start a new set-up"
              loading={begin.busy}
              onClick={() => void begin.run(emptyForm(hasAgent), 'servers')}
            />
            <FileButton
              text="From a file"
              onSpec={async (spec, leavesParameters) => {
                await begin.run(formOf(spec, true, leavesParameters), 'review');
              }}
            />
          </div>
        </div>
      </Panel>
      <StandalonePanel busy={begin.busy} onBegin={(form) => void begin.run(form, 'servers')} />
      {drafts.error === null ? null : <ErrorNotice error={drafts.error} />}
      {drafts.value === null || drafts.value.length === 0 ? null : (
        <Drafts
          drafts={drafts.value}
          onRemoved={(draft) => {
            setRemoved(draft);
            drafts.reload();
          }}
        />
      )}
      {removed === null ? null : (
        <RemovedDraft
          draft={removed}
          onBack={() => {
            setRemoved(null);
            drafts.reload();
          }}
        />
      )}
      <Deployed runs={deployedRuns(runs)} />
      <Runs runs={runs} />
    </div>
  );
}

function useRuns(): readonly DeployRunSummary[] {
  const page = usePage();
  const [runs, setRuns] = useState<readonly DeployRunSummary[]>([]);
  useEffect(
    () => page.core.listen((client, signal) => client.deploy.runs.watchAll(undefined, { signal }), setRuns),
    [page],
  );
  return runs;
}

/** The draft that was removed last: it comes back with one click while this page is open. */
function RemovedDraft({ draft, onBack }: { readonly draft: DeployDraft; readonly onBack: () => void }) {
  const page = usePage();
  const restore = useAction(async () => {
    const { id, title, step, spec } = draft;
    await page.call((client) => client.deploy.drafts.save({ id, title, step, spec }));
    onBack();
  });
  return (
    <>
      {restore.error === null ? null : <ErrorNotice error={restore.error} />}
      <Notice
        tone="info"
        tools={<Button size="small" text="Undo" loading={restore.busy} onClick={() => void restore.run()} />}
      >
        The draft <Name text={draft.title} strong /> was removed.
      </Notice>
    </>
  );
}

interface DraftsProps {
  readonly drafts: readonly DeployDraft[];
  readonly onRemoved: (draft: DeployDraft) => void;
}

function Drafts({ drafts, onRemoved }: DraftsProps) {
  const page = usePage();
  const [removing, setRemoving] = useState<DeployDraft | null>(null);
  const remove = useAction(async (draft: DeployDraft) => {
    await page.call((client) => client.deploy.drafts.remove({ id: draft.id }));
    onRemoved(draft);
  });
  return (
    <Panel title="Drafts" flush>
      {removing === null ? null : (
        <FocusedDialog isOpen title="Remove the draft" onClose={() => setRemoving(null)}>
          <DialogBody>
            <p>
              <Name text={removing.title} strong /> is removed with everything that was filled in. You can undo this
              until you leave the page. Nothing changes on its servers.
            </p>
          </DialogBody>
          <DialogFooter
            actions={
              <>
                <Button text="Cancel" onClick={() => setRemoving(null)} />
                <Button
                  intent="danger"
                  text="Remove"
                  loading={remove.busy}
                  onClick={() => void remove.run(removing).then(() => setRemoving(null))}
                />
              </>
            }
          />
        </FocusedDialog>
      )}
      {remove.error === null ? null : <ErrorNotice error={remove.error} />}
      <table className="m-table">
        <TableHead columns={['Set-up', 'Step', 'Saved']} unseen="Actions" />
        <tbody>
          {drafts.map((draft) => (
            <tr key={draft.id}>
              <td>
                <a href={hrefOf({ page: 'deploy', at: ['draft', draft.id, toStep(draft.step)] })}>
                  <Name text={draft.title} />
                </a>
              </td>
              <td>{setupSteps.find((step) => step.id === toStep(draft.step))?.text}</td>
              <td>
                <Ago at={draft.savedAt} />
              </td>
              <td className="d-row-tools">
                <Button
                  size="small"
                  text="Remove"
                  aria-label={`Remove the draft ${draft.title}`}
                  onClick={() => setRemoving(draft)}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Deployed({ runs }: { readonly runs: readonly DeployRunSummary[] }) {
  const [undoing, setUndoing] = useState<DeployRunSummary | null>(null);
  if (runs.length === 0) return null;
  return (
    <Panel title="Clusters set up from here" flush>
      <table className="m-table">
        <TableHead columns={['Cluster', 'Set up']} unseen="Actions" />
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <td>
                <a href={hrefOf({ page: 'deploy', at: ['run', run.id] })}>
                  <Name text={run.scope} />
                </a>
              </td>
              <td>{formatDateTime(run.endedAt ?? run.startedAt)}</td>
              <td className="d-row-tools">
                <Button
                  size="small"
                  text="Compare with the cluster file"
                  aria-label={`Compare ${run.scope} with its cluster file`}
                  onClick={() => goTo({ page: 'deploy', at: ['check', run.id] })}
                />
                <Button
                  size="small"
                  text="Undo"
                  aria-label={`Undo the set-up of ${run.scope}`}
                  onClick={() => setUndoing(run)}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {undoing === null ? null : (
        <UndoDialog runId={undoing.id} scope={undoing.scope} onClose={() => setUndoing(null)} />
      )}
    </Panel>
  );
}

function Runs({ runs }: { readonly runs: readonly DeployRunSummary[] }) {
  if (runs.length === 0) return null;
  return (
    <Panel title="Runs" note="newest first" flush>
      <table className="m-table">
        <TableHead columns={['Started', 'What', 'Status', 'Steps', 'Took']} />
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <td className="m-nowrap">{formatDateTime(run.startedAt)}</td>
              <td>
                <a href={hrefOf({ page: 'deploy', at: ['run', run.id] })}>
                  <Name text={run.title} />
                </a>
                {run.error === null ? null : (
                  <div className="m-small m-tone-crit m-wrap">{printable(run.error.message)}</div>
                )}
              </td>
              <td>
                <Mark tone={runWords[run.status].tone} word={runWords[run.status].word} />
              </td>
              <td className="m-nowrap">{run.stepsTotal === 0 ? '' : `${run.stepsDone} of ${run.stepsTotal}`}</td>
              <td>
                {run.status === 'interrupted' ? 'not known' : <Elapsed since={run.startedAt} until={run.endedAt} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
