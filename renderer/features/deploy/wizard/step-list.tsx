import { ErrorIcon, TickIcon } from '@blueprintjs/icons';
import { hrefOf } from '../../../navigation/route';
import { waySteps, type WayStep } from '../../../deployment/form/steps';

/** How a step stands on the way. `href: null`: it cannot be gone to now. */
export interface WayMark {
  readonly href: string | null;
  readonly state: 'done' | 'wrong' | 'open';
}

/** The address of a step of a draft. */
export function stepHref(draftId: string, step: string): string {
  return hrefOf({ page: 'deploy', at: ['draft', draftId, step] });
}

const stateWords: Readonly<Record<WayMark['state'], string>> = {
  done: 'done',
  wrong: 'something is wrong here',
  open: '',
};

/** The list of steps at the side. */
export function Way(props: { readonly here: WayStep; readonly marks: Readonly<Partial<Record<WayStep, WayMark>>> }) {
  return (
    <nav className="d-way" aria-label="Steps of the set-up">
      <ol>
        {waySteps.map((step, index) => {
          const mark = props.marks[step.id] ?? { href: null, state: 'open' };
          const here = step.id === props.here;
          const content = (
            <>
              <span className={`d-way-number d-way-${mark.state}`} aria-hidden>
                <Shape state={mark.state} number={index + 1} />
              </span>
              {step.text}
              {mark.state === 'open' ? null : <span className="m-hidden">({stateWords[mark.state]})</span>}
            </>
          );
          return (
            <li key={step.id} aria-current={here ? 'step' : undefined}>
              {mark.href === null || here ? (
                <span className="d-way-item">{content}</span>
              ) : (
                <a className="d-way-item" href={mark.href}>
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

function Shape({ state, number }: { readonly state: WayMark['state']; readonly number: number }) {
  switch (state) {
    case 'done':
      return <TickIcon size={12} />;
    case 'wrong':
      return <ErrorIcon size={12} />;
    case 'open':
      return <>{number}</>;
  }
}
