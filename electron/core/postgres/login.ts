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
}

/** A role that a user gave. */
export interface GivenLogin {
  readonly clusterId: string;
  readonly username: string;
  readonly password: string;
}

/** By which role the app asks. See shared/contract/postgres.ts for what each rejects with. */
export interface LoginService {
  read(clusterId: string): Promise<SqlLogin>;
  set(login: GivenLogin): Promise<SqlLogin>;
  forget(clusterId: string): Promise<SqlLogin>;
}

const TRY_MS = 5_000;

/** How the app's own connection to a cluster logs in; null where psql on the server is asked. */
export function loginOf({ entry, secrets }: SqlLogins, clusterId: string): PgLogin | null {
  const kept = entry(clusterId)?.postgres;
  if (kept === undefined) return null;
  return {
    username: kept.username,
    password: async () => {
      const password = await secrets.read(kept.passwordSecret);
      if (password !== undefined) return password;
      throw appError('postgres.login_refused', `The password of ${kept.username} is not in the vault any more.`, {
        hint: 'Enter the role again under PostgreSQL, or ask by psql on the server.',
      });
    },
  };
}

/** Keeps, tries and forgets roles. */
export function createLogin(deps: Pick<PlaceDeps, 'hub' | 'remotes'> & { readonly logins: SqlLogins }): LoginService {
  const { logins } = deps;
  return {
    read: (clusterId) => Promise.resolve({ username: logins.entry(clusterId)?.postgres?.username ?? null }),
    set: async (login) => {
      await tryLogin(deps, login);
      const { clusterId, username, password } = login;
      const passwordSecret = await logins.secrets.put(`PostgreSQL password of ${username}`, password);
      await replaceLogin(logins, clusterId, { username, passwordSecret });
      return { username };
    },
    forget: async (clusterId) => {
      await replaceLogin(logins, clusterId, undefined);
      return { username: null };
    },
  };
}

async function tryLogin(deps: Pick<PlaceDeps, 'hub' | 'remotes'>, login: GivenLogin): Promise<void> {
  const { members, leader } = stateOfCluster(deps, login.clusterId);
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
  const session = ownSession(deps, member, {
    username: login.username,
    password: () => Promise.resolve(login.password),
  });
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
  if (before !== undefined) await secrets.remove(before.passwordSecret);
}
