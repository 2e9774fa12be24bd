import { chmod, stat } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { appError } from '../../../shared/model/app-error';
import type { SecretBook } from '../../core/deploy/secrets/secret-book';
import { readPrivateFile, writePrivateFile } from '../../core/platform/private-file';

const schema = z.record(z.string(), z.string());

/** Secrets in a file of the user's choice, for runs without anybody at the terminal. */
export interface SecretsFile extends SecretBook {
  /** A secret that is no part of the cluster, e.g. `sudo:db1`. */
  extra(name: string): string | undefined;
  values(): readonly string[];
}

/** Opens the file; it must be readable by its owner alone. A missing file is made when the first secret is kept. */
export async function openSecretsFile(path: string): Promise<SecretsFile> {
  const entries = await load(path);
  let writing: Promise<void> = Promise.resolve();
  return {
    extra: (name) => entries[name],
    values: () => Object.values(entries),
    read: (_scope, name) => Promise.resolve(entries[name]),
    write: (_scope, name, value) => {
      entries[name] = value;
      writing = writing.then(() => writePrivateFile(path, stringify(entries)));
      return writing;
    },
  };
}

async function load(path: string): Promise<Record<string, string>> {
  const text = await readPrivateFile(path);
  if (text === null) return {};
  if (process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0) {
    throw appError('deploy.secrets_open', `Others can read the passwords in ${path}.`, {
      target: path,
      hint: `Run: chmod 600 ${path}`,
    });
  }
  const read = schema.safeParse(parse(text));
  if (!read.success)
    throw appError('deploy.secrets_unreadable', `${path} does not hold lines of the form "name: password".`, {
      target: path,
    });
  await chmod(path, 0o600);
  return read.data;
}
