import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readPrivateFile, writePrivateFile } from '../platform/private-file';

const tagValueSchema = z.union([z.string(), z.number(), z.boolean()]).nullable();

const drainedSchema = z.object({
  member: z.string(),
  serverId: z.string(),
  path: z.string(),
  /** SHA-256 of the file before, and with the tags by which the member is drained. */
  formerSha: z.string(),
  drainedSha: z.string(),
  /** The tags as they were; null: it had none of that name. */
  tags: z.record(z.string(), tagValueSchema),
});
/** A member whose tags were changed for the time of its step: what is needed to put them back. */
export type DrainedMember = z.infer<typeof drainedSchema>;

const waySchema = z.object({ title: z.string(), commands: z.array(z.string()) });

const recordSchema = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{8,32}$/),
  clusterId: z.string(),
  startedAt: z.number(),
  steps: z.array(z.object({ title: z.string(), state: z.enum(['todo', 'at_work', 'done']) })),
  /** How to go on from the step at work, and back. */
  ways: z.array(waySchema),
  /** Why it stopped; null while it runs, and after the app was ended meanwhile. */
  stopped: z.string().nullable(),
  drained: z.array(drainedSchema),
  /** Servers whose PgBouncer may be paused. */
  paused: z.array(z.string()),
  /** Where apt was begun, under which id. */
  apt: z.array(z.object({ serverId: z.string(), id: z.string() })),
  /** Whether the role and the database for the writes may be there. */
  scratch: z.boolean(),
});
/** What a rolling upgrade has done so far, as it is on disk before each act: no secret, and what a later start needs to put things back. */
export type UpgradeRecord = z.infer<typeof recordSchema>;

/** Keeps the record of a rolling upgrade until it came to its end. What belongs to the demo is kept in memory. */
export interface UpgradeStore {
  /** Rejects where it cannot be read. */
  read(clusterId: string): Promise<UpgradeRecord | null>;
  keep(record: UpgradeRecord): Promise<void>;
  forget(clusterId: string): Promise<void>;
  /** The clusters with a record. */
  clusters(): Promise<readonly string[]>;
}

/** The store, with a directory for each cluster. */
export function createUpgradeStore(deps: {
  readonly directory: string;
  readonly isTemporary: (clusterId: string) => boolean;
}): UpgradeStore {
  const memory = new Map<string, UpgradeRecord>();
  const path = (clusterId: string): string => join(deps.directory, encodeURIComponent(clusterId), 'at-work.json');
  return {
    read: async (clusterId) => {
      if (deps.isTemporary(clusterId)) return memory.get(clusterId) ?? null;
      const text = await readPrivateFile(path(clusterId));
      return text === null ? null : recordSchema.parse(JSON.parse(text));
    },
    keep: async (record) => {
      if (deps.isTemporary(record.clusterId)) memory.set(record.clusterId, record);
      else await writePrivateFile(path(record.clusterId), JSON.stringify(record, null, 2));
    },
    forget: async (clusterId) => {
      memory.delete(clusterId);
      if (!deps.isTemporary(clusterId)) await rm(path(clusterId), { force: true });
    },
    clusters: async () => {
      const names = await readdir(deps.directory).catch((): string[] => []);
      return names.map((name) => decodeURIComponent(name));
    },
  };
}

/** Whether something may be left on servers. */
export function isLeftOver({ drained, paused, apt, scratch }: UpgradeRecord): boolean {
  return drained.length + paused.length + apt.length > 0 || scratch;
}
