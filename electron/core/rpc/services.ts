import type { AdviceService } from '../advice/create-advice';
import type { Alerts } from '../alerts/create-alerts';
import type { ActiveFault, AppInfo, DemoClusterWish, DemoFault } from '../../../shared/contract/app';
import type { servers } from '../../../shared/contract/servers';
import type { InferContractRouterOutputs } from '@orpc/contract';
import type { Server, SshState } from '../../../shared/model/connect/server';
import type { TestReport } from '../../../shared/model/connect/server-test';
import type { ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import type { Discovery } from '../clusters/discovery/add-cluster';
import type { BackupsService } from '../backups/create-backups';
import type { AvailabilityService } from '../availability/create-availability';
import type { BalancersService } from '../balancers/create-balancers';
import type { CertificatesService } from '../certificates/create-certificates';
import type { ClusterHub } from '../clusters/hub';
import type { ConfigHistory } from '../config-history/create-config-history';
import type { Deploy } from '../deploy/create-deploy';
import type { Deliveries } from '../deliveries/create-deliveries';
import type { DrillService } from '../drill/create-drills';
import type { Drafts } from '../deploy/drafts';
import type { Bundler } from '../deploy/bundle/make-bundle';
import type { PassingSecretBook } from '../deploy/secrets/passing-secrets';
import type { Diagnostics } from '../diagnostics/create-diagnostics';
import type { EtcdAdmin } from '../etcd-admin/create-etcd-admin';
import type { OverlaidInventory } from '../inventory/overlay';
import type { JobEngine } from '../jobs/job-engine';
import type { ClusterLogs } from '../logs/create-logs';
import type { MemberFiles } from '../member-files/create-member-files';
import type { OperationService } from '../operations/create-operations';
import type { PasswordService } from '../passwords/create-passwords';
import type { PostgresService } from '../postgres/create-postgres';
import type { PostgresFactsService } from '../postgres-facts/create-postgres-facts';
import type { RepairService } from '../repair/create-repair';
import type { MemberServicesService } from '../services/create-services';
import type { Remote } from '../ssh/remote';
import type { Statistics } from '../statistics/create-statistics';
import type { Terminals } from '../terminal/create-terminals';
import type { Consent } from '../platform/consent';
import type { PrometheusService } from '../prometheus/create-prometheus';
import type { Prompts } from '../prompts/prompts';
import type { UpgradesService } from '../upgrades/create-upgrades';
import type { AssessmentsService } from '../upgrades/major/create-assessments';
import type { Vault } from '../vault/vault';

/** Hosts of ~/.ssh/config as the page chooses from them. */
export type SshConfigHosts = InferContractRouterOutputs<typeof servers>['sshConfigHosts'];

/** What handlers need of the servers' connections. */
export interface Connections {
  state(serverId: string): SshState;
  /** The server was changed or removed: its connection is closed. */
  drop(serverId: string): Promise<void>;
  test(server: Server): Promise<TestReport>;
  sshConfigHosts(): Promise<SshConfigHosts>;
}

/** The simulated fleet. */
export interface Demo {
  running(): boolean;
  /** `fault`: the cluster begins with this one. */
  start(clusters: readonly DemoClusterWish[]): Promise<readonly string[]>;
  stop(): Promise<void>;
  faults(): readonly DemoFault[];
  inject(clusterId: string, faultId: string, member: string | null): Promise<void>;
  heal(clusterId: string): Promise<void>;
  /** The faults that are at work on a cluster now; none where it is not of the demo. */
  active(clusterId: string): readonly ActiveFault[];
}

/** Setting up clusters on bare servers. */
export interface Deployment {
  readonly deploy: Deploy;
  readonly drafts: Drafts;
  readonly bundler: Bundler;
  readonly secrets: PassingSecretBook;
  readonly connectServer: (server: ServerSpec) => Remote;
}

/** Everything the handlers call; made by app/create-core. */
export interface Services {
  readonly info: () => AppInfo;
  readonly now: () => number;
  readonly inventory: OverlaidInventory;
  readonly vault: Vault;
  readonly prompts: Prompts;
  readonly consent: Consent;
  readonly connections: Connections;
  readonly discovery: Discovery;
  readonly hub: ClusterHub;
  readonly alerts: Alerts;
  readonly advice: AdviceService;
  readonly deliveries: Deliveries;
  readonly operations: OperationService;
  readonly backups: BackupsService;
  readonly balancers: BalancersService;
  readonly certificates: CertificatesService;
  readonly memberServices: MemberServicesService;
  readonly terminals: Terminals;
  readonly logs: ClusterLogs;
  readonly statistics: Statistics;
  readonly etcdAdmin: EtcdAdmin;
  readonly configHistory: ConfigHistory;
  readonly postgresFacts: PostgresFactsService;
  readonly postgres: PostgresService;
  readonly upgrades: UpgradesService;
  readonly assessments: AssessmentsService;
  readonly memberFiles: MemberFiles;
  readonly prometheus: PrometheusService;
  readonly passwords: PasswordService;
  readonly repair: RepairService;
  readonly drills: DrillService;
  readonly availability: AvailabilityService;
  readonly jobs: JobEngine;
  readonly diagnostics: Diagnostics;
  readonly demo: Demo;
  readonly deployment: Deployment;
}
