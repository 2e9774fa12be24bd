import type { ClusterState } from '../../model/cluster/cluster-state';
import type { ServiceAction, ServiceName, ServiceStatus } from '../../model/operate/service';
import { clusterName } from '../citus/citus-names';

/** The words of the services. */
export const serviceWords: Readonly<Record<ServiceName, string>> = {
  patroni: 'Patroni',
  postgresql: 'PostgreSQL',
  etcd: 'etcd',
  haproxy: 'HAProxy',
  pgbouncer: 'PgBouncer',
};

const verbs: Readonly<Record<ServiceAction, string>> = { start: 'Start', stop: 'Stop', restart: 'Restart' };

/** What an action on a service is called, e.g. "Restart Patroni on db1". */
export function serviceActionTitle(service: ServiceName, action: ServiceAction, member: string): string {
  return `${verbs[action]} ${serviceWords[service]} on ${member}`;
}

/** The command that does the same on the server. */
export function serviceCommand(unit: string, action: ServiceAction): string {
  return `sudo systemctl ${action} ${unit}`;
}

/** Why a service may not be started, stopped or restarted now; null when it may. */
export function whyNotService(
  state: Pick<ClusterState, 'readOnly'>,
  service: ServiceStatus,
  action: ServiceAction,
): string | null {
  if (state.readOnly) return 'This cluster is set to read-only in this app. Change that under Cluster settings first.';
  if (service.unit === null || service.name === 'postgresql') return 'Patroni starts and stops PostgreSQL here.';
  switch (service.state) {
    case 'running':
      return action === 'start' ? 'It runs already.' : null;
    case 'stopped':
    case 'failed':
      return action === 'start' ? null : 'It does not run.';
    case 'starting':
      return action === 'start' ? 'It is starting.' : null;
    case 'stopping':
      return 'It is stopping. Wait until it has.';
    case 'unknown':
      return null;
  }
}

/** What happens when the action is carried out, in sentences; the first one is about what applications see. */
export function serviceConsequences(
  state: Pick<ClusterState, 'leader' | 'paused'>,
  request: { readonly member: string; readonly service: ServiceName; readonly action: ServiceAction },
): readonly string[] {
  const { member, service, action } = request;
  if (action === 'start') return [`${serviceWords[service]} on ${member} starts.`];
  const back = action === 'restart' ? ' until it is back' : '';
  switch (service) {
    case 'patroni':
      return patroniConsequences(state, member, back);
    case 'etcd':
      return [`etcd has one member less${back}. Without a majority of its members the primary steps down.`];
    case 'haproxy':
      return [
        `Applications that connect through HAProxy on ${member} lose their connections and cannot connect${back}.`,
      ];
    case 'pgbouncer':
      return [
        `Applications that connect through PgBouncer on ${member} lose their connections and cannot connect${back}.`,
      ];
    case 'postgresql':
      return [];
  }
}

function patroniConsequences(
  { leader, paused }: Pick<ClusterState, 'leader' | 'paused'>,
  member: string,
  back: string,
): readonly string[] {
  if (paused === true)
    return [`Automatic failover is paused, so PostgreSQL on ${member} keeps running without Patroni${back}.`];
  if (leader.holder !== member) return [`PostgreSQL on ${member} stops with Patroni${back}. It is a replica now.`];
  return [
    `${member} is the leader: its PostgreSQL stops with Patroni, and applications cannot write until another member ` +
      'has taken over.',
  ];
}

/** What the user must type first: the cluster's name where a production cluster would lose its primary. Null: one click is enough. */
export function typeForService(
  state: Pick<ClusterState, 'leader' | 'production' | 'title' | 'citusGroup'>,
  request: { readonly member: string; readonly service: ServiceName; readonly action: ServiceAction },
): string | null {
  const stopsPrimary =
    request.service === 'patroni' && request.action !== 'start' && state.leader.holder === request.member;
  return state.production && stopsPrimary ? clusterName(state) : null;
}

/** The service whose log is most likely to say why a finding is so; null where no log of a member would. */
export function logOfFinding(code: string): ServiceName | null {
  if (!code.startsWith('member.')) return null;
  return /postgres|streaming|timeline|replay|slot|lag/.test(code) ? 'postgresql' : 'patroni';
}
