import { join } from 'node:path';
import { z } from 'zod';
import { readPrivateFile, writePrivateFile } from '../platform/private-file';
import type { Secrets } from '../vault/secrets';

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
      if (id !== undefined) {
        await secrets.replace(id, value);
        return;
      }
      entries[name] = await secrets.put(`deploy ${scope} ${name}`, value);
      await writePrivateFile(pathOf(scope), JSON.stringify(entries, null, 2));
    },
  };
}
