import { appError } from '../../../../shared/model/app-error';
import type { PreflightCheck, PreflightReport } from '../../../../shared/model/deploy/deploy-views';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import { postgresVersion } from '../../../../shared/rules/deploy/facts/postgres-version';
import { preflight } from '../../../../shared/rules/deploy/preflight/preflight';
import { validateSpec } from '../../../../shared/rules/deploy/spec/validate-spec';
import type { SecretValues } from '../secrets/cluster-secrets';
import type { Collected } from '../facts/collect';
import { factsResults } from '../facts/results';
import { askFollowed } from '../facts/followed-answers';
import { tryWays, type ReachResult } from '../facts/reach';
import { askVip } from '../facts/vip-answers';
import { judgeBundle } from '../bundle/bundle-facts';
import { withPackages } from '../package-routes/with-packages';
import { addSources } from '../sources/added-sources';
import { judgeLocalFiles } from '../sources/judge-local-files';
import { programHosts } from '../../../../shared/rules/deploy/sources/package-hosts';
import { inspect, type SurveyDeps } from './survey';

/** Inspects all servers and the connections between them, and judges. */
export async function runPreflight(
  spec: ClusterSpec,
  deps: SurveyDeps,
  secrets: SecretValues,
): Promise<PreflightReport> {
  const started = deps.now();
  const { collected, checks } = await judge(spec, await inspect(spec, deps, secrets), deps, secrets);
  const problems = validateSpec(spec);
  return {
    at: started,
    durationMs: deps.now() - started,
    problems,
    facts: factsResults(spec, collected),
    checks,
    blocked:
      checks.some((check) => check.verdict === 'blocks') || problems.some((problem) => problem.severity === 'error'),
  };
}

/** Judges what was found, after trying the connections between the servers. With a bundle, `collected` has what the bundle offers. */
export async function judge(
  spec: ClusterSpec,
  inspected: Collected,
  deps: SurveyDeps,
  secrets: SecretValues,
): Promise<{ readonly collected: Collected; readonly checks: readonly PreflightCheck[] }> {
  const bundle = await judgeBundle(spec, inspected.servers);
  const added =
    inspected.added === undefined
      ? await addSources(spec, bundle.servers, deps.connectServer)
      : { servers: bundle.servers, answers: inspected.added };
  const collected = { ...inspected, servers: added.servers };
  const [reached, vip, followed] = await Promise.all([
    Promise.all(spec.servers.map((server) => waysFrom(spec, server, collected, deps))),
    askVip(spec, collected.servers, deps.connectServer),
    isMade(collected) ? null : askFollowed(spec, collected.servers, deps.connectServer, secrets),
  ]);
  const judged = preflight({
    spec,
    servers: collected.servers,
    errors: collected.errors,
    cluster: collected.cluster,
    reach: reached.flatMap((result) => result.ways),
    repositories: reached.flatMap((result) => result.repositories),
    added: added.answers,
    postgresVersion: postgresVersion(spec, collected.servers),
    vip,
    followed,
  });
  return { collected, checks: [...judged, ...bundle.checks, ...(await judgeLocalFiles(spec))] };
}

/** A cluster that has its identity does not need the one that it was copied from, which may be lost by now. */
function isMade({ cluster }: Collected): boolean {
  return cluster.initialize !== null && cluster.initialize !== '';
}

async function waysFrom(
  spec: ClusterSpec,
  server: ServerSpec,
  collected: Collected,
  deps: SurveyDeps,
): Promise<ReachResult> {
  const facts = collected.servers[server.name];
  if (facts === undefined) return { ways: [], repositories: [] };
  return tryWays(spec, server.name, deps.connectServer(server), [
    ...new Set([...facts.apt.hosts, ...programHosts({ ...spec, servers: [server] })]),
  ]);
}

/** Fetches the package lists; its arguments are words for apt. */
export const REFRESH_LISTS_SCRIPT = 'exec apt-get -o DPkg::Lock::Timeout=300 "$@" update -q';

/** The fixes that a person may apply; nothing else is run. */
const fixes: Readonly<
  Record<string, (spec: ClusterSpec) => { readonly script: string; readonly args: readonly string[] }>
> = {
  'apt-update': () => ({ script: REFRESH_LISTS_SCRIPT, args: [] }),
  'ca-certificates': () => ({
    script:
      'DEBIAN_FRONTEND=noninteractive exec apt-get -o DPkg::Lock::Timeout=300 "$@" install -y -q --no-install-recommends ca-certificates',
    args: [],
  }),
  dpkg: () => ({
    script: 'DEBIAN_FRONTEND=noninteractive exec dpkg --configure -a --force-confdef --force-confold',
    args: [],
  }),
  clock: () => ({ script: 'exec timedatectl set-ntp true', args: [] }),
  locale: (spec) => ({
    script: `set -e
DEBIAN_FRONTEND=noninteractive l=$1; shift
apt-get -o DPkg::Lock::Timeout=300 "$@" install -y -q --no-install-recommends locales
grep -qxF "$l \${l##*.}" /etc/locale.gen || printf '%s %s\\n' "$l" "\${l##*.}" >> /etc/locale.gen
locale-gen`,
    args: [spec.postgres.locale],
  }),
};

/** Those that need packages, and take words for apt after their own arguments. */
const fetches: ReadonlySet<string> = new Set(['apt-update', 'ca-certificates', 'locale']);

/** Applies one fix on one server. Rejects with `deploy.fix_failed` and what the server said. */
export async function applyFix(spec: ClusterSpec, serverName: string, fixId: string, deps: SurveyDeps): Promise<void> {
  const server = spec.servers.find((entry) => entry.name === serverName);
  const fix = fixes[fixId];
  if (server === undefined || fix === undefined)
    throw appError('deploy.fix_unknown', `There is no fix ${fixId} for ${serverName}.`);
  const { script, args } = fix(spec);
  const remote = deps.connectServer(server);
  const apply = (options: readonly string[]) =>
    remote.script(script, [...args, ...options], { timeoutMs: 600_000, sudo: true });
  const result = await (fetches.has(fixId) ? withPackages(remote, spec.sources, apply) : apply([]));
  if (result.exitCode === 0) return;
  throw appError(
    'deploy.fix_failed',
    `${serverName}: the fix did not work: ${(result.stderr || result.stdout).trim().split('\n').slice(-2).join(' ').slice(0, 300)}`,
    {
      target: serverName,
      hint: 'Do it by hand on the server, then check again.',
    },
  );
}
