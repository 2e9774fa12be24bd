import { appError } from '../../../shared/model/app-error';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import { effectOn, touchedClusters, type TouchedDeps } from './touched-clusters';

/** What decides whether something may be changed. */
export interface ReadOnlyGuardDeps extends TouchedDeps {
  /** Whether the read-only mode of the app is on. */
  readonly isReadOnly: () => boolean;
}

/** Refuses a call that would change what is read-only. Throws `app.read_only`, `operation.read_only`, `terminal.read_only`. */
export type ReadOnlyGuard = (path: readonly string[], input: unknown) => void;

/**
 * Keeps the read-only mode and read-only clusters for every procedure, before its handler: what a call may change stands in the
 * contract's table of effects, and which clusters it touches is found in its input.
 */
export function createReadOnlyGuard(deps: ReadOnlyGuardDeps): ReadOnlyGuard {
  return (path, input) => {
    const effect = effectOn(path, input);
    if (effect === 'reads' || effect === 'keeps' || effect === 'demo') return;
    if (effect === 'terminal') {
      if (deps.isReadOnly() && Reflect.get(Object(input), 'unchecked') !== true) throw terminalInReadOnlyMode();
      return;
    }
    if (deps.isReadOnly()) throw readOnlyMode();
    const closed = touchedClusters(deps, effect, input).find((entry) => entry.readOnly);
    if (closed !== undefined) throw readOnlyCluster(closed);
  };
}

function readOnlyMode(): Error {
  return appError('app.read_only', 'Matriarch is in read-only mode. Nothing was sent.', {
    hint: 'Switch the read-only mode off under Settings first.',
  });
}

function readOnlyCluster({ id, title }: ClusterEntry): Error {
  return appError('operation.read_only', `${title} is set to read-only in this app. Nothing was sent.`, {
    target: id,
    hint: 'Change that under Cluster settings first.',
  });
}

function terminalInReadOnlyMode(): Error {
  return appError(
    'terminal.read_only',
    'Matriarch is in read-only mode, and what is typed in a terminal is not checked.',
    {
      hint: 'Open it anyway, if you only look.',
    },
  );
}
