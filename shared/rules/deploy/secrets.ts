import type { ClusterSpec } from '../../model/deploy/spec/cluster-spec';

/** A password the cluster needs, by the name it is kept under. */
export interface NeededSecret {
  readonly name: string;
  readonly label: string;
}

/** The user PgBouncer looks passwords up with. */
export const poolerUser = 'pgbouncer';

/** Gives the value of a secret by its name. */
export type SecretReader = (name: string) => string;

/**
 * The cluster's own authority: its key and its certificate, both as PEM text. They are made with the first set-up. While the
 * authority changes, `next` and `nextKey` are the one that comes, and `old` is the certificate of the one that goes; an empty
 * text means there is none. `trusted` is never kept: it is every certificate that is trusted now, one after another.
 */
export const authoritySecrets = {
  key: 'tls-authority-key',
  cert: 'tls-authority',
  nextKey: 'tls-authority-next-key',
  next: 'tls-authority-next',
  old: 'tls-authority-old',
  trusted: 'tls-authority-trusted',
} as const;

/** Stands where a password stands in what people see. */
export const masked = '••••••';

/** Every secret a spec needs. Missing ones are generated when it is applied. */
export function neededSecrets(spec: ClusterSpec): readonly NeededSecret[] {
  const pooler = spec.servers.some((server) => server.roles.includes('pgbouncer'));
  const { accounts } = spec;
  return [
    { name: 'superuser', label: `Superuser ${accounts.superuser}` },
    { name: 'replication', label: `Replication user ${accounts.replication}` },
    { name: 'rewind', label: `Rewind user ${accounts.rewind}` },
    { name: 'rest', label: `Patroni REST API user ${spec.patroni.restUser}` },
    ...(pooler ? [{ name: 'pgbouncer', label: `PgBouncer's look-up user ${poolerUser}` }] : []),
    ...spec.users.map((user) => ({ name: `user:${user.name}`, label: `Role ${user.name}` })),
  ];
}
