import { patroniConfig } from '../../../shared/rules/deploy/files/patroni';
import type { Deploy } from '../deploy/create-deploy';
import { knownSecrets, secretReader } from '../deploy/secrets/cluster-secrets';
import type { SecretBook } from '../deploy/secrets/secret-book';

/**
 * Makes the patroni.yml of a member anew, from the spec by which the app set its cluster up, with its secrets; null where there is no
 * spec, where it does not name the member, or where a secret of it is not there.
 */
export function createSpecFileReader({
  deploy,
  book,
}: {
  readonly deploy: Pick<Deploy, 'latestSpec'>;
  readonly book: SecretBook;
}): (clusterId: string, member: string, postgresVersion: number | null) => Promise<string | null> {
  return async (clusterId, member, postgresVersion) => {
    const spec = deploy.latestSpec(clusterId);
    const server = spec?.servers.find(({ name }) => name === member);
    if (spec === null || server === undefined || postgresVersion === null) return null;
    try {
      const secret = secretReader(await knownSecrets(book, spec), spec.scope);
      return patroniConfig({ spec, server, postgresVersion, secret });
    } catch {
      return null;
    }
  };
}
