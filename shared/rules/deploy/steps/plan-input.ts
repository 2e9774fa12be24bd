import type { DeployFacts } from '../../../model/deploy/facts';
import type { Leaving } from '../../../model/deploy/day2';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import type { SecretReader } from '../secrets';

/** What every part of the plan is made from. */
export interface PlanInput {
  readonly spec: ClusterSpec;
  readonly facts: DeployFacts;
  readonly secret: SecretReader;
  readonly postgresVersion: number;
  /** Names this run in the manifests it writes. */
  readonly token: string;
  /** Servers that give up roles in this change. */
  readonly leaving?: readonly Leaving[];
}
