import type { ClusterSpec, SpecProblem } from '../../../../model/deploy/spec/cluster-spec';
import { hasEvenMembership } from '../../../etcd/quorum';
import { slotName } from '../../../cluster/slot-name';
import { serversWith } from '../../layout';
import { exporterUser } from '../../secrets';
import { warning, problem, repeated } from './problem';

const plainName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Names of the scope, the servers, the roles and the databases. */
export function nameProblems(spec: ClusterSpec): SpecProblem[] {
  return [...scopeProblems(spec), ...serverNameProblems(spec), ...addressProblems(spec), ...roleProblems(spec)];
}

function scopeProblems(spec: ClusterSpec): SpecProblem[] {
  const bad = plainName.test(spec.scope)
    ? []
    : [
        problem(
          'scope_invalid',
          'scope',
          `"${spec.scope}" cannot be a scope.`,
          'Use letters, digits, dots and hyphens, starting with a letter or digit.',
        ),
      ];
  const namespace = /^\/?[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*\/?$/.test(spec.namespace)
    ? []
    : [
        problem(
          'namespace_invalid',
          'namespace',
          `"${spec.namespace}" cannot be a namespace of etcd keys.`,
          'Use a path such as /service/.',
        ),
      ];
  return [...bad, ...namespace];
}

function serverNameProblems(spec: ClusterSpec): SpecProblem[] {
  const invalid = spec.servers.flatMap((server, index) =>
    plainName.test(server.name)
      ? []
      : [
          problem(
            'name_invalid',
            `servers.${index}.name`,
            `"${server.name}" cannot be the name of a member.`,
            'Use letters, digits, dots and hyphens, starting with a letter or digit.',
          ),
        ],
  );
  const doubled = repeated(spec.servers, (server) => server.name).map(({ index, value }) =>
    problem(
      'name_repeated',
      `servers.${index}.name`,
      `Two servers are called ${value}.`,
      'Give each server a name of its own.',
    ),
  );
  const members = spec.servers
    .map((server, index) => ({ server, index }))
    .filter(({ server }) => server.roles.includes('postgres'));
  const slots = repeated(members, ({ server }) => slotName(server.name))
    .filter(({ index, first }) => members[index]?.server.name !== members[first]?.server.name)
    .map(({ index, first, value }) =>
      problem(
        'slot_collision',
        `servers.${members[index]?.index ?? 0}.name`,
        `${members[index]?.server.name ?? ''} and ${members[first]?.server.name ?? ''} would share the replication slot ${value}.`,
        'Choose names that differ in more than case, dots and hyphens.',
      ),
    );
  return [...invalid, ...doubled, ...slots];
}

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;
const ipv6 = /^[0-9a-f:]+(?:%\w+)?$/i;

/** Whether a text is an IP address. */
export function isAddress(text: string): boolean {
  return ipv4.test(text) || (text.includes(':') && ipv6.test(text));
}

function addressProblems(spec: ClusterSpec): SpecProblem[] {
  const own = spec.servers.flatMap((server, index) => {
    const path = `servers.${index}.address`;
    if (!isAddress(server.address))
      return [
        problem(
          'address_is_name',
          path,
          `${server.name} is to be reached by "${server.address}", which is no IP address.`,
          "Give its IP address on the private network: a server's own name often leads to 127.0.1.1.",
        ),
      ];
    if (/^127\.|^0\.0\.0\.0$|^::1$|^::$/.test(server.address))
      return [
        problem(
          'address_loopback',
          path,
          `${server.address} is local to the server.`,
          'Enter an address that the other servers can reach.',
        ),
      ];
    if (/^169\.254\.|^fe80:/i.test(server.address))
      return [
        problem(
          'address_link_local',
          path,
          `${server.address} is valid on one link only.`,
          'Give an address of the private network.',
        ),
      ];
    return [];
  });
  const doubled = repeated(spec.servers, (server) => server.address).map(({ index, first, value }) =>
    problem(
      'address_repeated',
      `servers.${index}.address`,
      `${spec.servers[index]?.name ?? ''} and ${spec.servers[first]?.name ?? ''} have the same address ${value}.`,
      'Give each server its own address.',
    ),
  );
  return [...own, ...doubled];
}

/**
 * Control characters end lines and commands in the programs that read a name, and a quotation mark cannot be written in
 * pg_hba.conf.
 */
function unwritable(names: Readonly<Record<string, string>>): SpecProblem[] {
  return Object.entries(names)
    .filter(([, name]) => /["\p{Cc}\u2028\u2029]/u.test(name))
    .map(([path, name]) =>
      problem(
        'name_unwritable',
        path,
        `The name ${JSON.stringify(name)} has a quotation mark, a line end or another control character.`,
        'Use letters, digits, spaces and signs that can be typed.',
      ),
    );
}

function writtenNames({ accounts, users, databases, patroni }: ClusterSpec): Readonly<Record<string, string>> {
  return {
    'accounts.superuser': accounts.superuser,
    'accounts.replication': accounts.replication,
    'accounts.rewind': accounts.rewind,
    'patroni.restUser': patroni.restUser,
    ...Object.fromEntries(users.map(({ name }, index) => [`users.${index}.name`, name])),
    ...Object.fromEntries(databases.map(({ name }, index) => [`databases.${index}.name`, name])),
    ...Object.fromEntries(databases.map(({ owner }, index) => [`databases.${index}.owner`, owner])),
  };
}

function roleProblems(spec: ClusterSpec): SpecProblem[] {
  const { superuser, replication, rewind } = spec.accounts;
  const reserved = (name: string): boolean => /^pg_/i.test(name) || ['public', 'none'].includes(name.toLowerCase());
  const taken = new Set([superuser, replication, rewind, 'pgbouncer', exporterUser]);
  const accounts = (spec.adopted.length > 0 ? [] : repeated([superuser, replication, rewind], (name) => name)).map(
    ({ value }) =>
      problem(
        'account_repeated',
        'accounts',
        `The role ${value} is to do two things.`,
        'Give superuser, replication and rewind a role each.',
      ),
  );
  const users = spec.users.flatMap((user, index) => {
    const path = `users.${index}.name`;
    if (reserved(user.name))
      return [
        problem('role_reserved', path, `PostgreSQL keeps the name ${user.name} for itself.`, 'Choose another name.'),
      ];
    return taken.has(user.name)
      ? [problem('role_taken', path, `The role ${user.name} belongs to the cluster itself.`, 'Choose another name.')]
      : [];
  });
  const doubled = repeated(spec.users, (user) => user.name).map(({ index, value }) =>
    problem('role_repeated', `users.${index}.name`, `The role ${value} stands twice.`, 'Remove one of them.'),
  );
  const owners = spec.databases.flatMap((database, index) =>
    spec.users.some((user) => user.name === database.owner) || database.owner === superuser
      ? []
      : [
          problem(
            'owner_unknown',
            `databases.${index}.owner`,
            `The database ${database.name} is to belong to ${database.owner}, which is no role of this spec.`,
            'Add the role to users, or choose one that is there.',
          ),
        ],
  );
  const databases = spec.databases.flatMap((database, index) =>
    ['postgres', 'template0', 'template1'].includes(database.name)
      ? [
          problem(
            'database_reserved',
            `databases.${index}.name`,
            `PostgreSQL makes the database ${database.name} itself.`,
            'Choose another name.',
          ),
        ]
      : [],
  );
  return [...unwritable(writtenNames(spec)), ...accounts, ...users, ...doubled, ...owners, ...databases];
}

/** PostgreSQL members. */
export function memberProblems(spec: ClusterSpec): SpecProblem[] {
  const members = serversWith(spec, 'postgres');
  if (members.length === 0)
    return [
      problem(
        'no_member',
        'servers',
        'No server has the role postgres.',
        'Give at least one server the role postgres.',
      ),
    ];
  const leader =
    spec.firstLeader !== undefined && !members.some((server) => server.name === spec.firstLeader)
      ? [
          problem(
            'first_leader_unknown',
            'firstLeader',
            `${spec.firstLeader} is no PostgreSQL server of this spec.`,
            'Name one that is, or leave it out.',
          ),
        ]
      : [];
  const from = spec.servers.flatMap((server, index) => {
    const source = server.tags.replicatefrom;
    if (source === undefined || (source !== server.name && members.some((member) => member.name === source))) return [];
    return [
      problem(
        'replicatefrom_unknown',
        `servers.${index}.tags.replicatefrom`,
        `${server.name} is to replicate from ${source}, which is no other member.`,
        'Name another member, or leave it out.',
      ),
    ];
  });
  const alone =
    members.length === 1
      ? [
          warning(
            'one_member',
            'servers',
            'One member cannot fail over to another.',
            'Add a second server with the role postgres.',
          ),
        ]
      : [];
  return [...leader, ...from, ...alone];
}

/** Members of etcd: an even number survives no more failures than one fewer. */
export function etcdProblems(spec: ClusterSpec): SpecProblem[] {
  const members = serversWith(spec, 'etcd').length;
  const external = spec.etcd.external.length;
  if (members === 0 && external === 0)
    return [
      problem(
        'no_etcd',
        'servers',
        'Patroni needs etcd, and no server has the role etcd.',
        'Give one, three or five servers the role etcd, or name an existing etcd.',
      ),
    ];
  if (members > 0 && external > 0)
    return [
      problem(
        'etcd_twice',
        'etcd.external',
        'The spec makes an etcd and names an existing one, too.',
        'Choose one of the two.',
      ),
    ];
  if (hasEvenMembership(members))
    return [
      problem(
        'etcd_even',
        'servers',
        `${members} members of etcd survive no more failures than ${members - 1}.`,
        'Use one, three, five or seven members.',
      ),
    ];
  if (members > 7)
    return [
      problem(
        'etcd_many',
        'servers',
        `${members} members make every write of etcd slow.`,
        'Use three, five or seven members.',
      ),
    ];
  return etcdWarnings(spec, members);
}

/** What works, and costs more than it seems to. */
function etcdWarnings(spec: ClusterSpec, members: number): SpecProblem[] {
  const together = spec.servers.some((server) => server.roles.includes('etcd') && server.roles.includes('postgres'));
  return [
    ...(members === 1 && spec.servers.length > 1
      ? [
          warning(
            'etcd_alone',
            'servers',
            'One member of etcd is a single point of failure: without it there is no primary.',
            'Use three members.',
          ),
        ]
      : []),
    ...(together && members > 1
      ? [
          warning(
            'etcd_together',
            'servers',
            'etcd shares its disks with PostgreSQL; a busy database can make it slow.',
            'Servers of its own are better for busy clusters.',
          ),
        ]
      : []),
  ];
}
