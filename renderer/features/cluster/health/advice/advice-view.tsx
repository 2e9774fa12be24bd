import { Button } from '@blueprintjs/core';
import { useStore } from 'zustand';
import type { AdviceReport, AdviceUpdate } from '../../../../../shared/model/advice/advice';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import { VERSIONS_AS_OF } from '../../../../../shared/rules/advice/known-versions';
import { adviceRule, asideOf } from '../../../../../shared/rules/advice/make-report';
import { adviceReportHtml } from '../../../../../shared/rules/advice/report-html';
import { useAction, usePage } from '../../../../rpc/hooks';
import { downloadText } from '../../../../ui/download';
import { Loading } from '../../../../ui/loading';
import { ErrorNotice } from '../../../../ui/notice';
import { Empty, Panel } from '../../../../ui/panel';
import { TableHead } from '../../../../ui/table-head';
import { printable } from '../../../../ui/text';
import { Ago } from '../../../../ui/time';
import { plural } from '../../../../ui/wording/format';
import { AdviceList } from './advice-list';
import { useAdvice } from './use-advice';

/** What could be better in a cluster, by one reading of it. */
export default function AdviceView({ state }: { readonly state: ClusterState }) {
  const { clusterId } = state;
  const page = usePage();
  const { update, problem } = useAdvice(clusterId);
  const read = useAction(() => page.call((client) => client.advice.read({ clusterId })));
  if (update === null)
    return problem === null ? <Loading what="Loading the advice." /> : <ErrorNotice error={problem} />;
  const busy = read.busy || update.progress !== null;
  const button = (
    <Button
      size="small"
      intent={update.report === null ? 'primary' : 'none'}
      text={update.report === null ? 'Check this cluster' : 'Check again'}
      loading={busy}
      onClick={() => void read.run()}
    />
  );
  return (
    <div className="m-stack" data-testid="advice">
      {problem === null ? null : <ErrorNotice error={problem} />}
      {read.error === null ? null : <ErrorNotice error={read.error} />}
      <Progress progress={update.progress} />
      {update.report === null ? (
        <Empty title={busy ? 'The cluster is being read' : 'Nothing has been checked yet'}>
          <p>
            One reading of configuration, servers, PostgreSQL and etcd, and what good practice says of it. Nothing is
            changed, and nobody logs in with a guessed password.
          </p>
          {button}
        </Empty>
      ) : (
        <Report report={update.report} update={update} tools={button} />
      )}
    </div>
  );
}

function Progress({ progress }: Pick<AdviceUpdate, 'progress'>) {
  if (progress === null) return null;
  return (
    <div className="m-row" role="status">
      <progress max={progress.of} value={progress.done} aria-label="Parts that were read" />
      <span className="m-muted m-small">
        {progress.done} of {plural(progress.of, 'part')} read
        {progress.doing === '' ? '' : `; last ${printable(progress.doing)}`}
      </span>
    </div>
  );
}

interface ReportProps {
  readonly report: AdviceReport;
  readonly update: AdviceUpdate;
  readonly tools: React.ReactNode;
}

function Report({ report, update, tools }: ReportProps) {
  const version = useStore(usePage().info, (info) => info.value?.version ?? '');
  const { asides } = update;
  const counted = report.advice.filter((one) => asideOf(one, asides) === null);
  const aside = report.advice.filter((one) => asideOf(one, asides) !== null);
  const { clusterId } = report;
  return (
    <>
      <div className="m-row m-row-wrap">
        <span className="m-muted m-small" data-testid="advice-summary">
          Read <Ago at={report.to} />: {counted.length} to look at, {aside.length} set aside, {report.notChecked.length}{' '}
          not checked, {report.well.length} well. Versions as of {VERSIONS_AS_OF}.
        </span>
        {tools}
        <Button
          size="small"
          text="Save as a report"
          onClick={() =>
            downloadText(`advice-${clusterId}.html`, adviceReportHtml(report, asides, version), 'text/html')
          }
        />
      </div>
      <Panel title="To look at" note={plural(counted.length, 'finding')} flush>
        {counted.length === 0 ? (
          <p className="m-panel-body m-muted">Nothing of what was checked.</p>
        ) : (
          <AdviceList clusterId={clusterId} advice={counted} asides={asides} label="To look at" />
        )}
      </Panel>
      <NotCheckedPanel report={report} />
      {aside.length === 0 ? null : (
        <Panel title="Set aside" note={plural(aside.length, 'finding')} flush>
          <AdviceList clusterId={clusterId} advice={aside} asides={asides} label="Set aside" />
        </Panel>
      )}
      <WellPanel report={report} />
    </>
  );
}

function NotCheckedPanel({ report }: { readonly report: AdviceReport }) {
  if (report.notChecked.length === 0) return null;
  return (
    <Panel title="Not checked" note="could not be read: neither well nor not" flush>
      <table className="m-table m-table-dense" aria-label="Not checked">
        <TableHead columns={['What', 'Where', 'Why not']} />
        <tbody>
          {report.notChecked.map(({ rule, about, why }) => (
            <tr key={`${rule} ${about ?? ''}`}>
              <td>{adviceRule(rule).title}</td>
              <td>{about === null ? 'everywhere' : printable(about)}</td>
              <td className="m-wrap">{printable(why)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function WellPanel({ report }: { readonly report: AdviceReport }) {
  return (
    <Panel title="Well" note={plural(report.well.length, 'check')} flush>
      <table className="m-table m-table-dense" aria-label="Well">
        <TableHead columns={['What', 'What was seen']} />
        <tbody>
          {report.well.map(({ rule, seen }) => (
            <tr key={rule}>
              <td>{adviceRule(rule).title}</td>
              <td className="m-wrap m-muted">{printable(seen)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
