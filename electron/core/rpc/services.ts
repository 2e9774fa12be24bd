import type { AppInfo, DemoFault } from '../../../shared/contract/app';
import type { addDirectSchema, addDiscoveredSchema } from '../../../shared/contract/clusters';
import type { startOperationSchema } from '../../../shared/contract/operations';
import type { servers, TestReport } from '../../../shared/contract/servers';
import type { InferContractRouterOutputs } from '@orpc/contract';
import type { z } from 'zod';
import type { ClusterEntry } from '../../../shared/model/cluster-entry';
import type { DiscoveryResult } from '../../../shared/model/discovery';
import type { Job } from '../../../shared/model/job';
import type { Operation, OperationPreview } from '../../../shared/model/operation';
import type { Server, SshState } from '../../../shared/model/server';
import type { ClusterHub } from '../clusters/hub';
import type { Inventory } from '../inventory/inventory';
import type { JobEngine } from '../jobs/job-engine';
import type { Prompts } from '../runtime/prompts';
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

/** Finding clusters and putting them into the inventory. */
export interface Discovery {
  discover(serverId: string): Promise<DiscoveryResult>;
  addDiscovered(input: z.output<typeof addDiscoveredSchema>): Promise<ClusterEntry>;
  addDirect(input: z.output<typeof addDirectSchema>): Promise<ClusterEntry>;
}

/** What a user does to a cluster. */
export interface Operations {
  preview(clusterId: string, operation: Operation): Promise<OperationPreview>;
  start(input: z.output<typeof startOperationSchema>): Promise<Job>;
}

/** The simulated fleet. */
export interface Demo {
  running(): boolean;
  start(clusters: readonly { readonly scope: string; readonly members: number }[]): Promise<readonly string[]>;
  stop(): Promise<void>;
  faults(): readonly DemoFault[];
  inject(clusterId: string, faultId: string, member: string | null): Promise<void>;
  heal(clusterId: string): Promise<void>;
}

/** Everything the handlers call; made by runtime/create-core. */
export interface Services {
  readonly info: () => AppInfo;
  readonly now: () => number;
  readonly inventory: Inventory;
  readonly vault: Vault;
  readonly prompts: Prompts;
  readonly connections: Connections;
  readonly discovery: Discovery;
  readonly hub: ClusterHub;
  readonly operations: Operations;
  readonly jobs: JobEngine;
  readonly demo: Demo;
}
