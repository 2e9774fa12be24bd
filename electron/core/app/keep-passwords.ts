import type { PasswordName } from '../../../shared/model/deploy/secret-name';
import type { PasswordAccount, PasswordUse } from '../../../shared/model/passwords/password-account';
import type { SecretBook } from '../deploy/secrets/secret-book';
import type { Inventory } from '../inventory/inventory';
import type { KeptPassword } from '../passwords/carry-out-passwords';
import type { Secrets } from '../vault/secrets';

const NAMES: Readonly<Record<Exclude<PasswordUse, 'application'>, PasswordName>> = {
  superuser: 'superuser',
  replication: 'replication',
  rewind: 'rewind',
  rest: 'rest',
  pooler: 'pgbouncer',
};

/**
 * Tells whoever in the app logs in with a password that there is another one: the secrets of a cluster that was set up
 * here, the app's own access to the REST API, and its role in PostgreSQL.
 */
export function createPasswordKeeper(deps: {
  readonly inventory: Pick<Inventory, 'cluster'>;
  readonly vault: Secrets;
  readonly book: SecretBook;
}): (clusterId: string, kept: readonly KeptPassword[]) => Promise<void> {
  const { inventory, vault, book } = deps;
  return async (clusterId, kept) => {
    const entry = inventory.cluster(clusterId);
    for (const { account, password } of kept) {
      for (const name of bookNames(account))
        if ((await book.read(clusterId, name).catch(() => password)) !== undefined)
          await book.write(clusterId, name, password);
      const auth = account.id === 'rest' ? entry?.rest.auth : entry?.postgres;
      if (auth?.username === account.username) await vault.replace(auth.passwordSecret, password);
    }
  };
}

function bookNames({ uses, username }: PasswordAccount): readonly PasswordName[] {
  return uses.map((use) => (use === 'application' ? (`user:${username}` as const) : NAMES[use]));
}
