import { z } from 'zod';
import { appError, type AppErrorData } from '../../../shared/model/app-error';
import { clusterEntrySchema } from '../../../shared/model/cluster/cluster-entry';
import { serverSchema } from '../../../shared/model/connect/server';
import { settingsSchema } from '../../../shared/model/app/settings';
import { keepDamaged, readPrivateFile } from '../platform/private-file';

/** The version this app writes. */
const INVENTORY_VERSION = 1;

/** What the file holds in its present version. */
const inventoryFileSchema = z.object({
  version: z.literal(INVENTORY_VERSION),
  servers: z.array(serverSchema),
  clusters: z.array(clusterEntrySchema),
  settings: settingsSchema,
});
/** What the inventory keeps: servers, clusters, settings. */
export type InventoryData = z.infer<typeof inventoryFileSchema>;

/** An inventory with nothing in it. */
export function emptyInventory(): InventoryData {
  return { version: INVENTORY_VERSION, servers: [], clusters: [], settings: settingsSchema.parse({}) };
}

/** What reading the file gave. `writable: false` keeps a file of a newer app from being overwritten. */
export interface InventoryLoad {
  readonly data: InventoryData;
  readonly writable: boolean;
  readonly problem: AppErrorData | null;
}

/** Steps from an older version of the file to the next; the key is the version a step starts from. */
const migrations: Readonly<Record<number, (old: Readonly<Record<string, unknown>>) => Record<string, unknown>>> = {};

/** Reads the inventory. A damaged file is moved aside and reported; a newer one is left alone and reported. */
export async function loadInventory(path: string, now: number): Promise<InventoryLoad> {
  const text = await readPrivateFile(path);
  if (text === null) return { data: emptyInventory(), writable: true, problem: null };
  const raw = parseObject(text);
  if (raw !== null && typeof raw['version'] === 'number' && raw['version'] > INVENTORY_VERSION)
    return newerFile(path, raw['version']);
  const parsed = raw === null ? null : inventoryFileSchema.safeParse(migrate(raw));
  if (parsed?.success === true) return { data: parsed.data, writable: true, problem: null };
  return damagedFile(path, now);
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function migrate(raw: Record<string, unknown>): Record<string, unknown> {
  let current = raw;
  for (let version = Number(raw['version']); version < INVENTORY_VERSION; version += 1) {
    const step = migrations[version];
    if (step === undefined) return current;
    current = { ...step(current), version: version + 1 };
  }
  return current;
}

function newerFile(path: string, version: number): InventoryLoad {
  const problem = appError(
    'inventory.newer',
    `The inventory ${path} was written by a newer version of the app (format ${version}).`,
    {
      target: path,
      hint: 'Install the newer app again. Until then the app starts empty and saves nothing.',
    },
  );
  return { data: emptyInventory(), writable: false, problem: problem.data };
}

async function damagedFile(path: string, now: number): Promise<InventoryLoad> {
  const kept = await keepDamaged(path, now);
  const problem = appError(
    'inventory.damaged',
    `The inventory ${path} could not be read; the app starts with an empty one.`,
    {
      target: kept,
      hint: `The damaged file was kept as ${kept}. Restore a copy, or import an export.`,
    },
  );
  return { data: emptyInventory(), writable: true, problem: problem.data };
}
