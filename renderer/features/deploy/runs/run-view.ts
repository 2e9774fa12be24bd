import type {
  DeployRun,
  DeployRunKind,
  DeployRunStatus,
  DeployRunUpdate,
  Lane,
  LaneLine,
  LaneStep,
  LaneStepStatus,
} from '../../../../shared/model/deploy/deploy-views';
import { expectedMs } from '../../../../shared/rules/deploy/review/estimate';
import { spanInWords } from '../../../../shared/rules/words/wording';
import type { Tone } from '../../../ui/wording/words';

/** Lines of a lane's log that the page keeps. */
export const LINES_KEPT = 400;

/** A run after an update; an update that comes before the first snapshot changes nothing. */
export function applyRunUpdate(run: DeployRun | null, update: DeployRunUpdate): DeployRun | null {
  if (update.kind === 'snapshot') return update.run;
  if (run === null) return null;
  switch (update.kind) {
    case 'step':
      return {
        ...run,
        lanes: run.lanes.map((lane) => (lane.server === update.server ? withStep(lane, update.step) : lane)),
      };
    case 'log':
      return {
        ...run,
        lanes: run.lanes.map((lane) =>
          lane.server === update.server ? { ...lane, log: [...lane.log, ...update.lines].slice(-LINES_KEPT) } : lane,
        ),
      };
    case 'run': {
      const { stepsDone: _done, stepsTotal: _total, ...head } = update.run;
      return { ...head, lanes: run.lanes };
    }
  }
}

function withStep(lane: Lane, step: LaneStep): Lane {
  return { ...lane, steps: lane.steps.map((one) => (one.id === step.id ? step : one)) };
}

/** Whether nothing more has to happen to a step. */
function isEnded(status: LaneStepStatus): boolean {
  return status !== 'todo' && status !== 'running';
}

/** The progress of a lane: how many of its steps have ended, and which run now. */
export function laneProgress(lane: Lane): {
  readonly ended: number;
  readonly total: number;
  readonly running: readonly LaneStep[];
  readonly failed: readonly LaneStep[];
} {
  return {
    ended: lane.steps.filter((step) => isEnded(step.status)).length,
    total: lane.steps.length,
    running: lane.steps.filter((step) => step.status === 'running'),
    failed: lane.steps.filter((step) => step.status === 'failed'),
  };
}

/** A line of the log with its server. */
export interface LogLine extends LaneLine {
  readonly server: string;
}

/** The logs of all lanes, or of one, in the order of time; the last ones. */
export function mergedLog(run: DeployRun, server: string | null): readonly LogLine[] {
  const lanes = run.lanes.filter((lane) => server === null || lane.server === server);
  return lanes
    .flatMap((lane) => lane.log.map((line) => ({ ...line, server: lane.server })))
    .sort((a, b) => a.at - b.at)
    .slice(-LINES_KEPT);
}

/** The words of what a run does. */
export const runKindWords: Readonly<Record<DeployRunKind, string>> = {
  apply: 'Set up',
  undo: 'Undo',
  add_replica: 'Add a replica',
  remove_member: 'Remove a member',
  etcd_member: 'Change an etcd member',
  convert: 'Convert',
  monitoring: 'Set up Prometheus',
  rotate_certificates: 'Rotate certificates',
  bundle: 'Make a bundle',
  adopt: 'Adopt',
};

/** The words for the status of a run. */
export const runWords: Readonly<Record<DeployRunStatus, { readonly word: string; readonly tone: Tone }>> = {
  running: { word: 'Running', tone: 'busy' },
  done: { word: 'Done', tone: 'good' },
  failed: { word: 'Failed', tone: 'crit' },
  stopped: { word: 'Stopped', tone: 'warn' },
  interrupted: { word: 'Interrupted', tone: 'warn' },
};

/** The words for the status of a step. */
export const stepWords: Readonly<Record<LaneStepStatus, { readonly word: string; readonly tone: Tone }>> = {
  todo: { word: 'to do', tone: 'idle' },
  running: { word: 'now', tone: 'busy' },
  done: { word: 'done', tone: 'good' },
  unchanged: { word: 'unchanged', tone: 'good' },
  failed: { word: 'failed', tone: 'crit' },
  skipped: { word: 'not reached', tone: 'idle' },
};

/** How long a run is expected to take in all, by what was seen of it so far, in words; empty where nothing is known of it. */
export function expectation(run: Pick<DeployRun, 'lanes' | 'startedAt'>, estimateMs: number, now: number): string {
  const whole = expectedMs(run, estimateMs, now);
  return whole <= 0 ? '' : `of about ${spanInWords(whole)}`;
}
