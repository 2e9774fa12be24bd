import { Buffer } from 'node:buffer';
import { AppError, appError } from '../../../../shared/model/app-error';
import type { RepositoryAnswer } from '../../../../shared/model/deploy/deploy-views';
import type { ServerFacts } from '../../../../shared/model/deploy/facts';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { AptRepository } from '../../../../shared/model/deploy/spec/source-spec';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import { neededPackages } from '../../../../shared/rules/deploy/steps/package-steps';
import { postgresVersion } from '../../../../shared/rules/deploy/facts/postgres-version';
import { withKeysOfServers } from '../../../../shared/rules/deploy/sources/repositories';
import { followsTrust } from '../../../../shared/rules/deploy/sources/repository-answers';
import type { Remote } from '../../ssh/remote';
import { keyed } from './keys';
import { askOffers } from './offers';
import { readOpenPgpKey } from './openpgp-key';

type Servers = Readonly<Record<string, ServerFacts>>;

/** A spec whose repositories have their keys, servers with what those repositories offer, and what each server said of each. */
export interface AddedSources {
  readonly spec: ClusterSpec;
  readonly servers: Servers;
  readonly answers: Readonly<Record<string, readonly RepositoryAnswer[]>>;
}

/**
 * Asks the repositories that a spec adds, from each server that still misses packages: apt's own answer before anything is
 * changed there. A server that has all it needs is not asked, and keys that lie on servers are not fetched again.
 */
export async function addSources(
  spec: ClusterSpec,
  servers: Servers,
  connectServer: (server: ServerSpec) => Remote,
): Promise<AddedSources> {
  const { repositories, route } = spec.sources;
  if (repositories.length === 0 || route.kind === 'bundle') return { spec, servers, answers: {} };
  const first = spec.servers.find((server) => servers[server.name] !== undefined);
  const keys = await keyed(
    withKeysOfServers(repositories, servers),
    first === undefined ? undefined : connectServer(first),
  );
  const asked = await Promise.all(
    serversLackingPackages(spec, servers).map(
      async (server) =>
        [
          server.name,
          await askOffers({
            server: server.name,
            remote: connectServer(server),
            sources: spec.sources,
            keyed: keys,
            refresh: false,
          }),
        ] as const,
    ),
  );
  const offered = Object.fromEntries(
    asked.map(([name, { offers }]) => [name, Object.fromEntries(offers.map((offer) => [offer.name, offer.version]))]),
  );
  return {
    spec: withRepositories(
      spec,
      keys.map((entry) => entry.repository),
    ),
    servers: Object.fromEntries(
      Object.entries(servers).map(([name, facts]) => [
        name,
        { ...facts, candidates: { ...facts.candidates, ...offered[name] } },
      ]),
    ),
    answers: Object.fromEntries(asked.map(([name, { repositories: said }]) => [name, said])),
  };
}

/** The spec with the keys that lie on its servers; nothing is fetched. */
export function withKnownKeys(spec: ClusterSpec, servers: Servers): ClusterSpec {
  return withRepositories(
    spec,
    withKeysOfServers(spec.sources.repositories, servers).map((repository) => {
      const key = repository.keyPem === undefined ? null : readOpenPgpKey(Buffer.from(repository.keyPem));
      return key === null ? repository : { ...repository, keyPem: key.text };
    }),
  );
}

function withRepositories(spec: ClusterSpec, repositories: readonly AptRepository[]): ClusterSpec {
  return { ...spec, sources: { ...spec.sources, repositories: [...repositories] } };
}

/** Servers of this deployment that answered and on which something is still to be installed. */
export function serversLackingPackages(spec: ClusterSpec, servers: Servers): readonly ServerSpec[] {
  const version = postgresVersion(spec, servers);
  return spec.servers.filter((server) => {
    const facts = servers[server.name];
    if (facts === undefined || spec.adopted.includes(server.name)) return false;
    return (
      (version === null && server.roles.includes('postgres')) ||
      neededPackages(spec, server, version).some((name) => facts.packages[name] === undefined)
    );
  });
}

/** Rejects with the fault of the first repository that a server cannot use; one that only waits for ca-certificates may follow later. */
export function throwRepositoryFaults({ spec, servers, answers }: AddedSources): void {
  for (const [name, said] of Object.entries(answers)) {
    const failed = said.find((answer) => answer.error !== null && !followsTrust(answer, servers[name]));
    if (failed?.error) throw new AppError(failed.error);
    const waiting = said.find((answer) => answer.error !== null);
    if (waiting?.error && spec.postgres.version === undefined) {
      throw appError(
        'deploy.repository_certificate',
        `${waiting.error.message} Which PostgreSQL it has cannot be known before.`,
        { target: name, hint: 'Name the major version of PostgreSQL, or install ca-certificates on the server.' },
      );
    }
  }
}
