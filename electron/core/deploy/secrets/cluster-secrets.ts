import { randomInt } from 'node:crypto';
import { authoritySecrets, type SecretName } from '../../../../shared/model/deploy/secret-name';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { masked, neededSecrets, type SecretReader } from '../../../../shared/rules/deploy/secrets';
import { refuseUnwritable, secretOfOtherSite, secretUnknown, withoutLost, type SecretBook } from './secret-book';
import { makeAuthority } from '../tls/authority';
import { authoritySecretsOf } from './authority-book';

/** Secrets of a cluster by their names, as far as they are there. */
export type SecretValues = ReadonlyMap<SecretName, string>;

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** A new password: 24 letters and digits that are not mistaken for one another, about 138 bits. */
export function newPassword(): string {
  return Array.from({ length: 24 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

/** Reads what is written to servers: a secret that is not there throws `deploy.secret_unknown`. */
export function secretReader(secrets: SecretValues, cluster: string): SecretReader {
  return (name) => {
    const value = secrets.get(name);
    if (value === undefined) throw secretUnknown(name, cluster);
    return value;
  };
}

/** Reads for a plan that is only shown: a secret that the set-up has yet to make stands there masked. */
export function previewReader(secrets: SecretValues): SecretReader {
  return (name) => secrets.get(name) ?? masked;
}

/** All secrets of a spec; those that are missing are made and kept first. */
export async function ensureSecrets(book: SecretBook, spec: ClusterSpec, now: number): Promise<SecretValues> {
  const values = new Map<SecretName, string>();
  for (const { name } of neededSecrets(spec)) {
    const known = await book.read(spec.id, name);
    if (known === undefined && comesFromElsewhere(spec, name)) throw secretOfOtherSite(name, spec.scope);
    const value = known ?? newPassword();
    refuseUnwritable(name, value);
    if (known === undefined) await book.write(spec.id, name, value);
    values.set(name, value);
  }
  for (const [name, value] of await ensureAuthority(book, spec, now)) values.set(name, value);
  return values;
}

/** The roles of a standby cluster are copied with their passwords: one that is made here would open nothing. */
function comesFromElsewhere({ standby }: ClusterSpec, name: SecretName): boolean {
  return standby !== undefined && (name === 'superuser' || name === 'replication' || name === 'rewind');
}

async function ensureAuthority(
  book: SecretBook,
  spec: ClusterSpec,
  now: number,
): Promise<readonly (readonly [SecretName, string])[]> {
  if (spec.tls === 'off') return [];
  const known = await authoritySecretsOf(book, spec);
  if (known.length > 0) return known;
  const made = await makeAuthority(`Matriarch ${spec.scope}`.slice(0, 64), now);
  await book.write(spec.id, authoritySecrets.key, made.key);
  await book.write(spec.id, authoritySecrets.cert, made.cert);
  return authoritySecretsOf(book, spec);
}

/** All secrets that are there already; nothing is made. */
export async function knownSecrets(all: SecretBook, spec: ClusterSpec): Promise<SecretValues> {
  const book = withoutLost(all);
  const entries = await Promise.all(
    neededSecrets(spec).map(async ({ name }) => [name, await book.read(spec.id, name)] as const),
  );
  for (const [name, value] of entries) refuseUnwritable(name, value ?? '');
  return new Map<SecretName, string>([
    ...entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    ...(await authoritySecretsOf(book, spec)),
  ]);
}
