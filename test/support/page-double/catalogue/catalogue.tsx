import { entries } from './entries';
import type { Entry } from './entry';

/** Every shared component of the page in its states, for looking at and for the tests of how they look. */
export function Catalogue({ now }: { readonly now: number }) {
  return (
    <main className="catalogue">
      <h1>Components</h1>
      {entries(now).map((entry) => (
        <Shown key={entry.component} entry={entry} />
      ))}
    </main>
  );
}

function Shown({ entry }: { readonly entry: Entry }) {
  return (
    <section
      className={entry.wide === true ? 'catalogue-entry catalogue-wide' : 'catalogue-entry'}
      data-component={entry.component}
      aria-label={entry.component}
    >
      <h2>{entry.component}</h2>
      <div className="catalogue-states">
        {Object.entries(entry.states).map(([name, shown]) => (
          <div key={name} className="catalogue-state">
            <p>{name}</p>
            {shown}
          </div>
        ))}
      </div>
    </section>
  );
}
