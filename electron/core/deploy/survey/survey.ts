import { createHash } from 'node:crypto';
import { AppError, appError, type AppErrorData } from '../../../../shared/model/app-error';
import type { DeployFacts } from '../../../../shared/model/deploy/facts';
import type { DeployPlan } from '../../../../shared/model/deploy/plan';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import { checkPlan, type Verdicts } from '../../../../shared/rules/deploy/check/check-plan';
import { planCluster } from '../../../../shared/rules/deploy/plan/plan-cluster';
import { postgresVersion } from '../../../../shared/rules/deploy/facts/postgres-version';
import { exporterUser, poolerUser } from '../../../../shared/rules/deploy/secrets';
import type { Remote } from '../../ssh/remote';
import { previewReader, secretReader, type SecretValues } from '../secrets/cluster-secrets';
import { collectFacts, type Collected } from '../facts/collect';
import type { ProbeContext } from '../facts/probe-context';
import type { SqlQuestion } from '../facts/sql-facts';
import { withBundleOffer } from '../bundle/bundle-facts';
import { refuseOtherCluster } from './refuse-other-cluster';
import { refuseTlsChange } from './refuse-tls-change';
import { refuseUnsafe } from '../../../../shared/rules/deploy/spec/refuse-unsafe';
import { addSources, throwRepositoryFaults } from '../sources/added-sources';
import { authorityOf, certificateFacts, clientTls } from '../tls/material';

/** What a survey works with. */
export interface SurveyDeps {
  readonly connectServer: (server: ServerSpec) => Remote;
  readonly now: () => number;
}

/** One inspection of everything: facts, the plan made from them, and what each of its steps would do. */
export interface Survey {
  readonly collected: Collected;
  readonly facts: DeployFacts;
  readonly plan: DeployPlan;
  readonly verdicts: Verdicts;
  readonly fingerprint: string;
}

/** Longest wait for one answer of a service during an inspection, ms. */
const probeMs = 6_000;

/** How the cluster's services are asked. */
export async function probesOf(spec: ClusterSpec, deps: SurveyDeps, secrets: SecretValues): Promise<ProbeContext> {
  const byName = new Map(spec.servers.map((server) => [server.name, server]));
  return {
    tls: await clientTls(spec, secrets, deps.now()),
    timeoutMs: probeMs,
    connectNamed: (name) => {
      const server = byName.get(name);
      if (server === undefined) throw appError('deploy.server_unknown', `The spec has no server ${name}.`);
      return deps.connectServer(server);
    },
  };
}

/**
 * Facts alone. `secrets` are those known by now; missing ones are no error. Throws `deploy.other_cluster` for servers
 * of another cluster, `deploy.spec_invalid` for values that must not reach a server.
 */
export async function inspect(spec: ClusterSpec, deps: SurveyDeps, secrets: SecretValues): Promise<Collected> {
  refuseUnsafe(spec);
  const collected = await collectFacts(spec, {
    connectServer: deps.connectServer,
    probes: await probesOf(spec, deps, secrets),
    sql: sqlQuestion(spec, secrets),
    now: deps.now,
  });
  refuseOtherCluster(spec, collected.servers);
  return collected;
}

/**
 * Inspects and plans, for a run or, without one, only to be shown. Throws `deploy.server_unreachable` when a server
 * could not be inspected, `deploy.no_postgres` when none can be had, `deploy.tls_change` for a running cluster.
 */
export async function survey(
  spec: ClusterSpec,
  deps: SurveyDeps,
  secrets: SecretValues,
  runId: string | null,
): Promise<Survey> {
  const inspected = await inspect(spec, deps, secrets);
  throwUnreachable(inspected.errors);
  refuseTlsChange(spec, inspected.servers);
  const added = await addSources(spec, await withBundleOffer(spec, inspected.servers), deps.connectServer);
  throwRepositoryFaults(added);
  const collected = { ...inspected, servers: added.servers, added: added.answers };
  const version = postgresVersion(spec, collected.servers);
  if (version === null && spec.servers.some((server) => server.roles.includes('postgres'))) {
    throw appError(
      'deploy.no_postgres',
      'The servers have no version of PostgreSQL in common that their package sources offer.',
      { hint: 'Refresh the package lists, add a repository, or name a version.' },
    );
  }
  const facts = deployFacts(spec, collected, secrets, deps.now());
  const secret = runId === null ? previewReader(secrets) : secretReader(secrets, spec.scope);
  const plan = planCluster({
    spec: added.spec,
    facts,
    secret,
    postgresVersion: version ?? 0,
    token: runId ?? 'preview',
  });
  const verdicts = checkPlan(plan, facts);
  return { collected, facts, plan, verdicts, fingerprint: fingerprint(plan, verdicts) };
}

/** What was collected, with the certificates judged. */
export function deployFacts(spec: ClusterSpec, collected: Collected, secrets: SecretValues, now: number): DeployFacts {
  return {
    servers: collected.servers,
    cluster: collected.cluster,
    certificates: certificateFacts(collected.servers, authorityOf(spec, secrets)),
    at: now,
  };
}

function throwUnreachable(errors: Readonly<Record<string, AppErrorData>>): void {
  const first = Object.entries(errors)[0];
  if (first === undefined) return;
  const [server, error] = first;
  throw appError('deploy.server_unreachable', `${server} could not be inspected: ${error.message}`, {
    target: server,
    retryable: true,
    cause: new AppError(error),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}

/** Names what a person has reviewed: the steps, what each would do, and every file as it was shown. */
export function fingerprint(plan: DeployPlan, verdicts: Verdicts): string {
  const hash = createHash('sha256');
  for (const step of plan.steps) {
    hash.update(`${step.id}\0${verdicts.get(step.id)?.action ?? ''}\0`);
    if (step.resource.kind === 'file') hash.update(step.resource.shown);
  }
  return hash.digest('hex').slice(0, 32);
}

function sqlQuestion(spec: ClusterSpec, secrets: SecretValues): SqlQuestion {
  const { superuser, replication, rewind } = spec.accounts;
  const named = [
    [superuser, 'superuser'] as const,
    [replication, 'replication'] as const,
    [rewind, 'rewind'] as const,
    [poolerUser, 'pgbouncer'] as const,
    [exporterUser, 'exporter'] as const,
    ...spec.users.map((user) => [user.name, `user:${user.name}` as const] as const),
  ];
  const passwords = Object.fromEntries(
    named.flatMap(([user, name]) => {
      const value = secrets.get(name);
      return value === undefined ? [] : [[user, value] as const];
    }),
  );
  return {
    port: spec.postgres.port,
    superuser: spec.accounts.superuser,
    passwords,
    databases: spec.databases.map((database) => database.name),
  };
}
