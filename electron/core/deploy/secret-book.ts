import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { ClusterSpec } from '../../../shared/model/spec/cluster-spec';
import { authoritySecrets, neededSecrets } from '../../../shared/rules/deploy/secrets';
import { readPrivateFile, writePrivateFile } from '../runtime/private-file';
import type { Secrets } from '../vault/secrets';
import { authoritySecretsOf } from './tls/authority-book';
import { makeAuthority } from './tls/authority';

/** The secrets of one cluster by name, e.g. `superuser`. Values are kept elsewhere: in the vault, or in a file of the user's choice. */
export interface SecretBook {
  read(scope: string, name: string): Promise<string | undefined>;
  write(scope: string, name: string, value: string): Promise<void>;
}

const pagesSchema = z.record(z.string(), z.string());

/** Keeps values in the vault and, beside it, which vault entry belongs to which name. */
export function vaultSecretBook(secrets: Secrets, directory: string): SecretBook {
  const pathOf = (scope: string): string => join(directory, `secrets-${encodeURIComponent(scope)}.json`);
  const page = async (scope: string): Promise<Record<string, string>> => {
    const text = await readPrivateFile(pathOf(scope));
    return text === null ? {} : pagesSchema.parse(JSON.parse(text));
  };
  return {
    async read(scope, name) {
      const id = (await page(scope))[name];
      return id === undefined ? undefined : secrets.read(id);
    },
    async write(scope, name, value) {
      const entries = await page(scope);
      const id = entries[name];
      if (id !== undefined) { await secrets.replace(id, value); return; }
      entries[name] = await secrets.put(`deploy ${scope} ${name}`, value);
      await writePrivateFile(pathOf(scope), JSON.stringify(entries, null, 2));
    },
  };
}

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** A new password: 24 letters and digits that are not mistaken for one another, about 138 bits. */
export function newPassword(): string {
  return Array.from({ length: 24 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

/** All secrets of a spec; those that are missing are made and kept first. */
export async function ensureSecrets(book: SecretBook, spec: ClusterSpec, now: number): Promise<ReadonlyMap<string, string>> {
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

async function ensureAuthority(book: SecretBook, spec: ClusterSpec, now: number): Promise<readonly (readonly [string, string])[]> {
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
  const entries = await Promise.all(neededSecrets(spec).map(async ({ name }) => [name, await book.read(spec.scope, name)] as const));
  return new Map([...entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])), ...await authoritySecretsOf(book, spec)]);
}
