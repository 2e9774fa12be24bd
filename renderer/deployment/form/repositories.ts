import type { AppErrorData } from '../../../shared/model/app-error';
import type { AvailableVersions } from '../../../shared/model/deploy/deploy-views';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { aptRepositorySchema, type AptRepository } from '../../../shared/model/deploy/spec/source-spec';
import { fingerprintText } from '../../../shared/rules/deploy/sources/repository-answers';
import { sourceProblems } from '../../../shared/rules/deploy/spec/validate/sources';

/**
 * The spec about which apt on the servers is asked, or null while there is no server. Incomplete repositories are left
 * out, and what does not matter to the answer has its defaults.
 */
export function askableSpec(spec: ClusterSpec): ClusterSpec | null {
  if (spec.servers.length === 0) return null;
  const { route } = spec.sources;
  const sources: ClusterSpec['sources'] = {
    repositories: route.kind === 'bundle' ? [] : [...completeRepositories(spec)],
    etcd: { kind: 'packages' },
    patroni: { kind: 'packages' },
    route: route.kind === 'bundle' ? { kind: 'direct' } : route,
  };
  return {
    ...spec,
    sources,
    scope: spec.scope === '' ? 'new' : spec.scope,
    servers: spec.servers.map((server) => ({ ...server, roles: server.roles.length === 0 ? ['etcd'] : server.roles })),
  };
}

function completeRepositories(spec: ClusterSpec): readonly AptRepository[] {
  const wrong = sourceProblems(spec)
    .filter((problem) => problem.severity === 'error')
    .map((problem) => problem.path);
  return spec.sources.repositories.filter(
    (repository, index) =>
      aptRepositorySchema.safeParse(repository).success &&
      !wrong.some((path) => path.startsWith(`sources.repositories.${index}.`)),
  );
}

/** What the servers said of one repository: a sentence, or the first error with the servers it concerns. Null when none was asked yet. */
export function repositoryVerdict(
  repository: AptRepository,
  offers: readonly AvailableVersions[],
): { readonly sentence: string; readonly error: AppErrorData | null } | null {
  const answers = offers.flatMap((offer) =>
    offer.repositories
      .filter((answer) => answer.url === repository.url && answer.suite === repository.suite)
      .map((answer) => ({ ...answer, server: offer.server })),
  );
  if (answers.length === 0) return null;
  const failed = answers.filter((answer) => answer.error !== null);
  if (failed[0]?.error)
    return {
      sentence: `It cannot be used on ${failed.map((answer) => answer.server).join(', ')}.`,
      error: failed[0].error,
    };
  const present = answers.filter((answer) => answer.state === 'present').map((answer) => answer.server);
  const fingerprint = answers.find((answer) => answer.fingerprint !== '')?.fingerprint ?? '';
  return {
    error: null,
    sentence: [
      present.length === answers.length
        ? ''
        : `The servers can use it${fingerprint === '' ? '.' : `; its key is ${fingerprintText(fingerprint)}.`}`,
      present.length === 0 ? '' : `Already configured on ${present.join(', ')} and left unchanged.`,
    ]
      .filter((part) => part !== '')
      .join(' '),
  };
}
