import { appError } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Member } from '../../../shared/model/cluster/member';
import type { ClusterHub } from '../clusters/hub';
import type { Remote, RemotePool } from '../ssh/remote';
import { dialThrough } from '../clusters/connect/server-dial';
import { pgSession, type PgLogin } from './pg-session';
import { psqlSession } from './psql-session';
import type { SqlSession } from './sql-session';

/** What leads to the PostgreSQL of members. */
export interface PlaceDeps {
  readonly hub: Pick<ClusterHub, 'state'>;
  readonly remotes: RemotePool;
  /** How the app's own connection logs in; null: psql on the server is asked. */
  readonly login: (clusterId: string) => PgLogin | null;
}

/** The PostgreSQL of one member, and the way to it. */
export interface MemberPlace {
  readonly state: ClusterState;
  readonly member: Member;
  readonly remote: Remote;
  readonly session: SqlSession;
}

const DEFAULT_PORT = 5432;

/** The state of a cluster. Throws `operation.unknown_cluster`. */
export function stateOfCluster({ hub }: Pick<PlaceDeps, 'hub'>, clusterId: string): ClusterState {
  const state = hub.state(clusterId);
  if (state === null)
    throw appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {
      hint: 'Choose one from the list.',
    });
  return state;
}

/** The way to a member's PostgreSQL. Throws `operation.unknown_cluster`, `operation.no_member` and `operation.no_ssh`. */
export function placeOfMember(deps: PlaceDeps, clusterId: string, name: string): MemberPlace {
  const state = stateOfCluster(deps, clusterId);
  const member = state.members.find((one) => one.name === name);
  if (member === undefined)
    throw appError('operation.no_member', `${name} is not a member of this cluster now.`, { target: name });
  if (member.serverId === null)
    throw appError('operation.no_ssh', `${name} is reached without SSH, so its PostgreSQL cannot be asked from here.`, {
      target: name,
      hint: "Add its server, and choose it under the cluster's access as the way to this member.",
    });
  const remote = deps.remotes.remote(member.serverId);
  const login = deps.login(clusterId);
  const session = login === null ? psqlSession(remote, portOf(member)) : ownSession(deps, member, login);
  return { state, member, remote, session };
}

function portOf(member: Member): number {
  return member.port ?? DEFAULT_PORT;
}

/** A connection of the app's own, through the SSH connection of the member's server. */
export function ownSession({ remotes }: Pick<PlaceDeps, 'remotes'>, member: Member, login: PgLogin): SqlSession {
  const target = { name: member.name, host: member.host ?? '127.0.0.1', port: portOf(member) };
  return pgSession(dialThrough(remotes, member.serverId), target, login);
}
