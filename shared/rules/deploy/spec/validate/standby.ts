import { isHost, isSameHost } from '../../../../model/connect/host-port';
import type { ClusterSpec, SpecProblem } from '../../../../model/deploy/spec/cluster-spec';
import { serversWith } from '../../layout';
import { problem, warning } from './problem';

/** A cluster that follows another one: whom, by which way, and what cannot be made here because it comes from there. */
export function standbyProblems(spec: ClusterSpec): readonly SpecProblem[] {
  if (spec.standby === undefined) return [];
  return [...hostProblems(spec), ...slotProblems(spec), ...ownProblems(spec), ...authorityProblems(spec)];
}

function hostProblems({ standby, servers }: ClusterSpec): readonly SpecProblem[] {
  const hosts = standby?.hosts ?? [];
  const fix = 'Give a virtual address of that cluster, or the addresses of its members.';
  if (hosts.length === 0)
    return [problem('standby_host', 'standby.hosts', 'The address of the followed cluster is missing.', fix)];
  return hosts.flatMap((host, index) => {
    const path = `standby.hosts.${index}`;
    if (!isHost(host) || /[%,]/.test(host))
      return [problem('standby_host', path, `"${host}" is not a host name or an IP address.`, fix)];
    if (/^(?:localhost|127\.|0\.0\.0\.0$|::1?$)/i.test(host))
      return [problem('standby_host', path, `${host} leads every server to itself.`, fix)];
    const own = servers.find(({ address }) => isSameHost(address, host));
    return own === undefined
      ? []
      : [problem('standby_host', path, `${host} is ${own.name} of this cluster, which cannot follow itself.`, fix)];
  });
}

function slotProblems({ standby }: ClusterSpec): readonly SpecProblem[] {
  const slot = standby?.slot;
  if (slot === undefined)
    return [
      warning(
        'standby_slot',
        'standby.slot',
        'Without a slot the followed cluster keeps no WAL for this one.',
        'Name a slot, or be ready to copy this cluster anew after a longer interruption.',
      ),
    ];
  return /^[a-z0-9_]{1,63}$/.test(slot)
    ? []
    : [
        problem(
          'standby_slot',
          'standby.slot',
          `"${slot}" cannot be the name of a replication slot.`,
          'Use small letters, digits and underscores.',
        ),
      ];
}

/** Roles and databases are copied, so that none are made here. */
function ownProblems(spec: ClusterSpec): readonly SpecProblem[] {
  const made = [...spec.users, ...spec.databases].map(({ name }) => name);
  return [
    ...(made.length === 0
      ? []
      : [
          problem(
            'standby_databases',
            spec.databases.length > 0 ? 'databases' : 'users',
            'A standby cluster takes no writes: its roles and databases come from the cluster that it follows.',
            'Leave databases and users out here, and make them there.',
          ),
        ]),
    ...(serversWith(spec, 'pgbouncer').length === 0
      ? []
      : [
          problem(
            'standby_pooler',
            'servers',
            'PgBouncer looks passwords up by a role that cannot be made in a standby cluster.',
            'Leave PgBouncer out, and add it after a promotion.',
          ),
        ]),
    ...(spec.postgres.existing === undefined
      ? []
      : [
          problem(
            'standby_existing',
            'standby',
            'A PostgreSQL with data of its own cannot follow another cluster.',
            'Set the standby cluster up on servers without data.',
          ),
        ]),
  ];
}

const CERTIFICATE = /^-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*/;

/** Members check each other by TLS, and whom they follow in the same way: Patroni has one setting for both. */
function authorityProblems({ standby, tls }: ClusterSpec): readonly SpecProblem[] {
  const { authority } = standby ?? {};
  if (authority === undefined)
    return tls === 'off'
      ? []
      : [
          problem(
            'standby_authority',
            'standby.authority',
            "With TLS, the members check the followed cluster's certificate too, and its authority is not known.",
            'Give the certificate of the authority that signed it, or turn TLS off for this cluster.',
          ),
        ];
  let rest = authority;
  while (CERTIFICATE.test(rest)) rest = rest.replace(CERTIFICATE, '');
  return rest.trim() === '' && authority.trim() !== ''
    ? []
    : [
        problem(
          'standby_authority',
          'standby.authority',
          'The authority of the followed cluster is no certificate in PEM form.',
          'Give the text from BEGIN CERTIFICATE to END CERTIFICATE; never a private key.',
        ),
      ];
}
