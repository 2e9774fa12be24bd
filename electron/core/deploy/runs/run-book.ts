import { appError } from '../../../../shared/model/app-error';
import type { DeployRun, DeployRunSummary, DeployRunUpdate } from '../../../../shared/model/deploy/deploy-views';
import type { Undo } from '../../../../shared/model/undo';
import { createListeners } from '../../platform/listeners';
import type { RunFiles, RunHistory } from './run-files';
import { createRunState, type RunHead, type RunState } from './run-state';

/** All runs: those of this session with their lanes, older ones from their journals. */
export interface RunBook {
  begin(head: RunHead, text: (value: string) => string, now: () => number): RunState;
  stop(runId: string): void;
  stopSignal(runId: string): AbortSignal;
  list(): readonly DeployRunSummary[];
  /** A journal was written past the book: everybody who looks at the list is told. */
  changed(): void;
  watch(runId: string, listener: (update: DeployRunUpdate) => void): Undo;
  watchAll(listener: (runs: readonly DeployRunSummary[]) => void): Undo;
}

interface LiveRun {
  readonly state: RunState;
  readonly abort: AbortController;
}

/** Makes the book over the journals on disk. */
export function createRunBook(files: RunFiles): RunBook {
  const live = new Map<string, LiveRun>();
  const listeners = createListeners<readonly DeployRunSummary[]>();
  const list = (): readonly DeployRunSummary[] => {
    const older = files
      .list()
      .filter((history) => !live.has(history.head.id))
      .map(summaryOf);
    return [...older, ...[...live.values()].map((run) => run.state.summary())].sort(
      (a, b) => b.startedAt - a.startedAt,
    );
  };
  const tell = (): void => {
    if (listeners.size > 0) listeners.emit(list());
  };
  return {
    begin(head, text, now) {
      const state = createRunState(head, text, now);
      live.set(head.id, { state, abort: new AbortController() });
      state.watch((update) => {
        if (update.kind === 'run') tell();
      });
      tell();
      return state;
    },
    stop(runId) {
      const run = live.get(runId);
      if (run === undefined) throw appError('deploy.run_unknown', 'This run is not under way.', { target: runId });
      run.abort.abort();
    },
    stopSignal: (runId) => live.get(runId)?.abort.signal ?? AbortSignal.abort(),
    list,
    changed: tell,
    watch(runId, listener) {
      const run = live.get(runId);
      if (run !== undefined) return run.state.watch(listener);
      const history = files.read(runId);
      if (history === null) throw appError('deploy.run_unknown', 'There is no record of this run.', { target: runId });
      listener({ kind: 'snapshot', run: oldRun(history) });
      return () => undefined;
    },
    watchAll(listener) {
      listener(list());
      return listeners.add(listener);
    },
  };
}

function summaryOf(history: RunHistory): DeployRunSummary {
  const { lanes: _lanes, ...run } = oldRun(history);
  const ends =
    history.lanes.length === 0
      ? [...history.steps.values()]
      : history.lanes.flatMap((lane) => lane.steps.map((step) => step.status));
  return {
    ...run,
    stepsDone: ends.filter((status) => status === 'done' || status === 'unchanged').length,
    stepsTotal: ends.length,
  };
}

/** A run of an earlier session. Its journal keeps the steps and their ends, not their log. */
function oldRun(history: RunHistory): DeployRun {
  const { id, kind, scope, title, startedAt, spec } = history.head;
  return {
    id,
    kind,
    clusterId: spec.id,
    scope,
    title,
    startedAt,
    status: history.status,
    jobId: null,
    endedAt: history.endedAt,
    estimateMs: history.estimateMs,
    lanes: history.lanes,
    error: history.error,
    outcome: null,
  };
}
