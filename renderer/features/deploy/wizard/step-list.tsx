import { ErrorIcon, TickIcon } from '@blueprintjs/icons';
import { hrefOf } from '../../../navigation/route';
import { setupSteps, type SetupStep } from '../../../deployment/form/steps';

/** The state of a step. `href: null`: it cannot be opened now. */
export interface StepMark {
  readonly href: string | null;
  readonly state: 'done' | 'wrong' | 'open';
}

/** The address of a step of a draft. */
export function stepHref(draftId: string, step: string): string {
  return hrefOf({ page: 'deploy', at: ['draft', draftId, step] });
}

const stateWords: Readonly<Record<StepMark['state'], string>> = {
  done: 'done',
  wrong: 'has errors',
  open: '',
};

/** The list of steps at the side. */
export function StepList(props: {
  readonly here: SetupStep;
  readonly marks: Readonly<Partial<Record<SetupStep, StepMark>>>;
}) {
  return (
    <nav className="d-step-list" aria-label="Steps of the set-up">
      <ol>
        {setupSteps.map((step, index) => {
          const mark = props.marks[step.id] ?? { href: null, state: 'open' };
          const here = step.id === props.here;
          const content = (
            <>
              <span className={`d-step-list-number d-step-list-${mark.state}`} aria-hidden>
                <Shape state={mark.state} number={index + 1} />
              </span>
              {step.text}
              {mark.state === 'open' ? null : <span className="m-hidden">({stateWords[mark.state]})</span>}
            </>
          );
          return (
            <li key={step.id} aria-current={here ? 'step' : undefined}>
              {mark.href === null || here ? (
                <span className="d-step-list-item">{content}</span>
              ) : (
                <a className="d-step-list-item" href={mark.href}>
                  {content}
                </a>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

function Shape({ state, number }: { readonly state: StepMark['state']; readonly number: number }) {
  switch (state) {
    case 'done':
      return <TickIcon size={12} />;
    case 'wrong':
      return <ErrorIcon size={12} />;
    case 'open':
      return <>{number}</>;
  }
}
