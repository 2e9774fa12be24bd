import type { Resource } from './plan';
import type { AppErrorData } from '../app-error';
import type { ServerFacts } from './facts';
import type { ServerRole } from './spec/server-spec';
import type { SpecProblem } from './spec/cluster-spec';

/** The facts of one server as the page may see them: no content of any file. */
export type ServerFactsView = Omit<ServerFacts, 'paths' | 'manifest'>;

/** What looking at one server gave: facts, or why there are none. */
export type FactsResult =
  | { readonly server: string; readonly facts: ServerFactsView; readonly error: null }
  | { readonly server: string; readonly facts: null; readonly error: AppErrorData };

/** A repair the user can press. `id` goes back with `deploy.fix`. */
export interface PreflightFix {
  readonly id: string;
  readonly label: string;
  /** The command that does it, for people. */
  readonly command: string;
}

/** One check of the preflight on one server (`server: null`: about the cluster as a whole). */
export interface PreflightCheck {
  readonly id: string;
  /** e.g. "Ports in use". */
  readonly name: string;
  readonly server: string | null;
  readonly verdict: 'ok' | 'warning' | 'blocks';
  /** What was seen. */
  readonly evidence: string;
  /** What is wrong with it and what to do; empty when ok. */
  readonly reason: string;
  readonly fix: PreflightFix | null;
}

/** All checks of all servers. `blocked` says that a deployment would be refused. */
export interface PreflightReport {
  readonly at: number;
  readonly durationMs: number;
  readonly problems: readonly SpecProblem[];
  readonly facts: readonly FactsResult[];
  readonly checks: readonly PreflightCheck[];
  readonly blocked: boolean;
}

/** The kinds of things a deployment makes or waits for. */
export type ResourceKind = Resource['kind'];

/** One line of a diff; secrets are masked. */
export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** What a step would do. `none`: it is so already; `refuse`: it would touch what this deployment did not make. */
export type StepAction = 'none' | 'create' | 'change' | 'run' | 'refuse';

/** One step of the plan as the review shows it. */
export interface StepView {
  readonly id: string;
  readonly server: string;
  readonly kind: ResourceKind;
  readonly label: string;
  readonly dependsOn: readonly string[];
  readonly action: StepAction;
  /** Why it is refused, or what differs. */
  readonly reason: string | null;
  /** What is run on the server, for people; secrets never appear. */
  readonly commands: readonly string[];
  /** For files: path, placement, and the change line by line. */
  readonly file: FileView | null;
}

/** A file of the plan. `keptAs` names the copy that will be kept of a file found on the server. */
export interface FileView {
  readonly path: string;
  readonly owner: string;
  readonly mode: string;
  readonly diff: readonly DiffLine[];
  readonly keptAs: string | null;
}

/** What a firewall on a server must let in: `rule` is the line for nftables (nft(8)); nothing is changed in any firewall. */
export interface FirewallLine {
  readonly what: string;
  /** Addresses and networks it comes from. */
  readonly from: readonly string[];
  /** `tcp 5432, 8008`, or the protocol alone. */
  readonly to: string;
  readonly rule: string;
}

/** All that will happen on one server. */
export interface ServerPlanView {
  readonly name: string;
  readonly address: string;
  readonly roles: readonly ServerRole[];
  readonly packages: readonly string[];
  readonly firewall: readonly FirewallLine[];
  readonly steps: readonly StepView[];
}

/** The plan for review. `fingerprint` goes back with `apply`: a plan made from other facts is refused. */
export interface PlanView {
  readonly fingerprint: string;
  readonly scope: string;
  readonly servers: readonly ServerPlanView[];
  readonly problems: readonly SpecProblem[];
  readonly changes: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly estimateMs: number;
}

/** How a step of a run stands. */
export type LaneStepStatus = 'todo' | 'running' | 'done' | 'unchanged' | 'failed' | 'skipped';

/** A step on a server's lane. */
export interface LaneStep {
  readonly id: string;
  readonly kind: ResourceKind;
  readonly label: string;
  readonly status: LaneStepStatus;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly detail: string | null;
  readonly error: AppErrorData | null;
}

/** One server's lane: its steps in the order of the plan and the last lines of its log. */
export interface Lane {
  readonly server: string;
  readonly steps: readonly LaneStep[];
  readonly log: readonly LaneLine[];
}

/** One line of a server's live log. */
export interface LaneLine {
  readonly at: number;
  readonly level: 'info' | 'command' | 'error';
  readonly text: string;
}

