import type { Job, JobKind } from '../../../../shared/model/operate/job';
import type { WorkingRunKind } from '../../../../shared/model/deploy/deploy-views';
import type { Leaving } from '../../../../shared/model/deploy/day2';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { RunWork } from './run-body';

/** A started job and the run whose lanes show it. */
export interface StartedRun {
  readonly job: Job;
  readonly runId: string;
}

/** The job that carries each kind of run out. */
export const jobKinds: Readonly<Record<WorkingRunKind, JobKind>> = {
  apply: 'deploy',
  undo: 'deploy_undo',
  rotate_certificates: 'rotate_certificates',
  bundle: 'bundle',
  add_replica: 'add_replica',
  remove_member: 'remove_member',
  etcd_member: 'etcd_member',
  convert: 'convert',
};

/** A run before it starts. `spec` is the cluster as it shall be; `lanes` has servers that leave as well. */
export interface WantedRun {
  readonly runId: string;
  readonly kind: WorkingRunKind;
  readonly title: string;
  readonly spec: ClusterSpec;
  readonly lanes?: ClusterSpec;
  readonly leaving?: readonly Leaving[];
  readonly isNew: boolean;
  readonly confirmation: string | null;
  readonly work: RunWork;
}
