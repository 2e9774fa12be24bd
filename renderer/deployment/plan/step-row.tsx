import type { DiffLine, FileView, StepAction, StepView } from '../../../shared/model/deploy/deploy-views';
import { Chip } from '../../ui/mark';
import { printable } from '../../ui/text';
import type { Tone } from '../../ui/wording/words';

const actions: Readonly<Record<StepAction, { readonly tone: Tone; readonly word: string }>> = {
  none: { tone: 'good', word: 'unchanged' },
  create: { tone: 'info', word: 'new' },
  change: { tone: 'warn', word: 'change' },
  run: { tone: 'busy', word: 'run' },
  refuse: { tone: 'crit', word: 'blocked' },
};

/** A step of the plan: what it would do, its commands, its file with the difference. */
export function StepRow({ step }: { readonly step: StepView }) {
  const { tone, word } = actions[step.action];
  const head = (
    <>
      <Chip tone={tone} word={word} />
      <span className="m-wrap">{printable(step.file?.path ?? step.label)}</span>
      {step.reason === null ? null : <span className="m-small m-muted m-wrap">{printable(step.reason)}</span>}
    </>
  );
  if (step.file === null && step.commands.length === 0) return <li className="d-step-row">{head}</li>;
  return (
    <li>
      <details>
        <summary className="d-step-row">{head}</summary>
        {step.file === null ? null : <FileDiff file={step.file} label={step.label} />}
        {step.commands.length === 0 ? null : (
          <pre className="d-commands" tabIndex={0} aria-label={`Commands: ${step.label}`}>
            {step.commands.map(printable).join('\n')}
          </pre>
        )}
      </details>
    </li>
  );
}

const signs: Readonly<Record<DiffLine['kind'], string>> = { same: ' ', added: '+', removed: '-' };

/** A difference, line by line. */
export function DiffLines({ lines, label }: { readonly lines: readonly DiffLine[]; readonly label: string }) {
  return (
    <pre className="d-diff" tabIndex={0} aria-label={label}>
      {lines.map((line, index) => (
        <div key={index} className={`d-diff-${line.kind}`}>
          <span aria-hidden>{signs[line.kind]} </span>
          {line.kind === 'same' ? null : <span className="m-hidden">{line.kind}: </span>}
          {printable(line.text)}
        </div>
      ))}
    </pre>
  );
}

/** A file with its difference, line by line. */
function FileDiff({ file, label }: { readonly file: FileView; readonly label: string }) {
  return (
    <div className="m-stack-tight d-file">
      <p className="m-small m-muted m-wrap">
        {printable(label)} · {printable(file.owner)}, mode {file.mode}
        {file.keptAs === null ? '' : ` · what is there now is kept as ${printable(file.keptAs)}`}
      </p>
      {file.diff.length === 0 ? null : <DiffLines lines={file.diff} label={`Difference of ${file.path}`} />}
    </div>
  );
}