/** What a run does. */
export type DeployRunKind =
  | 'apply'
  | 'undo'
  | 'add_replica'
  | 'remove_member'
  | 'etcd_member'
  | 'convert'
  | 'monitoring'
  | 'rotate_certificates'
  | 'bundle'
  | 'adopt';
/** Runs that do something on servers; adopting only writes down what was read. */
export type WorkingRunKind = Exclude<DeployRunKind, 'adopt'>;

/** How a run stands. `interrupted`: the app ended while it ran; it can be resumed. */
export type DeployRunStatus = 'running' | 'done' | 'failed' | 'stopped' | 'interrupted';

/** A deployment with its lanes. It survives the app: its journal lies on disk. */
export interface DeployRun {
  readonly id: string;
  readonly kind: DeployRunKind;
  readonly clusterId: string;
  readonly scope: string;
  readonly title: string;
  readonly status: DeployRunStatus;
  readonly jobId: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly estimateMs: number;
  readonly lanes: readonly Lane[];
  readonly error: AppErrorData | null;
  readonly outcome: DeployOutcome | null;
}

/** A run without its lanes, for lists. */
export type DeployRunSummary = Omit<DeployRun, 'lanes'> & { readonly stepsDone: number; readonly stepsTotal: number };

/** What the stream of one run carries: the whole first, then what changes. */
export type DeployRunUpdate =
  | { readonly kind: 'snapshot'; readonly run: DeployRun }
  | { readonly kind: 'step'; readonly server: string; readonly step: LaneStep }
  | { readonly kind: 'log'; readonly server: string; readonly lines: readonly LaneLine[] }
  | { readonly kind: 'run'; readonly run: DeployRunSummary };

/** How applications reach the cluster. Passwords are never part of a connection string. */
export interface ConnectionString {
  readonly label: string;
  readonly text: string;
}

/** The last page of the wizard. */
export interface DeployOutcome {
  readonly sentence: string;
  readonly connections: readonly ConnectionString[];
  readonly made: readonly string[];
  readonly next: readonly string[];
  /** Names of the secrets that can be shown once more. */
  readonly secrets: readonly string[];
  /** The cluster in the inventory that was opened, where one was made. */
  readonly clusterId: string | null;
  /** Wall time of the run, ms. */
  readonly durationMs: number;
}

/** When a certificate ends, ms since the epoch. `server: null`: the cluster's authority, which the app keeps. */
export interface CertificateEnd {
  readonly server: string | null;
  readonly path: string;
  readonly endsAt: number;
}

/** What differs between the spec and the servers now. Two empty lists of steps mean: nothing. */
export interface DriftReport {
  readonly at: number;
  readonly durationMs: number;
  readonly scope: string;
  readonly steps: readonly StepView[];
  /** What could not be checked, mostly because of what differs: not seen to be so, and not known to be otherwise. */
  readonly unchecked: readonly StepView[];
  readonly unreachable: readonly FactsResult[];
  /** When each certificate ends, the first to end first; empty without TLS. */
  readonly certificates: readonly CertificateEnd[];
}

/** A form that was not finished. `step` is where the user left it; `spec` may be incomplete. */
export interface DeployDraft {
  readonly id: string;
  readonly title: string;
  readonly step: string;
  readonly savedAt: number;
  readonly spec: unknown;
}

/** What a server's sources offer, as apt says. */
export interface AvailableVersions {
  readonly server: string;
  readonly postgres: readonly { readonly major: number; readonly version: string; readonly origin: string }[];
  readonly patroni: string | null;
  readonly etcd: string | null;
  readonly haproxy: string | null;
  readonly pgbouncer: string | null;
  readonly keepalived: string | null;
  /** What became of each repository of the spec that is not on the server yet. */
  readonly repositories: readonly RepositoryAnswer[];
  readonly error: AppErrorData | null;
}

/** A repository that a server was to ask before it is added. `present`: somebody else's file names it already. */
export interface RepositoryAnswer {
  readonly url: string;
  readonly suite: string;
  readonly state: 'offers' | 'present' | 'failed';
  /** Of the key that its lists must be signed with; empty when there is none. */
  readonly fingerprint: string;
  readonly error: AppErrorData | null;
}

/** A suggested parameter with the reason for its value. */
export interface SuggestedParameter {
  readonly name: string;
  readonly value: string;
  readonly reason: string;
}

/** A preset of the failover speed: seconds, with what it means in words. */
export interface FailoverPreset {
  readonly id: string;
  readonly label: string;
  readonly ttl: number;
  readonly loopWait: number;
  readonly retryTimeout: number;
  readonly sentence: string;
}
