import { lineDiff, type ComparedLine } from './line-diff';

const SIGNS = { same: '  ', gone: '- ', new: '+ ' } as const;

/** What two texts differ in, line by line. `around`: only so many equal lines are shown beside what differs. */
export function TextDiff(props: { readonly before: string; readonly after: string; readonly around?: number }) {
  const lines = nearChanges(lineDiff(props.before, props.after), props.around ?? Infinity);
  return (
    <pre className="m-config-diff" tabIndex={0} aria-label="What changes">
      {lines.map((line, index) => (
        <div key={index} className={line === null ? 'm-muted' : `m-config-diff-${line.kind}`}>
          {line === null ? '  …' : `${SIGNS[line.kind]}${line.text}`}
        </div>
      ))}
    </pre>
  );
}

/** The lines that differ with those beside them; null stands for lines that are left out. */
function nearChanges(lines: readonly ComparedLine[], around: number): readonly (ComparedLine | null)[] {
  const changed = lines.flatMap(({ kind }, index) => (kind === 'same' ? [] : [index]));
  const isNear = (index: number): boolean => changed.some((one) => Math.abs(one - index) <= around);
  return lines.flatMap((line, index) => {
    if (isNear(index)) return [line];
    return index === 0 || isNear(index - 1) ? [null] : [];
  });
}
