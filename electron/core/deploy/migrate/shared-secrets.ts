import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { appError, type AppErrorData } from '../../../../shared/model/app-error';
import { knownClusters } from '../identity/identify';
import { openRunFiles } from '../runs/run-journal';
import { readSecretPage } from '../secrets/secret-book';

/**
 * What is to be said of clusters whose secrets version 0.1.0 kept together, because their scopes were the same: it cannot be known which of
 * them a password was meant for. One problem for each scope, for as long as one of the clusters still has a password that is not its own.
 */
export async function sharedSecretProblems(directory: string): Promise<readonly AppErrorData[]> {
  const pages = join(directory, 'secrets');
  if (!existsSync(pages)) return [];
  const titles = new Map(
    knownClusters(openRunFiles(join(directory, 'runs')).list()).map((known) => [
      known.id,
      `${known.title} (${known.servers.map((server) => server.name).join(', ')})`,
    ]),
  );
  const byScope = new Map<string, string[]>();
  for (const name of readdirSync(pages).filter((file) => file.endsWith('.json'))) {
    const clusterId = decodeURIComponent(name.slice(0, -'.json'.length));
    const { inherited } = await readSecretPage(directory, clusterId);
    if (inherited !== undefined)
      byScope.set(inherited.scope, [...(byScope.get(inherited.scope) ?? []), titles.get(clusterId) ?? clusterId]);
  }
  return [...byScope].map(([scope, clusters]) => sharedProblem(scope, clusters));
}

function sharedProblem(scope: string, clusters: readonly string[]): AppErrorData {
  return appError(
    'deploy.secrets_shared',
    `An earlier version kept the passwords and keys of all clusters with the scope ${scope} together: ${clusters.join('; ')}.`,
    {
      target: scope,
      hint:
        'Each of them keeps access to all of these secrets, and none overwrites them for another. To give a cluster its own, ' +
        'rotate its keys with a new authority, enter new passwords in its form and set it up again.',
    },
  ).data;
}
