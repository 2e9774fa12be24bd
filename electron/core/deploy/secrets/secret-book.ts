import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { appError, hasCode, type AppError } from '../../../../shared/model/app-error';
import type { SecretName } from '../../../../shared/model/deploy/secret-name';
import { readPrivateFile, writePrivateFile } from '../../platform/private-file';
import type { Secrets } from '../../vault/secrets';

/**
 * The secrets of each cluster by its id. Values are kept elsewhere: in the vault, or in a file of the user's choice. `read` resolves
 * undefined for a secret that the cluster never had, and rejects with `deploy.secret_lost` for one whose value is gone.
 */
export interface SecretBook {
  read(clusterId: string, name: SecretName): Promise<string | undefined>;
  write(clusterId: string, name: SecretName, value: string): Promise<void>;
}

/** The error for a secret that is needed and is not kept. */
export function secretUnknown(name: SecretName, cluster: string): AppError {
  return appError('deploy.secret_unknown', `There is no secret ${name} for ${cluster}.`, {
    target: name,
    hint: 'It is made when the cluster is set up.',
  });
}

/** The error for the password of a role that is copied from another cluster, and is not known here. */
export function secretOfOtherSite(name: SecretName, cluster: string): AppError {
  return appError(
    'deploy.secret_unknown',
    `The password ${name} of ${cluster} is that of the cluster that it follows, and is not known.`,
    {
      target: name,
      hint: 'Choose the followed cluster again, or set the password that its role has there. Nothing was changed on any server.',
    },
  );
}

/** A cluster that runs has this secret. To take it for one that was never made would replace it in a running cluster. */
function secretLost(name: SecretName): AppError {
  return appError('deploy.secret_lost', `The secret ${name} of this cluster is not in the vault any more.`, {
    target: name,
    hint:
      'It was kept for one session only, or in another vault. Open the vault that has it, or enter the password under the ' +
      'secrets of the cluster. Nothing was done: a new one would not fit the cluster that runs.',
  });
}

/** The same secrets for whoever only looks, or takes away: one whose value is gone is not there. */
export function withoutLost(book: SecretBook): SecretBook {
  return {
    ...book,
    read: async (clusterId, name) => {
      try {
        return await book.read(clusterId, name);
      } catch (thrown) {
        if (hasCode(thrown, 'deploy.secret_lost')) return undefined;
        throw thrown;
      }
    },
  };
}

/**
 * Rejects with `deploy.secret_unwritable` for a password that ends a line or a text in the files and programs that it goes into: what
 * follows would be read as something else.
 */
export function refuseUnwritable(name: string, value: string): void {
  if (!/[\r\n\0]/.test(value)) return;
  throw appError('deploy.secret_unwritable', `The password ${name} has a line end in it or a NUL.`, {
    target: name,
    hint: 'Choose one of letters, digits and signs in one line.',
  });
}

const vaultIdsSchema = z.record(z.string(), z.string());

/**
 * The vault's ids of one cluster's secrets. `inherited` are those that version 0.1.0 kept for several clusters of one scope: they are
 * read until this cluster has a value of its own, and never overwritten, because another cluster reads them, too.
 */
const secretPageSchema = z.object({
  version: z.literal(1),
  names: vaultIdsSchema,
  inherited: z.object({ scope: z.string(), names: vaultIdsSchema }).optional(),
});
/** The vault's ids of one cluster's secrets. */
export type SecretPage = z.infer<typeof secretPageSchema>;

/** Where the page of a cluster lies in the deployment's directory. */
function pagePath(directory: string, clusterId: string): string {
  return join(directory, 'secrets', `${encodeURIComponent(clusterId)}.json`);
}

/** The page of a cluster; an empty one where none is kept. */
export async function readSecretPage(directory: string, clusterId: string): Promise<SecretPage> {
  const text = await readPrivateFile(pagePath(directory, clusterId));
  return text === null ? { version: 1, names: {} } : secretPageSchema.parse(JSON.parse(text));
}

/** Keeps the page of a cluster. */
export function writeSecretPage(directory: string, clusterId: string, page: SecretPage): Promise<void> {
  return writePrivateFile(pagePath(directory, clusterId), JSON.stringify(page, null, 2));
}

/**
 * Keeps values in the vault and, in the deployment's directory, which vault entry belongs to which cluster and name. Values
 * are written one after the other: each reads the page that the one before it left.
 */
export function vaultSecretBook(secrets: Secrets, directory: string): SecretBook {
  let writing: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = writing.then(work);
    writing = done.catch(() => undefined);
    return done;
  };
  return {
    async read(clusterId, name) {
      const { names, inherited } = await readSecretPage(directory, clusterId);
      const id = names[name] ?? inherited?.names[name];
      if (id === undefined) return undefined;
      const value = await secrets.read(id);
      if (value === undefined) throw secretLost(name);
      return value;
    },
    write: (clusterId, name, value) => inTurn(() => writeSecret(secrets, directory, { clusterId, name, value })),
  };
}

async function writeSecret(
  secrets: Secrets,
  directory: string,
  { clusterId, name, value }: { readonly clusterId: string; readonly name: SecretName; readonly value: string },
): Promise<void> {
  const page = await readSecretPage(directory, clusterId);
  const id = page.names[name];
  if (id !== undefined) {
    await secrets.replace(id, value);
    return;
  }
  const made = await secrets.put(`deploy ${clusterId} ${name}`, value);
  await writeSecretPage(directory, clusterId, withOwn(page, name, made));
}

/** Takes the secrets of a cluster out of the vault, and the note of which they were. */
export async function forgetSecrets(
  secrets: Pick<Secrets, 'remove'>,
  directory: string,
  clusterId: string,
): Promise<void> {
  const { names } = await readSecretPage(directory, clusterId);
  for (const id of Object.values(names)) await secrets.remove(id);
  await rm(pagePath(directory, clusterId), { force: true });
}

/** The page with a value of its own; what was inherited under this name counts no more. */
function withOwn(page: SecretPage, name: SecretName, id: string): SecretPage {
  const names = { ...page.names, [name]: id };
  if (page.inherited === undefined) return { ...page, names };
  const left = Object.fromEntries(Object.entries(page.inherited.names).filter(([other]) => other !== name));
  return Object.keys(left).length === 0
    ? { version: page.version, names }
    : { ...page, names, inherited: { ...page.inherited, names: left } };
}
