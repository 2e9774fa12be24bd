import type { ReactNode } from 'react';
import type { SpecProblem } from '../../../shared/model/deploy/spec/cluster-spec';
import { ToneIcon } from '../../ui/mark';
import { printable } from '../../ui/text';

/** Problems of a spec, each with what to do: with its path in the file, or with a link to where it is corrected. */
export function ProblemList({
  problems,
  withPath,
  where,
}: {
  readonly problems: readonly SpecProblem[];
  readonly withPath?: boolean;
  readonly where?: (problem: SpecProblem) => ReactNode;
}) {
  if (problems.length === 0) return null;
  return (
    <ul className="d-problems" aria-label="Errors and warnings">
      {problems.map((problem, index) => {
        const tone = problem.severity === 'error' ? 'crit' : 'warn';
        return (
          <li key={`${index} ${problem.code} ${problem.path}`} className={`d-problem d-problem-${tone}`}>
            <span className={`m-tone-${tone}`}>
              <ToneIcon tone={tone} />
              <span className="m-hidden">{problem.severity === 'error' ? 'Error: ' : 'Warning: '}</span>
            </span>
            <span className="m-wrap">
              {printable(problem.sentence)} {printable(problem.fix)}
              {withPath === true && problem.path !== '' ? (
                <code className="m-muted"> {printable(problem.path)}</code>
              ) : null}{' '}
              {where?.(problem)}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
