import { authoritySecrets, type SecretName } from '../../../../shared/model/deploy/secret-name';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { SecretBook } from './secret-book';
import { makeAuthority } from '../tls/authority';

/**
 * How far a change of the authority has come: `settled`: there is one; `announced`: the next is made and must be trusted everywhere
 * before it signs; `turned`: the next signs, and the old is trusted until nobody shows its certificates any more.
 */
export type AuthorityState = 'settled' | 'announced' | 'turned';

type Kept = Readonly<Record<'key' | 'cert' | 'next' | 'nextKey' | 'old', string>>;

async function kept(book: SecretBook, clusterId: string): Promise<Kept> {
  const read = async (name: SecretName): Promise<string> => (await book.read(clusterId, name)) ?? '';
  const { key, cert, next, nextKey, old } = authoritySecrets;
  return {
    key: await read(key),
    cert: await read(cert),
    next: await read(next),
    nextKey: await read(nextKey),
    old: await read(old),
  };
}

/** A turn is several writes; the key is the first of them. One that was broken off is known by it, and counts as done. */
function effective(found: Kept): Kept {
  const incomplete = found.next !== '' && found.key === found.nextKey;
  return incomplete ? { ...found, cert: found.next, next: '', nextKey: '' } : found;
}

/** The secrets of the authority by name, with all that is trusted; empty without TLS or before there is one. */
export async function authoritySecretsOf(
  book: SecretBook,
  spec: ClusterSpec,
): Promise<readonly (readonly [SecretName, string])[]> {
  if (spec.tls === 'off') return [];
  const { key, cert, next, old } = effective(await kept(book, spec.id));
  if (key === '' || cert === '') return [];
  return [
    [authoritySecrets.key, key],
    [authoritySecrets.cert, cert],
    [authoritySecrets.trusted, [cert, next, old].filter((text) => text !== '').join('')],
  ];
}

/** How far the change of a cluster's authority has come. */
export async function authorityState(book: SecretBook, clusterId: string): Promise<AuthorityState> {
  const { next, old } = effective(await kept(book, clusterId));
  if (next !== '') return 'announced';
  return old === '' ? 'settled' : 'turned';
}

/** Makes the next authority. From here on it is trusted beside the present one. */
export async function announceAuthority(
  book: SecretBook,
  { id, scope }: Pick<ClusterSpec, 'id' | 'scope'>,
  now: number,
): Promise<void> {
  const made = await makeAuthority(`Matriarch ${scope} ${new Date(now).toISOString().slice(0, 10)}`.slice(0, 64), now);
  await book.write(id, authoritySecrets.nextKey, made.key);
  await book.write(id, authoritySecrets.next, made.cert);
}

/** The next authority signs from here on; the one before is trusted still. Only right when the next is trusted everywhere. */
export async function turnAuthority(book: SecretBook, clusterId: string): Promise<void> {
  const found = await kept(book, clusterId);
  if (found.next === '') return;
  if (found.key !== found.nextKey) {
    await book.write(clusterId, authoritySecrets.old, found.cert);
    await book.write(clusterId, authoritySecrets.key, found.nextKey);
  }
  await book.write(clusterId, authoritySecrets.cert, found.next);
  await book.write(clusterId, authoritySecrets.next, '');
  await book.write(clusterId, authoritySecrets.nextKey, '');
}

/** The old authority is trusted no longer. Only right when nobody shows a certificate of it any more. */
export async function forgetOldAuthority(book: SecretBook, clusterId: string): Promise<void> {
  await book.write(clusterId, authoritySecrets.old, '');
}
