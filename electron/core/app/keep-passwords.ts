import type { PasswordName } from '../../../shared/model/deploy/secret-name';
import type { PasswordAccount, PasswordUse } from '../../../shared/model/passwords/password-account';
import { withoutLost, type SecretBook } from '../deploy/secrets/secret-book';
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

/** What keeps passwords in the app beside the change itself. */
interface KeeperDeps {
  readonly inventory: Pick<Inventory, 'cluster'>;
  readonly vault: Secrets;
  readonly book: SecretBook;
}

/**
 * Tells whoever in the app logs in with a password that there is another one: the secrets of a cluster that was set up
 * here, the app's own access to the REST API, and its role in PostgreSQL.
 */
export function createPasswordKeeper(
  deps: KeeperDeps,
): (clusterId: string, kept: readonly KeptPassword[]) => Promise<void> {
  const { vault, book } = deps;
  return async (clusterId, kept) => {
    for (const { account, password } of kept) {
      for (const name of bookNames(account))
        if ((await book.read(clusterId, name).catch(() => password)) !== undefined)
          await book.write(clusterId, name, password);
      const secret = loginSecret(deps, clusterId, account);
      if (secret !== null) await vault.replace(secret, password);
    }
  };
}

/** Reads what `createPasswordKeeper` overwrites: all passwords of an account that the app keeps now. */
export function createPasswordReader(
  deps: KeeperDeps,
): (clusterId: string, account: PasswordAccount) => Promise<readonly string[]> {
  const book = withoutLost(deps.book);
  return async (clusterId, account) => {
    const inBook = await Promise.all(bookNames(account).map((name) => book.read(clusterId, name)));
    const secret = loginSecret(deps, clusterId, account);
    const ofLogin = secret === null ? undefined : await deps.vault.read(secret);
    return [...inBook, ofLogin].filter((password) => password !== undefined);
  };
}

/** The secret by which the app logs in as this account; null where it does not, or takes the one of the set-up. */
function loginSecret({ inventory }: KeeperDeps, clusterId: string, { id, username }: PasswordAccount): string | null {
  const entry = inventory.cluster(clusterId);
  const auth = id === 'rest' ? entry?.rest.auth : entry?.postgres;
  return auth?.username === username && auth.passwordSecret !== '' ? auth.passwordSecret : null;
}

function bookNames({ uses, username }: PasswordAccount): readonly PasswordName[] {
  return uses.map((use) => (use === 'application' ? (`user:${username}` as const) : NAMES[use]));
}
