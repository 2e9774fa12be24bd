import { randomInt } from 'node:crypto';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { authoritySecrets, neededSecrets } from '../../../shared/rules/deploy/secrets';
import type { SecretBook } from './secret-book';
import { makeAuthority } from './tls/authority';
import { authoritySecretsOf } from './tls/authority-book';

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** A new password: 24 letters and digits that are not mistaken for one another, about 138 bits. */
function newPassword(): string {
  return Array.from({ length: 24 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

/** All secrets of a spec; those that are missing are made and kept first. */
export async function ensureSecrets(
  book: SecretBook,
  spec: ClusterSpec,
  now: number,
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (const { name } of neededSecrets(spec)) {
    const known = await book.read(spec.scope, name);
    const value = known ?? newPassword();
    if (known === undefined) await book.write(spec.scope, name, value);
    values.set(name, value);
  }
  for (const [name, value] of await ensureAuthority(book, spec, now)) values.set(name, value);
  return values;
}

async function ensureAuthority(
  book: SecretBook,
  spec: ClusterSpec,
  now: number,
): Promise<readonly (readonly [string, string])[]> {
  if (spec.tls === 'off') return [];
  const known = await authoritySecretsOf(book, spec);
  if (known.length > 0) return known;
  const made = await makeAuthority(`Matriarch ${spec.scope}`.slice(0, 64), now);
  await book.write(spec.scope, authoritySecrets.key, made.key);
  await book.write(spec.scope, authoritySecrets.cert, made.cert);
  return authoritySecretsOf(book, spec);
}

/** All secrets that are there already; nothing is made. */
export async function knownSecrets(book: SecretBook, spec: ClusterSpec): Promise<ReadonlyMap<string, string>> {
  const entries = await Promise.all(
    neededSecrets(spec).map(async ({ name }) => [name, await book.read(spec.scope, name)] as const),
  );
  return new Map([
    ...entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    ...(await authoritySecretsOf(book, spec)),
  ]);
}
