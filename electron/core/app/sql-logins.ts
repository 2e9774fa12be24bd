import { loginOf, type KnownLogin, type SqlLogins } from '../postgres/login';
import { placeOfMember, type MemberPlace, type PlaceDeps } from '../postgres/member-place';
import type { Services } from '../rpc/services';

type LoginParts = Pick<Services, 'inventory' | 'vault' | 'deployment'>;

/** How the app's own connections to PostgreSQL log in. */
export function sqlLoginsOf({ inventory, vault, deployment }: LoginParts): SqlLogins {
  return {
    entry: (clusterId) => inventory.cluster(clusterId) ?? null,
    save: (entry) => inventory.saveCluster(entry),
    secrets: vault,
    known: (clusterId) => superuserOf(deployment, clusterId),
  };
}

/** How each of the app's own connections logs in; null where psql on the server is asked. */
export function loginWith(parts: LoginParts): PlaceDeps['login'] {
  return (clusterId) => loginOf(sqlLoginsOf(parts), clusterId);
}

/** The way to the PostgreSQL of members. */
export function postgresPlaces(
  hub: PlaceDeps['hub'],
  remotes: PlaceDeps['remotes'],
  login: PlaceDeps['login'],
): (clusterId: string, member: string) => MemberPlace {
  return (clusterId, member) => placeOfMember({ hub, remotes, login }, clusterId, member);
}

/** The superuser of a cluster that was set up here, with its password as it is now. */
function superuserOf({ deploy, secrets }: Services['deployment'], clusterId: string): KnownLogin | null {
  const spec = deploy.latestSpec(clusterId);
  if (spec === null) return null;
  return { username: spec.accounts.superuser, password: () => secrets.read(clusterId, 'superuser') };
}
