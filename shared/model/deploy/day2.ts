import { z } from 'zod';
import type { ServiceName } from '../operate/service';
import type { StandalonePostgres } from './plan';
import type { PlanView } from './deploy-views';
import { serverRoleSchema, serverSpecSchema } from './spec/server-spec';
import type { ClusterSpec, SpecProblem } from './spec/cluster-spec';

/** What a person asks for on a cluster that runs. */
export const day2ChangeSchema = z.discriminatedUnion('kind', [
  /** A new server with its roles, or more roles for one that is there: a replica, a member of etcd, both. */
  z.strictObject({ kind: z.literal('add_server'), server: serverSpecSchema }),
  /** A server leaves with all its roles. Without `keepData` what was made there is taken away, too. */
  z.strictObject({ kind: z.literal('remove_server'), name: z.string().min(1), keepData: z.boolean().default(true) }),
  /** A server leaves etcd and keeps its other roles. */
  z.strictObject({ kind: z.literal('remove_etcd'), name: z.string().min(1) }),
  /** A member of etcd, alive or dead, gives its place to another server, which may have other roles already. */
  z.strictObject({ kind: z.literal('replace_etcd'), name: z.string().min(1), server: serverSpecSchema }),
  /** A server, new or of the cluster, gets Prometheus and Alertmanager, and every member its exporters. */
  z.strictObject({ kind: z.literal('add_monitoring'), server: serverSpecSchema }),
  /** The PostgreSQL that runs alone on this server becomes the first leader; it must be a server of the spec. */
  z.strictObject({ kind: z.literal('convert'), name: z.string().min(1) }),
]);
/** A change of a cluster that runs. */
export type Day2Change = z.infer<typeof day2ChangeSchema>;

/** A server that gives up roles. With all of them it leaves the cluster. */
export const leavingSchema = z.strictObject({
  server: serverSpecSchema,
  roles: z.array(serverRoleSchema).min(1),
  keepData: z.boolean(),
});
/** A server that gives up roles, and whether its data stay. */
export type Leaving = z.infer<typeof leavingSchema>;

/** A change as specs: the cluster as it shall be, and who gives up what. */
export interface ResolvedChange {
  readonly spec: ClusterSpec;
  readonly leaving: readonly Leaving[];
}

/** What a change would do. `typed` is the name a person types to confirm; null where nothing is taken away. */
export interface Day2Preview {
  readonly spec: ClusterSpec;
  readonly plan: PlanView;
  readonly problems: readonly SpecProblem[];
  readonly typed: string | null;
  /** Members that could take over first, where the change is refused because the server leads. */
  readonly candidates: readonly string[];
  /** What stays as it is, what is interrupted, and the way back. */
  readonly notes: readonly string[];
}

/** A standalone PostgreSQL as found, with what its conversion must carry along. */
export interface StandaloneFacts extends StandalonePostgres {
  readonly server: string;
  /** Settings of its own configuration files by name; paths and what Patroni sets are left out. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Lines of its pg_hba.conf without comments. */
  readonly hba: readonly string[];
  readonly sizeBytes: number;
  readonly superuserHasPassword: boolean;
  /** Replicas that stream from it now. */
  readonly streaming: readonly string[];
  readonly tablespaces: number;
  /** What is not carried along, for people. */
  readonly notes: readonly string[];
}

/** A service of a cluster that others set up: the members on whose servers it was found, in their order. */
export interface FoundService {
  readonly service: ServiceName;
  readonly on: readonly string[];
}

/** A cluster set up by others, described as it is. Nothing was changed to find it out. */
export interface AdoptedCluster {
  readonly spec: ClusterSpec;
  /** Every service of a cluster, also those that were found on no server. */
  readonly found: readonly FoundService[];
  /** What the description cannot hold. */
  readonly notes: readonly string[];
  /** Which changes work on it, each with a sentence. */
  readonly works: readonly {
    readonly change: Day2Change['kind'];
    readonly works: boolean;
    readonly sentence: string;
  }[];
}
