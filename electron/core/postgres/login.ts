import { appError } from '../../../shared/model/app-error';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { SqlLogin } from '../../../shared/model/postgres/sql-way';
import type { Secrets } from '../vault/secrets';
import { ownSession, stateOfCluster, type PlaceDeps } from './member-place';
import type { PgLogin } from './pg-session';

/** Where the roles of clusters are kept: their names in the inventory, their passwords in the vault. */
export interface SqlLogins {
  readonly entry: (clusterId: string) => ClusterEntry | null;
  readonly save: (entry: ClusterEntry) => Promise<void>;
  readonly secrets: Pick<Secrets, 'read' | 'put' | 'remove'>;
  /** The superuser of a cluster that the app set up; null for every other cluster. Its password is read from the cluster's secrets. */
  readonly known: (clusterId: string) => KnownLogin | null;
}

/** A role whose password is among the secrets of a cluster. */
export interface KnownLogin {
  readonly username: string;
  readonly password: () => Promise<string | undefined>;
}

/** A role that a user gave. */
export interface GivenLogin {
  readonly clusterId: string;
  readonly username: string;
  /** null: the superuser that the app knows. */
  readonly password: string | null;
}

/** By which role the app asks. See shared/contract/postgres.ts for what each rejects with. */
export interface LoginService {
  read(clusterId: string): Promise<SqlLogin>;
  set(login: GivenLogin): Promise<SqlLogin>;
  forget(clusterId: string): Promise<SqlLogin>;
}

type LoginDeps = Pick<PlaceDeps, 'hub' | 'remotes'> & { readonly logins: SqlLogins };

const TRY_MS = 5_000;

/** How the app's own connection to a cluster logs in; null where psql on the server is asked. */
export function loginOf(logins: SqlLogins, clusterId: string): PgLogin | null {
  const kept = logins.entry(clusterId)?.postgres;
  if (kept === undefined) return null;
  const { username, passwordSecret } = kept;
  if (passwordSecret === '') return knownLogin(logins, clusterId, username);
  return { username, password: async () => (await logins.secrets.read(passwordSecret)) ?? lostPassword(username) };
}

/** The superuser that the app knows. Its password is read when it is needed: it may have been changed since. */
function knownLogin({ known }: SqlLogins, clusterId: string, username: string): PgLogin {
  const role = known(clusterId);
  const mine = role?.username === username ? role : null;
  return { username, password: async () => (await mine?.password()) ?? lostPassword(username) };
}

function lostPassword(username: string): never {
  throw appError('postgres.login_refused', `The password of ${username} is not in the vault any more.`, {
    hint: 'Enter the role again under PostgreSQL, or ask by psql on the server.',
  });
}

/** Keeps, tries and forgets roles. */
export function createLogin(deps: LoginDeps): LoginService {
  const { logins } = deps;
  const tell = (clusterId: string): SqlLogin => ({
    username: logins.entry(clusterId)?.postgres?.username ?? null,
    known: logins.known(clusterId)?.username ?? null,
  });
  return {
    read: (clusterId) => Promise.resolve(tell(clusterId)),
    set: async ({ clusterId, username, password }) => {
      if (password === null) {
        await tryLogin(deps, clusterId, knownLogin(logins, clusterId, username));
        await replaceLogin(logins, clusterId, { username, passwordSecret: '' });
      } else {
        await tryLogin(deps, clusterId, { username, password: () => Promise.resolve(password) });
        const passwordSecret = await logins.secrets.put(`PostgreSQL password of ${username}`, password);
        await replaceLogin(logins, clusterId, { username, passwordSecret });
      }
      return tell(clusterId);
    },
    forget: async (clusterId) => {
      await replaceLogin(logins, clusterId, undefined);
      return tell(clusterId);
    },
  };
}

async function tryLogin(deps: LoginDeps, clusterId: string, login: PgLogin): Promise<void> {
  const { members, leader } = stateOfCluster(deps, clusterId);
  const reached = members.filter(({ serverId }) => serverId !== null);
  const member = reached.find(({ name }) => name === leader.holder) ?? reached[0];
  if (member === undefined)
    throw appError(
      'operation.no_ssh',
      'No member of this cluster is reached over SSH, so its PostgreSQL cannot be asked.',
      {
        hint: "Add its servers, and choose them under the cluster's access as the way to the members.",
      },
    );
  const session = ownSession(deps, member, login);
  await session.visit({ database: 'postgres', questions: [], statementMs: TRY_MS });
}

async function replaceLogin(
  { entry, save, secrets }: SqlLogins,
  clusterId: string,
  login: ClusterEntry['postgres'],
): Promise<void> {
  const held = entry(clusterId);
  if (held === null) return;
  const { postgres: before, ...rest } = held;
  await save(login === undefined ? rest : { ...rest, postgres: login });
  if (before !== undefined && before.passwordSecret !== '') await secrets.remove(before.passwordSecret);
}
