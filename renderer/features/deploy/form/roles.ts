import type { ServerRole } from '../../../../shared/model/deploy/spec/server-spec';
import { hasEvenMembership, toleratedLosses } from '../../../../shared/rules/cluster/quorum';

const data: readonly ServerRole[] = ['postgres', 'haproxy', 'pgbouncer'];
const all: readonly ServerRole[] = ['etcd', ...data];
const FEWEST_APART = 5;

/** A distribution of the roles that can be chosen at once. */
export interface RoleLayout {
  readonly id: string;
  readonly label: string;
  readonly explain: string;
  /** Fewest servers it makes sense with. */
  readonly least: number;
  readonly roles: (servers: number) => readonly (readonly ServerRole[])[];
}

/** The layouts that are offered. etcd always has an odd number of members. */
export const roleLayouts: readonly RoleLayout[] = [
  {
    id: 'together',
    label: 'Everything together',
    explain:
      'Each server runs PostgreSQL, Patroni, HAProxy and PgBouncer; one, three or five of them run etcd, too. The fewest servers.',
    least: 1,
    roles: together,
  },
  {
    id: 'apart',
    label: 'etcd on servers of its own',
    explain:
      'Three servers run nothing but etcd: a busy database cannot slow the election down. Needs at least five servers.',
    least: FEWEST_APART,
    roles: apart,
  },
];

/** What servers do when nobody has chosen: etcd apart as soon as that leaves three for PostgreSQL. */
export function defaultRoles(servers: number): readonly (readonly ServerRole[])[] {
  return servers >= 6 ? apart(servers) : together(servers);
}

/** The largest odd number of etcd members that pays: one, three, or five. */
export function etcdCount(servers: number): number {
  if (servers < 3) return Math.min(servers, 1);
  return servers >= 5 ? 5 : 3;
}

function together(servers: number): readonly (readonly ServerRole[])[] {
  return Array.from({ length: servers }, (_, index) => (index < etcdCount(servers) ? all : data));
}

function apart(servers: number): readonly (readonly ServerRole[])[] {
  return Array.from({ length: servers }, (_, index) => (index < 3 ? (['etcd'] as const) : data));
}

/** What the number of etcd members means, and what to do about it. */
export function etcdAdvice(members: number): { readonly tone: 'good' | 'warn' | 'crit'; readonly sentence: string } {
  const survives = toleratedLosses(members);
  if (members === 0)
    return {
      tone: 'crit',
      sentence: 'No server runs etcd. Patroni needs it to agree on the leader: choose one, three or five servers.',
    };
  if (members === 1)
    return {
      tone: 'warn',
      sentence:
        'One member of etcd: when it is lost, the cluster has no primary until it is back. Choose three where you can.',
    };
  if (hasEvenMembership(members))
    return {
      tone: 'crit',
      sentence: `${members} members of etcd survive the loss of ${survives}, no more than ${members - 1} would. Add one or take one away.`,
    };
  return {
    tone: 'good',
    sentence: `${members} members of etcd: the cluster goes on while ${survives} of them ${survives === 1 ? 'is' : 'are'} lost.`,
  };
}
