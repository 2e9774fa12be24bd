import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a secret was found, and in which form. The secret itself is not repeated. */
export interface SecretFinding {
  readonly where: string;
  /** The number of the secret in the list given. */
  readonly secret: number;
  readonly form: string;
}

/** The forms a secret can leak in; hashes and encryption do not count. */
function forms(secret: string): readonly (readonly [string, string])[] {
  const raw = Buffer.from(secret, 'utf8');
  return [
    ['plain', secret],
    ['JSON', JSON.stringify(secret).slice(1, -1)],
    ['URL', encodeURIComponent(secret)],
    ['shell quotes', secret.replaceAll("'", `'\\''`)],
    ['Base64', raw.toString('base64').replace(/=+$/, '')],
    ['hex', raw.toString('hex')],
  ];
}

/** Looks for secrets in a text; `where` names the text in what is found. */
export function scanText(where: string, text: string, secrets: readonly string[]): SecretFinding[] {
  return secrets.flatMap((secret, index) =>
    forms(secret)
      .filter(([, form]) => text.includes(form))
      .map(([form]) => ({ where, secret: index, form })),
  );
}

/** Looks for secrets in every file under a directory, names included: data directories, logs, transcripts, journals. */
export async function scanDirectory(path: string, secrets: readonly string[]): Promise<SecretFinding[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const full = join(entry.parentPath, entry.name);
      const text = entry.isFile() ? await readFile(full, 'latin1') : '';
      return [
        ...scanText(`name of ${full}`, entry.name, secrets),
        ...scanText(
          full,
          text,
          secrets.map((secret) => Buffer.from(secret, 'utf8').toString('latin1')),
        ),
      ];
    }),
  );
  return found.flat();
}
