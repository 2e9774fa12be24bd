import type { AppErrorData } from '../../../model/app-error';
import type { PreflightCheck, PreflightFix, RepositoryAnswer } from '../../../model/deploy/deploy-views';
import type { FollowedFacts, ScopeFacts, ReachFacts, ServerFacts, VipFacts } from '../../../model/deploy/facts';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';

/** Everything the checks judge. Nothing is asked again while they run. */
export interface PreflightInput {
  readonly spec: ClusterSpec;
  readonly servers: Readonly<Record<string, ServerFacts>>;
  readonly errors: Readonly<Record<string, AppErrorData>>;
  readonly cluster: ScopeFacts;
  readonly reach: readonly ReachFacts[];
  /** Package hosts (`host:port`) by server, and whether they could be reached. */
  readonly repositories: readonly {
    readonly server: string;
    readonly host: string;
    readonly verdict: ReachFacts['verdict'];
  }[];
  /** What servers said of the repositories that the spec adds, by server. */
  readonly added: Readonly<Record<string, readonly RepositoryAnswer[]>>;
  readonly postgresVersion: number | null;
  /** Who answers at the virtual address, asked from each server that may hold it. */
  readonly vip: readonly VipFacts[];
  /** What the followed cluster says to the servers of a standby cluster that is to be made; null where none is. */
  readonly followed: FollowedFound | null;
}

/** The answers of the followed cluster; `missing`: the roles whose passwords are not known, without which nothing was asked. */
export interface FollowedFound {
  readonly missing: readonly string[];
  readonly answers: readonly FollowedFacts[];
}

/** One check: a name, and what it says of one server. `null`: it does not concern this server. */
export interface ServerCheck {
  readonly id: string;
  readonly name: string;
  readonly run: (server: ServerSpec, facts: ServerFacts, input: PreflightInput) => CheckResult | null;
}

/** What a check found. */
export interface CheckResult {
  readonly verdict: PreflightCheck['verdict'];
  readonly evidence: string;
  readonly reason: string;
  readonly fix: PreflightFix | null;
}

/** All is well. */
export function fine(evidence: string): CheckResult {
  return { verdict: 'ok', evidence, reason: '', fix: null };
}

/** Worth knowing; it does not stop a deployment. */
export function warns(evidence: string, reason: string, fix: PreflightFix | null = null): CheckResult {
  return { verdict: 'warning', evidence, reason, fix };
}

/** A deployment would fail or do harm. */
export function blocks(evidence: string, reason: string, fix: PreflightFix | null = null): CheckResult {
  return { verdict: 'blocks', evidence, reason, fix };
}

/** Bytes for people. */
export function sizeText(bytes: number): string {
  return bytes >= 1024 ** 3 ? `${(bytes / 1024 ** 3).toFixed(1)} GB` : `${Math.round(bytes / 1024 ** 2)} MB`;
}
