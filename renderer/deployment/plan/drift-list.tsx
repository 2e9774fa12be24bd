import type { DriftReport } from '../../../shared/model/deploy/deploy-views';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { plural } from '../../ui/wording/format';
import { spanInWords } from '../../../shared/rules/words/wording';
import { ErrorNotice, Notice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
import { printable } from '../../ui/text';
import { CertificateTable } from './certificate-table';
import { StepRow } from './step-row';

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
      {report.steps.length + report.unchecked.length + report.unreachable.length === 0 ? (
        <Notice tone="good">
          Everything matches the cluster file. Looked at {plural(spec.servers.length, 'server')} in{' '}
          {spanInWords(report.durationMs)}.
        </Notice>
      ) : (
        <Notice tone="warn">
          {plural(report.steps.length, 'thing')} {report.steps.length === 1 ? 'differs' : 'differ'}
          {report.unchecked.length === 0 ? '' : `, and ${report.unchecked.length} could not be checked`}. Looked in{' '}
          {spanInWords(report.durationMs)}.
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
      {report.unchecked.length === 0 ? null : (
        <Panel title="Not checked" note="because of what differs, or because nobody answered">
          <ul className="d-steps">
            {report.unchecked.map((step) => (
              <StepRow key={step.id} step={step} />
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}
