import { Button } from '@blueprintjs/core';
import type { PreflightCheck, PreflightReport } from '../../../../shared/model/deploy/deploy-views';
import { useAction, usePage } from '../../../rpc/hooks';
import { Mark } from '../../../ui/mark';
import { ErrorNotice } from '../../../ui/notice';
import { printable } from '../../../ui/text';
import type { Tone } from '../../../ui/wording/words';
import { useSpec } from '../wizard/wizard-context';
import { countInOrder, groupChecks, type CheckGroup } from './group-checks';

const verdicts: Readonly<Record<PreflightCheck['verdict'], { readonly tone: Tone; readonly word: string }>> = {
  ok: { tone: 'good', word: 'OK' },
  warning: { tone: 'warn', word: 'Warning' },
  blocks: { tone: 'crit', word: 'Blocked' },
};

/** The checks made before anything is done: what forbids it first; what is in order is folded. */
export function PreflightList({
  report,
  onReport,
}: {
  readonly report: PreflightReport;
  readonly onReport: (report: PreflightReport) => void;
}) {
  const groups = groupChecks(report.checks);
  const notable = groups.filter((group) => group.verdict !== 'ok');
  const fine = groups.filter((group) => group.verdict === 'ok');
  return (
    <div className="m-stack">
      {notable.length === 0 ? (
        <Mark tone="good" word="All checks passed" />
      ) : (
        <ul className="d-checks" aria-label="Checks that need attention">
          {notable.map((group) => (
            <CheckGroupItem key={group.key} group={group} onReport={onReport} />
          ))}
        </ul>
      )}
      {fine.length === 0 ? null : (
        <details className="d-details">
          <summary>{countInOrder(report.checks)}</summary>
          <ul className="d-checks" aria-label="Passed checks">
            {fine.map((group) => (
              <li key={group.key} className="d-check-fine">
                <Mark tone="good" word={group.name} />
                <span className="m-small m-muted m-wrap">
                  {group.found
                    .map(({ server, evidence }) => `${server === null ? '' : `${server}: `}${evidence}`)
                    .map(printable)
                    .join(' · ')}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function CheckGroupItem({
  group,
  onReport,
}: {
  readonly group: CheckGroup;
  readonly onReport: (report: PreflightReport) => void;
}) {
  const { tone, word } = verdicts[group.verdict];
  return (
    <li className={`d-check d-check-${group.verdict}`}>
      <div className="m-row">
        <Mark tone={tone} word={`${word}: ${group.name}`} />
      </div>
      {group.found.map((check) => (
        <div key={check.server ?? ''} className="d-found">
          <p className="m-wrap">
            {check.server === null ? null : <span className="m-strong">{printable(check.server)}: </span>}
            {printable(check.evidence)} {group.reason === null ? printable(check.reason) : ''}
          </p>
          {check.fix === null || check.server === null ? null : <Fix check={check} onReport={onReport} />}
        </div>
      ))}
      {group.reason === null ? null : <p className="m-wrap">{printable(group.reason)}</p>}
    </li>
  );
}

function Fix({
  check,
  onReport,
}: {
  readonly check: PreflightCheck;
  readonly onReport: (report: PreflightReport) => void;
}) {
  const page = usePage();
  const spec = useSpec();
  const { fix, server } = check;
  const apply = useAction(async () => {
    if (fix === null || server === null) return;
    onReport(await page.call((client) => client.deploy.fix({ spec, server, fixId: fix.id })));
  });
  if (fix === null) return null;
  return (
    <div className="m-stack-tight">
      <div className="m-row m-row-wrap">
        <Button
          size="small"
          text={fix.label}
          aria-label={`${fix.label} on ${server ?? ''}`}
          loading={apply.busy}
          onClick={() => void apply.run()}
        />
        <code className="m-muted m-wrap">{fix.command}</code>
      </div>
      {apply.error === null ? null : <ErrorNotice error={apply.error} />}
    </div>
  );
}
