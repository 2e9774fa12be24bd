import { Button, FormGroup, HTMLSelect } from '@blueprintjs/core';
import { useId, useState } from 'react';
import { useStore } from 'zustand';
import type {
  AssessmentChoice,
  AssessmentPackages,
  AssessmentReport,
  AssessmentsView,
} from '../../../../../shared/model/upgrade/assessment';
import type { Job } from '../../../../../shared/model/operate/job';
import { namesInWords } from '../../../../../shared/rules/words/wording';
import { useOpen } from '../../../../navigation/overlays';
import type { CoreClient } from '../../../../rpc/core';
import { useAction, useAnswer, usePage } from '../../../../rpc/hooks';
import { isUnderWay } from '../../../../rpc/live/jobs';
import { Answered } from '../../../../ui/answered';
import { ErrorNotice, Notice } from '../../../../ui/notice';
import { Panel } from '../../../../ui/panel';
import { printable } from '../../../../ui/text';
import { formatDateTime } from '../../../../ui/wording/format';
import { AssessmentDialog } from './assessment-dialog';
import { AssessmentForm } from './assessment-form';
import { AssessmentReportPanel } from './assessment-report';

/** What a new major version would take: a form, what a broken-off assessment left, and the reports. */
export function AssessmentPart({ clusterId }: { readonly clusterId: string }) {
  const job = useStore(usePage().jobs, ({ jobs }) =>
    jobs.find((one) => one.clusterId === clusterId && one.kind === 'assessment' && isUnderWay(one.status)),
  );
  const key = `${clusterId} ${job?.id ?? ''}`;
  const view = useAnswer(`assessments ${key}`, (client) => client.assessments.view({ clusterId }));
  const offers = useAnswer(`offers ${key}`, (client) => client.assessments.offers({ clusterId }));
  const [choice, setChoice] = useState<AssessmentChoice | null>(null);
  return (
    <div className="m-stack" data-testid="assessments">
      <Panel
        title="A new major version"
        note="tried on a copy: nothing of the cluster is changed"
        tools={<Button size="small" text="Ask again" loading={offers.loading} onClick={offers.reload} />}
      >
        <div className="m-stack">
          {job === undefined ? null : <Notice tone="busy">{printable(job.title)}: under way, see the jobs.</Notice>}
          {view.value === null ? null : <Kept clusterId={clusterId} view={view.value} />}
          <Answered
            answer={offers}
            what="Asking every server which newer versions it has or is offered."
            show={(places) => (
              <AssessmentForm
                places={places}
                why={job === undefined ? null : 'An assessment is under way.'}
                onChoose={setChoice}
              />
            )}
          />
        </div>
      </Panel>
      <Answered
        answer={view}
        what="Reading the reports of assessments."
        show={({ reports, unreadable }) => <Reports reports={reports} unreadable={unreadable} />}
      />
      {choice === null ? null : (
        <AssessmentDialog clusterId={clusterId} choice={choice} onClose={() => setChoice(null)} />
      )}
    </div>
  );
}

function Kept(props: { readonly clusterId: string; readonly view: AssessmentsView }) {
  const { clusterId } = props;
  const { left, packages } = props.view;
  return (
    <>
      {left === null ? null : (
        <Removal
          sentence={left.sentence}
          text="Clean up"
          start={(client) => client.assessments.clean({ clusterId, requestId: crypto.randomUUID() })}
        />
      )}
      {packages.map((one) => (
        <Removal
          key={`${one.serverId} ${one.major}`}
          sentence={packagesInWords(one)}
          text="Remove them"
          start={(client) =>
            client.assessments.removePackages({
              clusterId,
              serverId: one.serverId,
              major: one.major,
              requestId: crypto.randomUUID(),
            })
          }
        />
      ))}
    </>
  );
}

function packagesInWords({ names, server, at }: AssessmentPackages): string {
  return `Packages that an assessment installed on ${server} on ${formatDateTime(at)} may be there: ${namesInWords(names)}.`;
}

function Removal(props: {
  readonly sentence: string;
  readonly text: string;
  readonly start: (client: CoreClient) => Promise<Job>;
}) {
  const page = usePage();
  const open = useOpen();
  const removal = useAction(async () => {
    const job = await page.call(props.start);
    open.jobs(job.id);
  });
  return (
    <>
      {removal.error === null ? null : <ErrorNotice error={removal.error} />}
      <Notice
        tone="warn"
        tools={<Button size="small" text={props.text} loading={removal.busy} onClick={() => void removal.run()} />}
      >
        <span className="m-wrap">{printable(props.sentence)}</span>
      </Notice>
    </>
  );
}

function Reports(props: { readonly reports: readonly AssessmentReport[]; readonly unreadable: readonly string[] }) {
  const { reports, unreadable } = props;
  const [chosen, setChosen] = useState<string | null>(null);
  const id = useId();
  const report = reports.find((one) => one.id === chosen) ?? reports[0];
  return (
    <>
      {unreadable.length === 0 ? null : (
        <Notice tone="warn">
          {unreadable.length} {unreadable.length === 1 ? 'report' : 'reports'} on this computer could not be read:{' '}
          {printable(unreadable.join(', '))}
        </Notice>
      )}
      {reports.length < 2 ? null : (
        <FormGroup label="Report" labelFor={id} inline>
          <HTMLSelect id={id} value={report?.id ?? ''} onChange={(event) => setChosen(event.currentTarget.value)}>
            {reports.map((one) => (
              <option key={one.id} value={one.id}>
                {formatDateTime(one.startedAt)}: PostgreSQL {one.target}
              </option>
            ))}
          </HTMLSelect>
        </FormGroup>
      )}
      {report === undefined ? null : <AssessmentReportPanel report={report} reports={reports} />}
    </>
  );
}
