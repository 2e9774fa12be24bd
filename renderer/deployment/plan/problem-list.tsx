import type { ReactNode } from 'react';
import type { SpecProblem } from '../../../shared/model/deploy/spec/cluster-spec';
import { ToneIcon } from '../../ui/mark';
import { printable } from '../../ui/text';

/** Problems of a spec: what is so and what to do; with the place in the file, or with a way to where it is mended. */
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
    <ul className="d-problems" aria-label="What is wrong or doubtful">
      {problems.map((problem, index) => {
        const tone = problem.severity === 'error' ? 'crit' : 'warn';
        return (
          <li key={`${index} ${problem.code} ${problem.path}`} className={`d-problem d-problem-${tone}`}>
            <span className={`m-tone-${tone}`}>
              <ToneIcon tone={tone} />
              <span className="m-hidden">{problem.severity === 'error' ? 'Wrong: ' : 'Doubtful: '}</span>
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
