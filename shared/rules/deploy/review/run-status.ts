import type { DeployRun, DeployRunKind, DeployRunSummary } from '../../../model/deploy/deploy-views';

const resumable: ReadonlySet<DeployRunKind> = new Set([
  'apply',
  'add_replica',
  'remove_member',
  'etcd_member',
  'convert',
  'monitoring',
]);

/** Whether a run ended before its end. */
export function endedEarly(run: Pick<DeployRun, 'status'>): boolean {
  return run.status === 'failed' || run.status === 'stopped' || run.status === 'interrupted';
}

/** Whether a run can go on where it ended. What is done already is seen and left alone. */
export function canResume(run: Pick<DeployRun, 'kind' | 'status'>): boolean {
  return resumable.has(run.kind) && endedEarly(run);
}

/**
 * The newest finished run of each cluster that was set up here and not taken away since: its spec is the cluster as it is now.
 * `runs` are newest first.
 */
export function deployedRuns(runs: readonly DeployRunSummary[]): readonly DeployRunSummary[] {
  const ended = runs.filter((run) => run.status === 'done' && run.kind !== 'bundle');
  const newest = ended.filter((run, index) => ended.findIndex((other) => other.clusterId === run.clusterId) === index);
  return newest.filter(
    (run) =>
      run.kind !== 'undo' &&
      ended.some((other) => other.clusterId === run.clusterId && (other.kind === 'apply' || other.kind === 'convert')),
  );
}
