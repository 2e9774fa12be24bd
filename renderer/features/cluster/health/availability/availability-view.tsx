import { Button, FormGroup, HTMLSelect } from '@blueprintjs/core';
import { useId, useState } from 'react';
import type { AvailabilityReport, Month } from '../../../../../shared/model/availability/availability';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import {
  AVAILABILITY_METHOD,
  availabilityCsv,
  availabilityInWords,
  availabilityPage,
  outageInWords,
  plannedInWords,
  availableShare,
} from '../../../../../shared/rules/availability/availability-page';
import { momentInZone, monthInWords } from '../../../../../shared/rules/availability/months';
import { spanInWords } from '../../../../../shared/rules/words/wording';
import { useAnswer } from '../../../../rpc/hooks';
import { Answered } from '../../../../ui/answered';
import { downloadText } from '../../../../ui/download';
import { Notice } from '../../../../ui/notice';
import { Panel } from '../../../../ui/panel';
import { TableHead } from '../../../../ui/table-head';
import { printable } from '../../../../ui/text';

/** The availability of a cluster by month, in the time zone of this computer. */
export default function AvailabilityView({ state }: { readonly state: ClusterState }) {
  const { clusterId } = state;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const months = useAnswer(`months ${clusterId} ${zone}`, (client) => client.availability.months({ clusterId, zone }));
  return (
    <div className="m-stack" data-testid="availability-view">
      <Answered
        answer={months}
        what="Reading which months have a record."
        tools={<Button size="small" text="Try again" onClick={months.reload} />}
        show={(known) => <MonthReport clusterId={clusterId} months={known} />}
      />
    </div>
  );
}

function MonthReport({ clusterId, months }: { readonly clusterId: string; readonly months: readonly Month[] }) {
  const id = useId();
  const [chosen, setChosen] = useState(0);
  const month = months[chosen] ?? months[0];
  const answer = useAnswer(JSON.stringify([clusterId, month]), (client) =>
    month === undefined ? Promise.resolve(null) : client.availability.report({ clusterId, month }),
  );
  return (
    <>
      <div className="m-row m-row-wrap">
        <FormGroup label="Month" labelFor={id} inline>
          <HTMLSelect id={id} value={chosen} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
            {months.map((one, index) => (
              <option key={`${one.year}-${one.month}`} value={index}>
                {monthInWords(one)}
              </option>
            ))}
          </HTMLSelect>
        </FormGroup>
        <Button size="small" text="Read again" loading={answer.loading} onClick={answer.reload} />
      </div>
      <Answered
        answer={answer}
        what="Reading the record of this month."
        tools={<Button size="small" text="Try again" onClick={answer.reload} />}
        show={(report) => (report === null ? null : <Report report={report} />)}
      />
    </>
  );
}

function Report({ report }: { readonly report: AvailabilityReport }) {
  const { month } = report;
  const file = `availability-${month.year}-${String(month.month).padStart(2, '0')}`;
  return (
    <>
      <Panel
        title="Summary"
        note={`${month.zone}, up to ${momentInZone(report.until, month.zone)}`}
        tools={
          <>
            <Button
              size="small"
              text="Save as HTML"
              onClick={() => downloadText(`${file}.html`, availabilityPage(report))}
            />
            <Button
              size="small"
              text="Save as CSV"
              onClick={() => downloadText(`${file}.csv`, availabilityCsv(report))}
            />
          </>
        }
      >
        <div className="m-stack-tight">
          <p className="m-strong" data-testid="availability-sentence">
            {availabilityInWords(report)}
          </p>
          {report.problem === null ? null : <Notice tone="warn">{printable(report.problem)}</Notice>}
          <dl className="m-facts">
            {factsOf(report).map(([name, text]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
          <p className="m-small m-muted">{AVAILABILITY_METHOD}</p>
        </div>
      </Panel>
      <Outages report={report} />
      <Led report={report} />
      <Unwatched report={report} />
    </>
  );
}

function factsOf(report: AvailabilityReport): readonly (readonly [string, string])[] {
  return [
    ['Available, of what is known', availableShare(report.available)],
    ['Known, of the month so far', availableShare(report.known)],
    ['With a primary', spanInWords(report.upMs)],
    ['Without a primary', spanInWords(report.downMs)],
    ['Of that planned', spanInWords(report.plannedMs)],
    ['Not known', spanInWords(report.unknownMs)],
  ];
}

function Table(props: {
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}) {
  return (
    <div className="m-scroll-x" tabIndex={0} role="region" aria-label={`${props.label} as a table`}>
      <table className="m-table">
        <TableHead columns={props.columns} />
        <tbody>
          {props.rows.map((row, index) => (
            <tr key={`${index} ${row[0] ?? ''}`}>
              {row.map((cell, at) => (
                <td key={props.columns[at]} className="m-wrap">
                  {printable(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Outages({ report }: { readonly report: AvailabilityReport }) {
  const rows = report.outages.map((outage) => [
    momentInZone(outage.from, report.month.zone),
    outageInWords(outage),
    plannedInWords(outage),
    outage.cause ?? 'not known',
    `${outage.before ?? 'not known'}, then ${outage.after ?? 'not known'}`,
  ]);
  return (
    <Panel title="Times without a primary" flush>
      {rows.length === 0 ? (
        <p className="m-panel-body m-muted">None was seen in the time that is known.</p>
      ) : (
        <Table
          label="Times without a primary"
          columns={['Began', 'Length', 'Planned', 'Cause', 'Primary before and after']}
          rows={rows}
        />
      )}
    </Panel>
  );
}

function Led({ report }: { readonly report: AvailabilityReport }) {
  const { zone } = report.month;
  const rows = report.led.map(({ member, timeline, from, to }) => [
    member,
    timeline === null ? 'not known' : String(timeline),
    momentInZone(from, zone),
    momentInZone(to, zone),
    spanInWords(to - from),
  ]);
  return (
    <Panel title="Who led" flush>
      {rows.length === 0 ? (
        <p className="m-panel-body m-muted">Nobody was seen to lead in this month.</p>
      ) : (
        <Table label="Who led" columns={['Member', 'Timeline', 'From', 'To', 'Length']} rows={rows} />
      )}
    </Panel>
  );
}

function Unwatched({ report }: { readonly report: AvailabilityReport }) {
  const { zone } = report.month;
  const changes = report.unwatchedChanges;
  const rows = report.unwatched.map(({ from, to }) => [
    momentInZone(from, zone),
    momentInZone(to, zone),
    spanInWords(to - from),
    changes
      .filter(({ at }) => at >= from && at < to)
      .map(({ timeline, newLeader }) => `timeline ${timeline}, ${newLeader ?? 'leader not known'}`)
      .join('; ') || '–',
  ]);
  return (
    <Panel title="Not known" flush>
      {rows.length === 0 ? (
        <p className="m-panel-body m-muted">All of it was watched.</p>
      ) : (
        <Table label="Not known" columns={['From', 'To', 'Length', "Changes by Patroni's history"]} rows={rows} />
      )}
    </Panel>
  );
}
