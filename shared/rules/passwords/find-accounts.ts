import type { PasswordAccount, PasswordPlace, PasswordUse } from '../../model/passwords/password-account';
import { valueAt } from '../configure/config-patch';
import { whyNotUnread } from './password-guide';
import { listedForm, listedPassword } from './pooler-list';

type Json = Readonly<Record<string, unknown>>;

/** One file of a member's own configuration, read. */
interface ReadFile {
  readonly path: string;
  readonly config: Json;
}

/**
 * A member's configuration as Patroni reads it: the merged one, the files it comes from, and the service's PATRONI_*
 * variables.
 */
export interface MemberConfig {
  readonly member: string;
  readonly server: string;
  readonly merged: Json;
  readonly files: readonly ReadFile[];
  readonly variables: readonly string[];
}

/** PgBouncer's list of users on one server. */
export interface PoolerList {
  readonly server: string;
  readonly path: string;
  readonly text: string;
}

const SECTIONS = ['superuser', 'replication', 'rewind'] as const;

/** The variable of the environment that wins over a password in a file (patroni/config.py). */
const VARIABLES: Readonly<Record<string, string>> = {
  superuser: 'PATRONI_SUPERUSER_PASSWORD',
  replication: 'PATRONI_REPLICATION_PASSWORD',
  rewind: 'PATRONI_REWIND_PASSWORD',
  rest: 'PATRONI_RESTAPI_PASSWORD',
};

interface Use {
  readonly use: PasswordUse;
  readonly username: string | null;
  readonly places: readonly PasswordPlace[];
  readonly refused: string | null;
}

/** Where one section's password stands with one member. */
function useOn(config: MemberConfig, use: (typeof SECTIONS)[number] | 'rest'): Use | null {
  const section = use === 'rest' ? ['restapi', 'authentication'] : ['postgresql', 'authentication', use];
  const username = valueAt(config.merged, [...section, 'username']);
  const password = valueAt(config.merged, [...section, 'password']);
  if (username === undefined && use !== 'superuser' && use !== 'replication') return null;
  const paths = use === 'rest' ? [section, ['ctl', 'authentication']] : [section];
  const places = config.files.flatMap(({ path, config: own }) => {
    const keys = paths
      .map((one) => [...one, 'password'])
      .filter((one) => valueAt(own, one) !== undefined)
      .map((one) => one.join('.'));
    return keys.length === 0 ? [] : [{ server: config.server, member: config.member, path, keys }];
  });
  return {
    use,
    username: typeof username === 'string' ? username : null,
    places,
    refused: whyNotOn(config, { use, hasPassword: password !== undefined, inFiles: places.length > 0, section }),
  };
}

function whyNotOn(
  { member, merged, variables }: MemberConfig,
  found: { readonly use: string; readonly hasPassword: boolean; readonly inFiles: boolean; readonly section: string[] },
): string | null {
  const variable = VARIABLES[found.use] ?? '';
  if (variables.includes(variable))
    return `${member} takes it from the variable ${variable} of its service, which wins over the file. Change it there.`;
  if (valueAt(merged, [...found.section, 'passfile']) !== undefined)
    return `Patroni of ${member} reads it from a passfile of its own. Change it there.`;
  if (!found.hasPassword) return `Patroni of ${member} logs in without a password.`;
  return found.inFiles ? null : `The password of ${member} stands in none of the files that its Patroni reads.`;
}

/** The accounts that Patroni itself uses, in the order of their uses. */
function ownAccounts(configs: readonly MemberConfig[]): readonly PasswordAccount[] {
  const uses = configs.flatMap((config) =>
    ([...SECTIONS, 'rest'] as const).flatMap((use) => {
      const found = useOn(config, use);
      return found === null ? [] : [found];
    }),
  );
  const accounts = new Map<string, PasswordAccount>();
  for (const { use, username, places, refused } of uses) {
    if (username === null) continue;
    const id = use === 'rest' ? 'rest' : `role:${username}`;
    const held = accounts.get(id);
    accounts.set(id, {
      id,
      username,
      uses: [...new Set([...(held?.uses ?? []), use])],
      places: joined([...(held?.places ?? []), ...places]),
      refused: held?.refused ?? refused,
    });
  }
  return [...accounts.values()];
}

function joined(places: readonly PasswordPlace[]): readonly PasswordPlace[] {
  const files = new Map<string, PasswordPlace>();
  for (const place of places) {
    const file = JSON.stringify([place.server, place.path]);
    const keys = [...(files.get(file)?.keys ?? []), ...place.keys];
    files.set(file, { ...place, keys: [...new Set(keys)] });
  }
  return [...files.values()];
}

/** What was found of PgBouncers. `poolerUser` is whom they look others up with, `unread` the servers whose lists could not be read. */
interface FoundLists {
  readonly lists: readonly PoolerList[];
  readonly poolerUser: string | null;
  readonly unread: readonly string[];
}

/**
 * All accounts of a cluster: those in Patroni's configurations, and the other roles of PostgreSQL that log in with a
 * password.
 */
export function findAccounts(
  configs: readonly MemberConfig[],
  roles: readonly string[],
  { lists, poolerUser, unread }: FoundLists,
): readonly PasswordAccount[] {
  const own = ownAccounts(configs);
  const known = new Set(own.filter(({ id }) => id !== 'rest').map(({ username }) => username));
  const others = roles
    .filter((name) => !known.has(name))
    .map((username): PasswordAccount => ({
      id: `role:${username}`,
      uses: [username === poolerUser ? 'pooler' : 'application'],
      username,
      places: [],
      refused: null,
    }));
  return [...own, ...others].map((account) => (account.id === 'rest' ? account : withLists(account, lists, unread)));
}

function withLists(account: PasswordAccount, lists: readonly PoolerList[], unread: readonly string[]): PasswordAccount {
  const listed = lists.flatMap(({ server, path, text }) => {
    const value = listedPassword(text, account.username);
    return value === null ? [] : [{ place: { server, member: null, path, keys: [] }, form: listedForm(value) }];
  });
  const md5 = listed.find(({ form }) => form === 'md5');
  const asMd5 =
    md5 === undefined
      ? null
      : `${md5.place.path} on ${md5.place.server} has it as MD5, from which PgBouncer cannot log in by SCRAM.`;
  return {
    ...account,
    places: [...account.places, ...listed.map(({ place }) => place)],
    refused: account.refused ?? asMd5 ?? whyNotUnread([account], unread),
  };
}
