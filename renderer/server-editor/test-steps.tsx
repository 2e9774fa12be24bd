import './server-editor.css';
import type { TestReport, TestStep } from '../../shared/model/connect/server-test';
import { spanInWords } from '../../shared/rules/words/wording';
import { Mark } from '../ui/mark';
import { ErrorNotice } from '../ui/notice';
import { printable } from '../ui/text';
import type { Tone } from '../ui/wording/words';

const verdicts: Readonly<Record<TestStep['verdict'], { readonly tone: Tone; readonly word: string }>> = {
  ok: { tone: 'good', word: 'OK' },
  warning: { tone: 'warn', word: 'warning' },
  failed: { tone: 'crit', word: 'failed' },
};

/** The lines of a connection test. */
export function TestSteps({ report }: { readonly report: TestReport }) {
  return (
    <div className="m-stack-tight" aria-label="Test result">
      {report.steps.map((step) => (
        <div key={step.name} className="m-test-step">
          <Mark tone={verdicts[step.verdict].tone} word={printable(step.name)} title={verdicts[step.verdict].word} />
          <span className="m-wrap">
            <span className="m-hidden">{verdicts[step.verdict].word}: </span>
            {printable(step.sentence)}
          </span>
          <span className="m-small m-muted m-nowrap">{spanInWords(step.durationMs)}</span>
        </div>
      ))}
      {report.error === null ? null : <ErrorNotice error={report.error} />}
    </div>
  );
}
