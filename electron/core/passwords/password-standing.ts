import type { PasswordChange, PasswordPlace, PasswordStanding } from '../../../shared/model/passwords/password-account';
import { passwordAt } from '../../../shared/rules/passwords/edit-password';
import type { PoolerList } from '../../../shared/rules/passwords/find-accounts';
import { listedPassword } from '../../../shared/rules/passwords/pooler-list';
import { matchesVerifier } from '../deploy/facts/scram';
import type { LookedMember, LookedPooler, PasswordLook } from './look-at-passwords';
import { isLost, parseFormerState, type FormerState, type PasswordRecord, type PasswordStore } from './password-record';

/** As much of what the servers have as tells where a change stands. */
interface Seen {
  readonly members: readonly {
    readonly place: Pick<LookedMember['place'], 'member'>;
  }[];
  readonly poolers: readonly Pick<LookedPooler, 'member' | 'list'>[];
  readonly unread: readonly Pick<PasswordLook['unread'][number], 'server'>[];
  readonly configs: readonly Pick<PasswordLook['configs'][number], 'member' | 'files'>[];
  readonly roles: PasswordLook['roles'];
  readonly accounts: readonly {
    readonly id: string;
    readonly places: readonly Pick<PasswordPlace, 'member' | 'path' | 'keys'>[];
  }[];
}

/** An account of a change with what it had and what it gets. */
interface Held {
  readonly id: string;
  readonly username: string;
  readonly next: string;
  readonly former: string | null;
  readonly before: FormerState;
}

/** Which of the two passwords a value is. */
type Found = 'former' | 'new' | 'other';

/**
 * A change as the page sees it. What stands where is read from the servers, since a change that was broken off may have written more
 * than it could note; `look` is null where they cannot be read now.
 */
export async function shownChange(
  store: Pick<PasswordStore, 'secret'>,
  clusterId: string,
  record: PasswordRecord,
  look: Seen | null,
): Promise<PasswordChange> {
  const { startedAt, accounts, way, ended, reloaded } = record;
  const held = look === null ? null : await heldBy(store, clusterId, record);
  const members = (look?.members ?? []).map(
    async (looked) =>
      [
        looked.place.member,
        {
          files: held === null || look === null ? ('unknown' as const) : await filesOf(look, looked, held),
          reloaded: reloaded.includes(looked.place.member),
        },
      ] as const,
  );
  return {
    startedAt,
    usernames: accounts.map(({ username }) => username),
    accountIds: accounts.map(({ id }) => id),
    earlier: record.earlier
      .filter(({ id }) => !accounts.some((one) => one.id === id))
      .map(({ id, username }) => ({ id, username })),
    way,
    postgres: held === null || look === null ? 'unknown' : await postgresOf(look, held),
    members: Object.fromEntries(await Promise.all(members)),
    poolers: look === null ? {} : await listsBesideMembers(look, held),
    ended,
    lost: look !== null && (await isLost(store, clusterId, record, look.accounts)),
  };
}

/** Null where the vault does not have all of them any more. */
async function heldBy(
  store: Pick<PasswordStore, 'secret'>,
  clusterId: string,
  { accounts }: PasswordRecord,
): Promise<readonly Held[] | null> {
  const held: Held[] = [];
  for (const { id, username, ...secrets } of accounts) {
    const [next, before] = [await store.secret(clusterId, secrets.next), await store.secret(clusterId, secrets.before)];
    if (next === null || before === null) return null;
    const former = secrets.former === null ? null : await store.secret(clusterId, secrets.former);
    held.push({ id, username, next, former, before: parseFormerState(before) });
  }
  return held;
}

/** Which passwords PgBouncer's lists have on servers that are no members'. */
async function listsBesideMembers(
  { poolers, unread }: Seen,
  held: readonly Held[] | null,
): Promise<Readonly<Record<string, PasswordStanding>>> {
  const all = poolers
    .filter(({ member }) => member === null)
    .map(async ({ list }) => {
      const standing = held === null ? 'unknown' : joined(await inListOf(list, held));
      return standing === null ? [] : [[list.server, standing] as const];
    });
  // A list that could not be read may have one of them, unless none is a role.
  const roles = held === null || held.some(({ id }) => id !== 'rest');
  const notRead = roles ? unread.map(({ server }) => [server, 'unknown'] as const) : [];
  return Object.fromEntries([...(await Promise.all(all)).flat(), ...notRead]);
}

async function inListOf(list: PoolerList, held: readonly Held[]): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const one of held) {
    const listed = one.id === 'rest' ? null : listedPassword(list.text, one.username);
    if (listed !== null) found.push(await inList(listed, list.server, one));
  }
  return found;
}

async function filesOf(
  look: Seen,
  { place }: Seen['members'][number],
  held: readonly Held[],
): Promise<PasswordStanding | null> {
  const found: Found[] = [];
  for (const one of held) {
    const places = look.accounts.find(({ id }) => id === one.id)?.places ?? [];
    const config = look.configs.find(({ member }) => member === place.member);
    for (const { path, keys } of places.filter(({ member }) => member === place.member)) {
      const file = config?.files.find((each) => each.path === path);
      found.push(...keys.map((key) => inFile(passwordAt(file?.config, key.split('.')), one)));
    }
  }
  for (const { list } of look.poolers.filter(({ member }) => member === place.member))
    found.push(...(await inListOf(list, held)));
  return joined(found);
}

function inFile(value: string | null, { next, former }: Held): Found {
  if (value === next) return 'new';
  return value === former ? 'former' : 'other';
}

async function inList(value: string, server: string, { next, before }: Held): Promise<Found> {
  if (value === next || (await matchesVerifier(next, value))) return 'new';
  return value === before.listed[server] ? 'former' : 'other';
}

async function postgresOf({ roles }: Seen, held: readonly Held[]): Promise<PasswordStanding | null> {
  const found = held
    .filter(({ id }) => id !== 'rest')
    .map(async ({ username, next, before }): Promise<Found> => {
      const verifier = roles.find(({ name }) => name === username)?.verifier ?? '';
      if (await matchesVerifier(next, verifier)) return 'new';
      return verifier === before.verifier ? 'former' : 'other';
    });
  return joined(await Promise.all(found));
}

function joined(found: readonly Found[]): PasswordStanding | null {
  const [first] = found;
  if (first === undefined) return null;
  return first !== 'other' && found.every((one) => one === first) ? first : 'mixed';
}
