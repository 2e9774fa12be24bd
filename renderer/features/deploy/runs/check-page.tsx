import { Button } from '@blueprintjs/core';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { goTo, hrefOf } from '../../../navigation/route';
import { useAction, useAnswer, usePage } from '../../../rpc/hooks';
import { Answered } from '../../../ui/answered';
import { ErrorNotice } from '../../../ui/notice';
import { printable } from '../../../ui/text';
import { formOf } from '../../../deployment/form/form';
import { openDraft } from '../../../deployment/open-draft';
import { DriftList } from '../../../deployment/plan/drift-list';

/** What differs between a cluster that was set up here and its servers now. The comparison changes nothing. */
export function CheckPage({ runId }: { readonly runId: string }) {
  const spec = useAnswer(`spec ${runId}`, (client) => client.deploy.runs.spec({ runId }));
  return (
    <div className="m-page">
      <div className="m-page-head">
        <h1>
          {spec.value === null
            ? 'Compare with the cluster file'
            : `Compare ${printable(spec.value.title ?? spec.value.scope)} with its cluster file`}
        </h1>
        <div className="m-tools">
          <a href={hrefOf({ page: 'deploy' })}>All set-ups</a>
        </div>
      </div>
      <Answered answer={spec} what="Loading the cluster file." show={(value) => <Drift spec={value} runId={runId} />} />
    </div>
  );
}

function Drift({ spec, runId }: { readonly spec: ClusterSpec; readonly runId: string }) {
  const page = usePage();
  const drift = useAnswer(`check ${runId}`, (client) => client.deploy.check({ spec }));
  const repair = useAction(async () => {
    const id = await openDraft(page, formOf(spec, true), 'review');
    goTo({ page: 'deploy', at: ['draft', id, 'review'] });
  });
  return (
    <>
      {repair.error === null ? null : <ErrorNotice error={repair.error} />}
      <Answered
        answer={drift}
        what="Checking every file, package and service."
        show={(report) => <DriftList report={report} spec={spec} />}
      />
      <div className="m-row">
        <Button text="Check again" loading={drift.loading} onClick={drift.reload} />
        {drift.value !== null && drift.value.steps.length > 0 ? (
          <Button intent="primary" text="Review the repair" loading={repair.busy} onClick={() => void repair.run()} />
        ) : null}
      </div>
    </>
  );
}
