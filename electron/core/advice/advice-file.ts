import { z } from 'zod';
import { asideSchema, type Aside } from '../../../shared/model/advice/advice';
import { keepDamaged, readPrivateFile, writePrivateFile } from '../platform/private-file';

const fileSchema = z.object({ version: z.literal(1), asides: z.record(z.string(), z.array(asideSchema)) });

/** What was set aside, by cluster. */
export type KeptAsides = ReadonlyMap<string, readonly Aside[]>;

/** Reads what was kept; a file that cannot be read is put away under another name, and nothing is set aside then. */
export async function readAsides(path: string, now: number): Promise<KeptAsides> {
  const text = await readPrivateFile(path);
  if (text === null) return new Map();
  try {
    return new Map(Object.entries(fileSchema.parse(JSON.parse(text)).asides));
  } catch {
    await keepDamaged(path, now);
    return new Map();
  }
}

/** Keeps them, whole or not at all. */
export function writeAsides(path: string, asides: KeptAsides): Promise<void> {
  return writePrivateFile(path, `${JSON.stringify({ version: 1, asides: Object.fromEntries(asides) }, null, 1)}\n`);
}
