import type { ServerRole } from '../../../model/deploy/spec/server-spec';

const data: readonly ServerRole[] = ['postgres', 'haproxy', 'pgbouncer'];
const all: readonly ServerRole[] = ['etcd', ...data];
const FEWEST_APART = 5;
const FEWEST_APART_BY_DEFAULT = 6;

/** A distribution of the roles that can be chosen at once. */
export interface RoleLayout {
  readonly id: string;
  readonly label: string;
  readonly explain: string;
  /** Fewest servers it makes sense with. */
  readonly least: number;
  readonly roles: (servers: number) => readonly (readonly ServerRole[])[];
}

/** The layouts to choose from. etcd always has an odd number of members. */
export const roleLayouts: readonly RoleLayout[] = [
  {
    id: 'together',
    label: 'Everything together',
    explain:
      'Every server runs PostgreSQL, Patroni, HAProxy and PgBouncer; one, three or five of them also run etcd. ' +
      'Needs the fewest servers.',
    least: 1,
    roles: placeTogether,
  },
  {
    id: 'apart',
    label: 'Dedicated etcd servers',
    explain: 'Three servers run only etcd, so a busy database cannot slow down elections. Needs at least five servers.',
    least: FEWEST_APART,
    roles: placeApart,
  },
];

/** The roles of a number of servers when nobody has chosen: dedicated etcd servers as soon as three are left for PostgreSQL. */
export function defaultRoles(servers: number): readonly (readonly ServerRole[])[] {
  return servers >= FEWEST_APART_BY_DEFAULT ? placeApart(servers) : placeTogether(servers);
}

/** The largest number of etcd members that pays for this many servers: one, three or five. */
export function suggestEtcdSize(servers: number): number {
  if (servers < 3) return Math.min(servers, 1);
  return servers >= 5 ? 5 : 3;
}

function placeTogether(servers: number): readonly (readonly ServerRole[])[] {
  return Array.from({ length: servers }, (_, index) => (index < suggestEtcdSize(servers) ? all : data));
}

function placeApart(servers: number): readonly (readonly ServerRole[])[] {
  return Array.from({ length: servers }, (_, index) => (index < 3 ? (['etcd'] as const) : data));
}
