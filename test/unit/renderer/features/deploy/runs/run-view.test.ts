import { describe, expect, it } from 'vitest';
import {
  applyRunUpdate,
  expectation,
  laneProgress,
  LINES_KEPT,
  mergedLog,
} from '../../../../../../renderer/features/deploy/runs/run-view';
import type { DeployRun, DeployRunSummary, LaneStep } from '../../../../../../shared/model/deploy/deploy-views';

const step = (id: string, status: LaneStep['status'] = 'todo'): LaneStep => ({
  id,
  kind: 'file',
  label: id,
  status,
  startedAt: null,
  endedAt: null,
  detail: null,
  error: null,
});
const run: DeployRun = {
  id: 'r',
  kind: 'apply',
  clusterId: 'main-id',
  scope: 'main',
  title: 'Set up main',
  status: 'running',
  jobId: null,
  startedAt: 1,
  endedAt: null,
  estimateMs: 0,
  error: null,
  outcome: null,
  lanes: [
    { server: 'db1', steps: [step('a'), step('b')], log: [] },
    { server: 'db2', steps: [step('c')], log: [] },
  ],
};
const summary = (change: Partial<DeployRunSummary>): DeployRunSummary => {
  const { lanes: _lanes, ...head } = run;
  return { ...head, stepsDone: 0, stepsTotal: 3, ...change };
};

describe('a run as the page follows it', () => {
  it('an update of a run is ignored until its snapshot has come', () => {
    expect(applyRunUpdate(null, { kind: 'log', server: 'db1', lines: [] })).toBeNull();
    expect(applyRunUpdate(null, { kind: 'snapshot', run })).toBe(run);
  });

  it('an updated step changes the lane of its own server only', () => {
    const after = applyRunUpdate(run, { kind: 'step', server: 'db1', step: step('b', 'failed') });
    expect(after?.lanes[0]?.steps.map((one) => one.status)).toEqual(['todo', 'failed']);
    expect(after?.lanes[1]).toBe(run.lanes[1]);
    expect(after?.lanes[0] === undefined ? null : laneProgress(after.lanes[0])).toMatchObject({
      ended: 1,
      total: 2,
      failed: [{ id: 'b' }],
    });
  });

  it('a run that ended keeps its lanes on the screen', () => {
    const after = applyRunUpdate(run, { kind: 'run', run: summary({ status: 'done', endedAt: 9 }) });
    expect(after).toEqual({ ...run, status: 'done', endedAt: 9 });
  });

  it('the log of all servers is in the order of time, and keeps its newest lines', () => {
    const line = (at: number) => ({ at, level: 'info' as const, text: String(at) });
    const one = applyRunUpdate(run, { kind: 'log', server: 'db1', lines: [line(1), line(3)] });
    const two = applyRunUpdate(one, { kind: 'log', server: 'db2', lines: [line(2)] });
    expect(two === null ? [] : mergedLog(two, null).map((entry) => `${entry.server} ${entry.text}`)).toEqual([
      'db1 1',
      'db2 2',
      'db1 3',
    ]);
    expect(two === null ? [] : mergedLog(two, 'db2')).toHaveLength(1);
    const many = applyRunUpdate(run, {
      kind: 'log',
      server: 'db1',
      lines: Array.from({ length: 1000 }, (_, at) => line(at)),
    });
    expect(many?.lanes[0]?.log).toHaveLength(LINES_KEPT);
  });

  it('a run says how long it is expected to take, where that is known', () => {
    expect(expectation({ ...run, startedAt: 0 }, 45_000, 0)).toBe('of about 45 s');
    expect(expectation({ ...run, startedAt: 0 }, 0, 50_000)).toBe('');
  });
});
