import { Button } from '@blueprintjs/core';
import type { DriftReport } from '../../../../shared/model/deploy/deploy-views';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { goTo, hrefOf } from '../../../app/route';
import { useAction, useAnswer, usePage } from '../../../rpc/hooks';
import { formatDuration, plural } from '../../../ui/format';
import { Loading } from '../../../ui/loading';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { formOf } from '../form/form';
import { openDraft } from '../open-draft';
import { StepRow } from '../review/step-row';
import { CertificateTable } from './certificate-table';

/** What differs between a cluster that was set up here and its servers now. Nothing is changed by looking. */
export function CheckPage({ runId }: { readonly runId: string }) {
  const spec = useAnswer(`spec ${runId}`, (client) => client.deploy.runs.spec({ runId }));
  return (
    <div className="m-page">
      <div className="m-page-head">
        <h1>
          {spec.value === null
            ? 'Compare with the spec'
            : `Compare ${printable(spec.value.title ?? spec.value.scope)} with its spec`}
        </h1>
        <div className="m-tools">
          <a href={hrefOf({ page: 'deploy' })}>All set-ups</a>
        </div>
      </div>
      {spec.error === null ? null : <ErrorNotice error={spec.error} />}
      {spec.value === null ? (
        spec.error === null ? (
          <Loading what="Reading the spec." />
        ) : null
      ) : (
        <Drift spec={spec.value} runId={runId} />
      )}
    </div>
  );
}

function Drift({ spec, runId }: { readonly spec: ClusterSpec; readonly runId: string }) {
  const page = usePage();
  const drift = useAnswer(`check ${runId}`, (client) => client.deploy.check({ spec }));
  const mend = useAction(async () => {
    const id = await openDraft(page, formOf(spec, true), 'review');
    goTo({ page: 'deploy', at: ['draft', id, 'review'] });
  });
  return (
    <>
      {[drift.error, mend.error].map((error, index) =>
        error === null ? null : <ErrorNotice key={index} error={error} />,
      )}
      {drift.value === null ? (
        drift.error === null ? (
          <Loading what="Looking at every file, package and service." />
        ) : null
      ) : (
        <DriftList report={drift.value} spec={spec} />
      )}
      <div className="m-row">
        <Button text="Look again" loading={drift.loading} onClick={drift.reload} />
        {drift.value !== null && drift.value.steps.length > 0 ? (
          <Button
            intent="primary"
            text="Review what would set it right"
            loading={mend.busy}
            onClick={() => void mend.run()}
          />
        ) : null}
      </div>
    </>
  );
}

/** What differs, server by server. */
export function DriftList({ report, spec }: { readonly report: DriftReport; readonly spec: ClusterSpec }) {
  const differing = spec.servers
    .map((server) => ({ server: server.name, steps: report.steps.filter((step) => step.server === server.name) }))
    .filter(({ steps }) => steps.length > 0);
  return (
    <>
      {report.unreachable.map((result) =>
        result.error === null ? null : <ErrorNotice key={result.server} error={result.error} />,
      )}
      {report.steps.length === 0 && report.unreachable.length === 0 ? (
        <Notice tone="good">
          Everything is as the spec says. Looked at {plural(spec.servers.length, 'server')} in{' '}
          {formatDuration(report.durationMs)}.
        </Notice>
      ) : (
        <Notice tone="warn">
          {plural(report.steps.length, 'thing')} {report.steps.length === 1 ? 'differs' : 'differ'}. Looked in{' '}
          {formatDuration(report.durationMs)}.
        </Notice>
      )}
      <CertificateTable ends={report.certificates} at={report.at} />
      {differing.map(({ server, steps }) => (
        <Panel key={server} title={printable(server)} note={plural(steps.length, 'difference')}>
          <ul className="d-steps">
            {steps.map((step) => (
              <StepRow key={step.id} step={step} />
            ))}
          </ul>
        </Panel>
      ))}
    </>
  );
}
