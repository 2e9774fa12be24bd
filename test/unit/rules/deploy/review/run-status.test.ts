import { describe, expect, it } from 'vitest';
import type { DeployRunSummary } from '../../../../../shared/model/deploy/deploy-views';
import { canResume, deployedRuns } from '../../../../../shared/rules/deploy/review/run-status';

const summary = (change: Partial<DeployRunSummary>): DeployRunSummary => ({
  id: 'r',
  kind: 'apply',
  clusterId: 'c',
  scope: 'main',
  title: 'Set up main',
  status: 'done',
  jobId: null,
  startedAt: 1,
  endedAt: null,
  estimateMs: 0,
  error: null,
  outcome: null,
  stepsDone: 0,
  stepsTotal: 3,
  ...change,
});

describe('a run that ended early', () => {
  it('can be resumed when it sets up or changes a cluster', () => {
    const statuses = ['running', 'done', 'failed', 'stopped', 'interrupted'] as const;
    const resumable = statuses.filter((status) => canResume({ kind: 'apply', status }));
    expect(resumable).toEqual(['failed', 'stopped', 'interrupted']);
    expect(canResume({ kind: 'remove_member', status: 'interrupted' })).toBe(true);
  });

  it('cannot be resumed when it undid a set-up', () => {
    expect(canResume({ kind: 'undo', status: 'failed' })).toBe(false);
  });
});

describe('the clusters that were set up here', () => {
  const made = summary({ id: '1' });
  const failed = summary({ id: '2', status: 'failed' });
  const undone = summary({ id: '3', kind: 'undo' });
  const ids = (runs: readonly DeployRunSummary[]) => deployedRuns(runs).map((one) => one.id);

  it('keep their place in the list when a later run fails, and leave it when they are undone', () => {
    expect(ids([failed, made])).toEqual(['1']);
    expect(ids([undone, failed, made])).toEqual([]);
    expect(ids([summary({ id: '4' }), undone, made])).toEqual(['4']);
  });

  it('are known by their newest run, whose spec is the cluster as it is now', () => {
    expect(ids([summary({ id: '5', kind: 'add_replica' }), made])).toEqual(['5']);
  });

  it('are listed each by itself when they share a scope', () => {
    expect(ids([summary({ id: '7', clusterId: 'a' }), summary({ id: '8', clusterId: 'b' })])).toEqual(['7', '8']);
  });

  it('do not include a cluster that others set up', () => {
    expect(ids([summary({ id: '6', kind: 'adopt' })])).toEqual([]);
  });
});
