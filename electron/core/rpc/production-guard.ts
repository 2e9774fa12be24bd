import { appError } from '../../../shared/model/app-error';
import { effectOn, touchedClusters, type TouchedDeps } from './touched-clusters';

/** What the guard works with. */
export interface ProductionGuardDeps extends TouchedDeps {
  /** Has the user type the name of a cluster; null where nobody did. */
  readonly askName: (title: string, signal: AbortSignal) => Promise<string | null>;
}

/** Has the names of production clusters typed before a call may change their servers. Rejects with `operation.not_confirmed`. */
export type ProductionGuard = (path: readonly string[], input: unknown, signal: AbortSignal) => Promise<void>;

/**
 * Asks before a set-up, a rotation, an undo or a change of servers reaches a production cluster, whichever way the call came. What
 * changes one cluster by its id asks in its own confirmation, which says what that does.
 */
export function createProductionGuard(deps: ProductionGuardDeps): ProductionGuard {
  return async (path, input, signal) => {
    const effect = effectOn(path, input);
    if ((effect !== 'spec' && effect !== 'run') || isLook(path)) return;
    const production = touchedClusters(deps, effect, input).filter((entry) => entry.production);
    // The groups of a Citus cluster have one title: it is typed once for all of them.
    const byTitle = new Map(production.toReversed().map((entry) => [entry.title, entry]));
    for (const { id, title } of byTitle.values()) {
      const typed = await deps.askName(title, signal);
      if (typed?.trim() !== title.trim()) throw notTyped(id, title);
    }
  };
}

/** Refreshing the lists of packages changes nothing that a cluster runs on. */
function isLook(path: readonly string[]): boolean {
  return path.join('.') === 'deploy.available';
}

function notTyped(id: string, title: string): Error {
  return appError('operation.not_confirmed', `${title} is a production cluster, and its name was not typed.`, {
    target: id,
    hint: 'Nothing was sent. Start again, and type the name when you are asked for it.',
  });
}
