import { Button } from '@blueprintjs/core';
import type { AssessmentReport } from '../../../../../shared/model/upgrade/assessment';
import { assessmentPage } from '../../../../../shared/rules/upgrade/assessment-page';
import {
  assessmentBefore,
  assessmentFacts,
  comparedWith,
  demandsOf,
  majorOfReport,
  type UpgradeDemand,
} from '../../../../../shared/rules/upgrade/assessment-words';
import { Command } from '../../../../ui/command';
import { downloadText } from '../../../../ui/download';
import { Chip } from '../../../../ui/mark';
import { Notice } from '../../../../ui/notice';
import { Panel } from '../../../../ui/panel';
import { TableHead } from '../../../../ui/table-head';
import { printable } from '../../../../ui/text';
import type { Tone } from '../../../../ui/wording/words';
import { formatDateTime } from '../../../../ui/wording/format';

const tones = { clean: 'good', refused: 'crit', failed: 'warn' } as const;

/** One report: what pg_upgrade says, what the upgrade would take, and what is other than the time before. */
export function AssessmentReportPanel(props: {
  readonly report: AssessmentReport;
  readonly reports: readonly AssessmentReport[];
}) {
  const { report } = props;
  const before = assessmentBefore(report, props.reports);
  const file = `assessment-${report.target}-${new Date(report.startedAt).toISOString().slice(0, 19).replaceAll(':', '')}`;
  return (
    <Panel
      title={`From PostgreSQL ${majorOfReport(report)} to ${report.target}`}
      note={formatDateTime(report.startedAt)}
      tools={
        <>
          <Button
            size="small"
            text="Save as HTML"
            onClick={() => downloadText(`${file}.html`, assessmentPage(report, before))}
          />
          <Button
            size="small"
            text="Save as JSON"
            onClick={() => downloadText(`${file}.json`, `${JSON.stringify(report, null, 2)}\n`)}
          />
        </>
      }
    >
      <div className="m-stack" data-testid="assessment-report">
        <Notice tone={tones[report.verdict]}>
          <span className="m-strong m-wrap" data-testid="assessment-sentence">
            {printable(report.sentence)}
          </span>
        </Notice>
        {before === null ? null : (
          <p className="m-wrap" data-testid="assessment-compared">
            Since {formatDateTime(before.startedAt)}: {printable(comparedWith(report, before).join(' '))}
          </p>
        )}
        <dl className="m-facts">
          {assessmentFacts(report).map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="m-wrap">{printable(text)}</dd>
            </div>
          ))}
        </dl>
        <h3 className="m-strong">What it would take</h3>
        {demandsOf(report).map((one) => (
          <Demand key={one.title} demand={one} />
        ))}
        <Said report={report} />
      </div>
    </Panel>
  );
}

const chips: Readonly<Record<UpgradeDemand['tone'], { readonly tone: Tone; readonly word: string } | null>> = {
  good: { tone: 'good', word: 'nothing to do' },
  todo: { tone: 'warn', word: 'to be done' },
  info: null,
};

function Demand({ demand: { title, tone, lines, commands } }: { readonly demand: UpgradeDemand }) {
  const chip = chips[tone];
  return (
    <section className="m-stack-tight" aria-label={title}>
      <div className="m-row m-row-wrap">
        <span className="m-strong">{title}</span>
        {chip === null ? null : <Chip tone={chip.tone} word={chip.word} />}
      </div>
      {lines.map((line) => (
        <p key={line} className="m-wrap">
          {printable(line)}
        </p>
      ))}
      {commands.map((command) => (
        <Command key={command} text={command} label={`Copy a command: ${title}`} />
      ))}
    </section>
  );
}

function Said({ report: { checks, files, said } }: { readonly report: AssessmentReport }) {
  return (
    <>
      {files.map(({ name, text, whole }) => (
        <details key={name} className="m-details" open={name.endsWith('.txt')}>
          <summary>
            {printable(name)}
            {whole ? '' : ' (its beginning)'}
          </summary>
          <pre className="m-log" tabIndex={0} role="region" aria-label={`${printable(name)}, text`}>
            {text.split('\n').map(printable).join('\n')}
          </pre>
        </details>
      ))}
      <details className="m-details">
        <summary>What pg_upgrade looked at</summary>
        <table className="m-table m-table-dense">
          <TableHead columns={['Check', 'Result']} />
          <tbody>
            {checks.map(({ name, result }) => (
              <tr key={name}>
                <td className="m-wrap">{printable(name)}</td>
                <td className={result === 'ok' ? '' : 'm-strong'}>{printable(result)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
      <details className="m-details">
        <summary>What pg_upgrade printed</summary>
        <pre className="m-log" tabIndex={0} role="region" aria-label="Words of pg_upgrade">
          {said.split('\n').map(printable).join('\n')}
        </pre>
      </details>
    </>
  );
}
