import type { PasswordName, SecretName } from '../../model/deploy/secret-name';
import type { ClusterSpec } from '../../model/deploy/spec/cluster-spec';

/** A password the cluster needs, by the name it is kept under. */
export interface NeededSecret {
  readonly name: PasswordName;
  readonly label: string;
}

/** The user PgBouncer looks passwords up with. */
export const poolerUser = 'pgbouncer';

/** The role by which postgres_exporter on each member logs in, from that member alone. */
export const exporterUser = 'matriarch_exporter';

/** Gives the value of a secret. Throws `deploy.secret_unknown` where there is none. */
export type SecretReader = (name: SecretName) => string;

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
    ...(pooler ? [{ name: 'pgbouncer' as const, label: `PgBouncer's look-up user ${poolerUser}` }] : []),
    ...(spec.servers.some((server) => server.roles.includes('prometheus'))
      ? [{ name: 'exporter' as const, label: `Role ${exporterUser} of postgres_exporter` }]
      : []),
    ...spec.users.map((user) => ({ name: `user:${user.name}` as const, label: `Role ${user.name}` })),
  ];
}
