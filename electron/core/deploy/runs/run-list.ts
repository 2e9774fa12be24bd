import { appError } from '../../../../shared/model/app-error';
import type { DeployRun, DeployRunSummary, DeployRunUpdate } from '../../../../shared/model/deploy/deploy-views';
import type { Undo } from '../../../../shared/model/undo';
import { createListeners } from '../../platform/listeners';
import type { RunFiles, RunHistory } from './run-journal';
import { lifeView, type LiveRun, type RunLife } from './run';

/** All runs: those of this session with their lanes, older ones from their journals. */
export interface RunList {
  /** Follows a run of this session; the signal is aborted when its user stops it. */
  follow(run: LiveRun): AbortSignal;
  stop(runId: string): void;
  list(): readonly DeployRunSummary[];
  /** Deletes the records of a run that has ended; one that is under way is stopped first. */
  forget(runId: string): void;
  /** A journal was written without a live run: everybody who watches the list gets it anew. */
  changed(): void;
  watch(runId: string, listener: (update: DeployRunUpdate) => void): Undo;
  watchAll(listener: (runs: readonly DeployRunSummary[]) => void): Undo;
}

interface Followed {
  readonly run: LiveRun;
  readonly abort: AbortController;
}

/** Makes the list over the journals on disk. */
export function createRunList(files: RunFiles): RunList {
  const live = new Map<string, Followed>();
  const listeners = createListeners<readonly DeployRunSummary[]>();
  const list = (): readonly DeployRunSummary[] => {
    const older = files
      .list()
      .filter((history) => !live.has(history.head.id))
      .map(summaryOf);
    return [...older, ...[...live.values()].map(({ run }) => run.summary())].sort((a, b) => b.startedAt - a.startedAt);
  };
  const emit = (): void => {
    if (listeners.size > 0) listeners.emit(list());
  };
  return {
    follow(run) {
      const abort = new AbortController();
      live.set(run.id, { run, abort });
      run.watch((update) => {
        if (update.kind === 'run') emit();
      });
      emit();
      return abort.signal;
    },
    stop(runId) {
      const followed = live.get(runId);
      if (followed === undefined) throw appError('deploy.run_unknown', 'This run is not under way.', { target: runId });
      followed.abort.abort();
    },
    list,
    forget(runId) {
      live.get(runId)?.abort.abort();
      live.delete(runId);
      files.remove(runId);
      emit();
    },
    changed: emit,
    watch(runId, listener) {
      const followed = live.get(runId);
      if (followed !== undefined) return followed.run.watch(listener);
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
    jobId: null,
    estimateMs: history.estimateMs,
    lanes: history.lanes,
    ...lifeView(lifeOf(history)),
  };
}

function lifeOf({ status, endedAt, error }: RunHistory): RunLife {
  switch (status) {
    case 'done':
      return { kind: 'done', endedAt, outcome: null };
    case 'failed':
    case 'stopped':
      return { kind: status, endedAt, error };
    case 'interrupted':
      return { kind: 'interrupted' };
  }
}
