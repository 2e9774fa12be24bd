import { z } from 'zod';

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

/** The password of a role that the cluster itself works with, or of a role for an application (`user:<name>`). */
export const passwordNameSchema = z.union([
  z.enum(['superuser', 'replication', 'rewind', 'rest', 'pgbouncer', 'exporter']),
  z.templateLiteral(['user:', z.string().min(1).max(63)]),
]);
/** The name of a password of a cluster. */
export type PasswordName = z.infer<typeof passwordNameSchema>;

/** The name of any secret of a cluster: its passwords, and what its authority consists of. */
export type SecretName = PasswordName | (typeof authoritySecrets)[keyof typeof authoritySecrets];
