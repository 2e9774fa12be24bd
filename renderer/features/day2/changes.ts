import type { Day2Change } from '../../../shared/model/deploy/day2';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import type { ServerRole, ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import { hasEvenMembership, toleratedLosses } from '../../../shared/rules/cluster/quorum';

/** What a person begins to ask for on a cluster's page; the form fills in the rest. */
export type Wish =
  | { readonly kind: 'add' }
  | { readonly kind: 'roles' | 'remove' | 'remove_etcd' | 'replace_etcd'; readonly name: string };

/** One wish as the menu of a server offers it. `why` is the reason it is not offered now, or null. */
export interface WishOffer {
  readonly label: string;
  readonly wish: Wish;
  readonly why: string | null;
}

/** The roles in the order in which they are named here: what the cluster is for first. */
export const roleOrder: readonly ServerRole[] = ['postgres', 'etcd', 'haproxy', 'pgbouncer'];

/** Roles a server does not have yet. On a cluster set up by others only a member's own role can be given. */
export function missingRoles(spec: ClusterSpec, roles: readonly ServerRole[]): readonly ServerRole[] {
  const offered = spec.adopted.length > 0 ? roleOrder.slice(0, 1) : roleOrder;
  return offered.filter((role) => !roles.includes(role));
}

/** What can be done with one server of the cluster. */
export function serverOffers(spec: ClusterSpec, server: ServerSpec): readonly WishOffer[] {
  const { name } = server;
  const foreign = spec.adopted.length > 0 ? 'The etcd of this cluster belongs to others and is left alone.' : null;
  const alone =
    spec.servers.filter((one) => one.roles.includes('etcd')).length === 1
      ? 'It is the only member of etcd: replace it instead.'
      : null;
  const last =
    spec.servers.filter((one) => one.roles.includes('postgres')).length === 1 && server.roles.includes('postgres')
      ? 'It is the only member: undo the set-up instead.'
      : null;
  const onlyEtcd = server.roles.includes('etcd') ? alone : null;
  const etcd: readonly WishOffer[] =
    server.roles.includes('etcd') || foreign !== null
      ? [
          { label: 'Replace it in etcd by another server', wish: { kind: 'replace_etcd', name }, why: foreign },
          { label: 'Take it out of etcd', wish: { kind: 'remove_etcd', name }, why: foreign ?? alone },
        ]
      : [];
  return [
    {
      label: 'Give it another role',
      wish: { kind: 'roles', name },
      why: missingRoles(spec, server.roles).length === 0 ? 'It has every role already.' : null,
    },
    ...etcd,
    { label: 'Remove it from the cluster', wish: { kind: 'remove', name }, why: last ?? onlyEtcd },
  ];
}

/** The title of the page on which a wish is filled in. */
export function wishTitle(wish: Wish): string {
  switch (wish.kind) {
    case 'add':
      return 'Add a server';
    case 'roles':
      return `Give ${wish.name} another role`;
    case 'remove':
      return `Remove ${wish.name}`;
    case 'remove_etcd':
      return `Take ${wish.name} out of etcd`;
    case 'replace_etcd':
      return `Replace ${wish.name} in etcd`;
  }
}

/** The text of the button that starts a change. */
export function startWords(change: Day2Change): string {
  switch (change.kind) {
    case 'add_server':
      return `Add ${change.server.name}`;
    case 'remove_server':
      return change.keepData ? `Remove ${change.name}` : `Remove ${change.name} and its data`;
    case 'remove_etcd':
      return `Take ${change.name} out of etcd`;
    case 'replace_etcd':
      return `Replace ${change.name} by ${change.server.name}`;
    case 'convert':
      return `Hand ${change.name} to Patroni`;
  }
}

/** Whether a change takes something away that does not come back by itself. */
export function isDangerous(change: Day2Change): boolean {
  return change.kind !== 'add_server';
}

/** What a change means for the cluster, in sentences: before is `spec`, `after` is what the preview answered. */
export function consequencesOfChange(change: Day2Change, spec: ClusterSpec, after: ClusterSpec): readonly string[] {
  return [...ownConsequence(change, spec), ...etcdConsequence(spec, after)];
}

function ownConsequence(change: Day2Change, spec: ClusterSpec): readonly string[] {
  switch (change.kind) {
    case 'add_server':
      return change.server.roles.includes('postgres')
        ? [
            `${change.server.name} copies all data from a member and then follows the leader. The copy loads the network and the disks for as long as it takes.`,
          ]
        : [`${change.server.name} gets ${roleWords(change.server.roles)}.`];
    case 'remove_server':
      return removal(change, spec);
    case 'remove_etcd':
      return [`${change.name} is no member of etcd any more and keeps its other roles.`];
    case 'replace_etcd':
      return [`${change.server.name} takes the place of ${change.name} in etcd.`];
    case 'convert':
      return [
        `PostgreSQL on ${change.name} is stopped once, for a few seconds: applications are disconnected and must connect again.`,
      ];
  }
}

function removal(change: Extract<Day2Change, { kind: 'remove_server' }>, spec: ClusterSpec): readonly string[] {
  const roles = spec.servers.find((server) => server.name === change.name)?.roles ?? [];
  const left = spec.servers.filter((server) => server.roles.includes('postgres') && server.name !== change.name).length;
  const copies = roles.includes('postgres')
    ? [left === 1 ? 'One member is left: nothing can fail over to another any more.' : `${left} members are left.`]
    : [];
  return [
    ...copies,
    ...(change.keepData
      ? []
      : [`What was made on ${change.name} is deleted, its copy of the data too. There is no way back.`]),
  ];
}

function etcdConsequence(before: ClusterSpec, after: ClusterSpec): readonly string[] {
  const [old, now] = [members(before), members(after)];
  if (old === now || now === 0) return [];
  const survives = toleratedLosses(now);
  return [
    `etcd has ${now} ${now === 1 ? 'member' : 'members'} then and goes on while ${survives === 0 ? 'none' : survives} of them ${survives > 1 ? 'are' : 'is'} lost${hasEvenMembership(now) ? '; an even number is only a step on the way' : ''}.`,
  ];
}

function members(spec: ClusterSpec): number {
  return spec.servers.filter((server) => server.roles.includes('etcd')).length;
}

const names: Readonly<Record<ServerRole, string>> = {
  postgres: 'PostgreSQL and Patroni',
  etcd: 'etcd',
  haproxy: 'HAProxy',
  pgbouncer: 'PgBouncer',
};

/** Roles as a list of words. */
export function roleWords(roles: readonly ServerRole[]): string {
  return roleOrder
    .filter((role) => roles.includes(role))
    .map((role) => names[role])
    .join(', ');
}
