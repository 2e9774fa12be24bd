import { Button } from '@blueprintjs/core';
import type { DrillMeasure, DrillReport } from '../../../../../shared/model/drill/drill';
import {
  changeInWords,
  DRILL_METHOD,
  drillBefore,
  drillFactsInWords,
  drillPage,
  measureBefore,
} from '../../../../../shared/rules/drill/drill-page';
import {
  clientInWords,
  drillFaultWords,
  drillWayWords,
  gapInWords,
  lostInWords,
  targetsInWords,
} from '../../../../../shared/rules/drill/drill-words';
import { spanInWords } from '../../../../../shared/rules/words/wording';
import { downloadText } from '../../../../ui/download';
import { Notice } from '../../../../ui/notice';
import { Panel } from '../../../../ui/panel';
import { TableHead } from '../../../../ui/table-head';
import { printable } from '../../../../ui/text';
import { formatDateTime } from '../../../../ui/wording/format';

/** One report: its figures beside those of the drill before, and how the former leader came back. */
export function DrillReportPanel(props: { readonly report: DrillReport; readonly reports: readonly DrillReport[] }) {
  const { report } = props;
  const before = drillBefore(report, props.reports);
  const file = `drill-${new Date(report.struckAt).toISOString().slice(0, 19).replaceAll(':', '')}`;
  return (
    <Panel
      title={drillFaultWords[report.fault]}
      note={formatDateTime(report.struckAt)}
      tools={
        <>
          <Button
            size="small"
            text="Save as HTML"
            onClick={() => downloadText(`${file}.html`, drillPage(report, before))}
          />
          <Button
            size="small"
            text="Save as JSON"
            onClick={() => downloadText(`${file}.json`, `${JSON.stringify(report, null, 2)}\n`)}
          />
        </>
      }
      flush
    >
      <div className="m-panel-body m-stack-tight">
        <p className="m-strong" data-testid="drill-sentence">
          {printable(report.sentence)}
        </p>
        {report.removed ? null : (
          <Notice tone="warn">
            Not all that the drill made could be removed. See the end of its job in the history.
          </Notice>
        )}
      </div>
      <Measures report={report} before={before} />
      <div className="m-panel-body m-stack">
        <p className="m-small m-muted">{DRILL_METHOD}</p>
        <dl className="m-facts">
          {drillFactsInWords(report).map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="m-wrap">{printable(text)}</dd>
            </div>
          ))}
        </dl>
        <details className="m-details">
          <summary>What the former leader said of itself</summary>
          <ol>
            {report.rejoin.steps.map(({ afterMs, text }) => (
              <li key={`${afterMs} ${text}`}>
                {spanInWords(afterMs)}: {printable(text)}
              </li>
            ))}
          </ol>
        </details>
      </div>
    </Panel>
  );
}

function Measures({ report, before }: { readonly report: DrillReport; readonly before: DrillReport | null }) {
  return (
    <div className="m-scroll-x" tabIndex={0} role="region" aria-label="Interruptions as a table">
      <table className="m-table">
        <TableHead
          columns={['Way', 'From', 'Interruption', 'Before', 'Acknowledged', 'Lost', 'Note']}
          numeric={['Acknowledged']}
        />
        <tbody>
          {report.measures.map((measure) => (
            <Row
              key={`${measure.client} ${measure.way}`}
              report={report}
              measure={measure}
              earlier={measureBefore(measure, before)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row(props: {
  readonly report: DrillReport;
  readonly measure: DrillMeasure;
  readonly earlier: DrillMeasure | null;
}) {
  const { report, measure, earlier } = props;
  const targets = report.ways.find(({ kind }) => kind === measure.way)?.targets ?? [];
  const change = changeInWords(measure, earlier);
  return (
    <tr data-testid={`measure-${measure.client}-${measure.way}`}>
      <td>
        {drillWayWords[measure.way]}
        <div className="m-small m-muted m-wrap">{printable(targetsInWords(targets))}</div>
      </td>
      <td>{printable(clientInWords(measure, report.server))}</td>
      <td className="m-strong">{gapInWords(measure)}</td>
      <td>
        {earlier === null ? '–' : gapInWords(earlier)}
        {change === '' ? null : <div className="m-small m-muted">now {change}</div>}
      </td>
      <td className="m-num">
        {measure.acknowledged} of {measure.written}
      </td>
      <td className="m-wrap">{lostInWords(measure)}</td>
      <td className="m-wrap m-small">
        {[measure.note, measure.firstRefusal].flatMap((text) => (text === null ? [] : [printable(text)])).join(' ')}
      </td>
    </tr>
  );
}
