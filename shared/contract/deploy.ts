import { z } from 'zod';
import type {
  AvailableVersions,
  DeployDraft,
  DeployRunSummary,
  DeployRunUpdate,
  DriftReport,
  FactsResult,
  FailoverPreset,
  PlanView,
  PreflightReport,
  SuggestedParameter,
} from '../model/deploy/deploy-views';
import { clusterIdSchema } from '../model/cluster/cluster-id';
import { passwordNameSchema, type PasswordName } from '../model/deploy/secret-name';
import type { FollowedCluster } from '../model/deploy/followed-cluster';
import { bundleSourceSchema, type CheckedBundle } from '../model/deploy/bundle';
import type { Job } from '../model/operate/job';
import { clusterSpecSchema, type ClusterSpec, type SpecProblem } from '../model/deploy/spec/cluster-spec';
import { day2 } from './day2';
import { ask, call, feed, of, stream } from './procedures';

const spec = z.object({ spec: clusterSpecSchema });
const runId = z.object({ runId: z.string().min(1).max(80) });
const secret = z.object({ clusterId: clusterIdSchema, name: passwordNameSchema });
const requestId = z.string().min(8).max(64);

/** Whether JSON has a form for a value: it has none for numbers of any length, and none for what contains itself. */
function canBeJson(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}

/** Forms that were not finished; they survive closing the app. */
const drafts = {
  list: ask(of<readonly DeployDraft[]>()),
  save: call(
    z.object({
      id: z.string().min(1).max(80),
      title: z.string().max(120),
      step: z.string().max(40),
      spec: z.unknown().refine(canBeJson, 'cannot be kept as JSON'),
    }),
    of<null>(),
  ),
  remove: call(z.object({ id: z.string() }), of<null>()),
};

/** What is kept of a run and what can still be done with it. */
const runs = {
  list: ask(of<readonly DeployRunSummary[]>()),
  /** First the whole run, then its changes, until it ends. */
  watch: stream(runId, of<DeployRunUpdate>()),
  watchAll: feed(of<readonly DeployRunSummary[]>()),
  /** Goes on where a run failed, was stopped or was interrupted. Rejects with `deploy.run_finished` when there is nothing left. */
  resume: call(runId.extend({ requestId }), of<Job>()),
  /** The spec a run was made for. Rejects with `deploy.run_unknown`. */
  spec: call(runId, of<ClusterSpec>()),
  /** No new step is started; steps under way come to their end. */
  stop: call(runId, of<null>()),
};

const file = z.string().min(1).max(4096);

/** Packages in one file, for servers without a network. Files are on the computer where the core runs. */
const bundle = {
  /** Collects what the spec's servers miss. Rejects with `deploy.bundle_exists`; nothing is overwritten. */
  make: call(spec.extend({ source: bundleSourceSchema, file, requestId }), of<Job>()),
  /** Reads a bundle whole and checks it. Rejects with `deploy.bundle_missing`, `_unreadable`, `_incomplete` or `_damaged`. */
  check: call(z.object({ file }), of<CheckedBundle>()),
};

/** Setting up a cluster on bare servers. Passwords go in once by name and never come back but through `revealSecret`. */
export const deploy = {
  /**
   * Reads a spec file; problems of form and of sense. `spec` is null when it cannot be read at all. A cluster without an id is found by
   * its servers, or gets `clusterId`, or a new one. `leavesParameters`: the file does not set the parameters of PostgreSQL, and
   * they are to be suggested. Rejects with `deploy.cluster_ambiguous`, `deploy.id_taken`.
   */
  parse: call(
    z.object({ text: z.string().max(1_000_000), clusterId: clusterIdSchema.nullable().default(null) }),
    of<{
      readonly spec: ClusterSpec | null;
      readonly leavesParameters: boolean;
      readonly problems: readonly SpecProblem[];
    }>(),
  ),
  /** The spec as the file a person reads and keeps. */
  print: call(spec, of<{ readonly fileName: string; readonly text: string }>()),
  validate: call(spec, of<readonly SpecProblem[]>()),
  presets: ask(of<readonly FailoverPreset[]>()),
  /** Looks at servers by their way in alone, before there is a spec. */
  look: call(z.object({ servers: clusterSpecSchema.shape.servers }), of<readonly FactsResult[]>()),
  /** What apt offers on these servers; refreshes the package lists when asked to. */
  available: call(spec.extend({ refresh: z.boolean() }), of<readonly AvailableVersions[]>()),
  suggest: call(
    z.object({ memoryBytes: z.number().positive(), cpus: z.number().int().positive(), solidState: z.boolean() }),
    of<readonly SuggestedParameter[]>(),
  ),
  preflight: call(spec, of<PreflightReport>()),
  /** Presses the fix of one check on one server, then looks again. */
  fix: call(spec.extend({ server: z.string(), fixId: z.string() }), of<PreflightReport>()),
  plan: call(spec, of<PlanView>()),
  /** `typed` is the scope, typed by the user, where the plan asks for it. Answers the job and the run to watch. */
  apply: call(spec.extend({ fingerprint: z.string(), requestId }), of<{ readonly job: Job; readonly runId: string }>()),
  /** New keys and certificates for every service, with `authority` from a new authority; PostgreSQL keeps running. */
  rotateCertificates: call(
    spec.extend({ authority: z.boolean().default(false), requestId }),
    of<{ readonly job: Job; readonly runId: string }>(),
  ),
  check: call(spec, of<DriftReport>()),
  /** Removes what runs for this scope made on these servers. `typed` must be the scope. */
  undo: call(
    spec.extend({ typed: z.string(), keepData: z.boolean(), requestId }),
    of<{ readonly job: Job; readonly runId: string }>(),
  ),
  /** Names of the secrets this spec needs, and which of them are there. Missing ones are generated by `apply`. */
  secretNames: call(
    spec,
    of<readonly { readonly name: PasswordName; readonly label: string; readonly present: boolean }[]>(),
  ),
  /**
   * What a standby cluster takes over from the cluster `followed` of the app; the passwords of its roles are kept for `clusterId`, the
   * cluster to be, and are not shown. Rejects as `day2.adopt` does where that cluster was set up by others.
   */
  follow: call(z.object({ clusterId: clusterIdSchema, followed: clusterIdSchema }), of<FollowedCluster>()),
  setSecret: call(secret.extend({ value: z.string().min(1).max(1024) }), of<null>()),
  revealSecret: call(secret, of<{ readonly value: string }>()),
  day2,
  runs,
  bundle,
  drafts,
};
