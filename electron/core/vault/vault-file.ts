import { z } from 'zod';
import { appError, type AppErrorData } from '../../../shared/model/app-error';
import { keepDamaged, readPrivateFile, writePrivateFile } from '../platform/private-file';

const base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/);
const sealedSchema = z.object({ iv: base64, tag: base64, data: base64 });

/** The limits keep a hostile file from asking for all memory or a day of work. */
const kdfSchema = z.object({
  name: z.literal('scrypt'),
  n: z
    .number()
    .int()
    .min(16_384)
    .max(1_048_576)
    .refine((n) => Number.isInteger(Math.log2(n))),
  r: z.number().int().min(8).max(16),
  p: z.number().int().min(1).max(4),
  salt: base64,
});

/** The vault on disk. `keychain`: a random key that the OS keychain sealed; `passphrase`: a key derived from it. */
const vaultFileSchema = z.discriminatedUnion('method', [
  z.object({
    version: z.literal(1),
    method: z.literal('passphrase'),
    kdf: kdfSchema,
    check: base64,
    secrets: sealedSchema,
  }),
  z.object({
    version: z.literal(1),
    method: z.literal('keychain'),
    backend: z.string(),
    sealedKey: base64,
    secrets: sealedSchema,
  }),
]);
/** The file as it lies on disk: how its key is kept, and the sealed secrets. */
export type VaultFile = z.infer<typeof vaultFileSchema>;

/** What is sealed in the file: the secrets by id, with what each is for. */
export const vaultContentSchema = z.record(z.string(), z.object({ purpose: z.string(), value: z.string() }));
/** The opened secrets; in memory alone. */
export type VaultContent = z.infer<typeof vaultContentSchema>;

/** What reading gave; a file that cannot be understood was moved aside. */
export interface VaultLoad {
  readonly file: VaultFile | null;
  readonly problem: AppErrorData | null;
}

/** Reads the vault's file without opening it. */
export async function loadVaultFile(path: string, now: number): Promise<VaultLoad> {
  const text = await readPrivateFile(path);
  if (text === null) return { file: null, problem: null };
  const parsed = vaultFileSchema.safeParse(parseJson(text));
  if (parsed.success) return { file: parsed.data, problem: null };
  const kept = await keepDamaged(path, now);
  return { file: null, problem: damagedVault(kept).data };
}

/** Writes the vault's file. */
export async function saveVaultFile(path: string, file: VaultFile): Promise<void> {
  try {
    await writePrivateFile(path, `${JSON.stringify(file)}\n`);
  } catch (thrown) {
    throw appError('vault.not_saved', `The vault could not be written to ${path}; the secret was not kept.`, {
      target: path,
      cause: thrown,
      retryable: true,
      hint: 'Check the free space and the permissions of the data directory.',
    });
  }
}

/** The error of a vault whose content does not open with the right key. */
export function damagedVault(path: string) {
  return appError('vault.damaged', `The vault ${path} is damaged and cannot be read.`, {
    target: path,
    hint: 'Restore a copy of the file, or remove it and enter the secrets again.',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
