import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { drillFaults, drillReportSchema, type DrillReport } from '../../../shared/model/drill/drill';
import { readPrivateFile, writePrivateFile } from '../platform/private-file';

/** What a drill has made and done so far, as it is on disk before each step: what a later start of the app needs to clean up. */
const recordSchema = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{8,32}$/),
  clusterId: z.string(),
  startedAt: z.number(),
  fault: z.enum(drillFaults),
  limitSeconds: z.number(),
  leader: z.string(),
  leaderServerId: z.string(),
  restPort: z.number().int(),
  sshPort: z.number().int(),
  dataDirectory: z.string(),
  patroniUnit: z.string().nullable(),
  /** Whether systemd starts Patroni again by itself. */
  patroniRestarts: z.boolean(),
  /** Whether the role and the database may be there. */
  scratch: z.boolean(),
  /** Where a writer may be. */
  writer: z.object({ serverId: z.string(), directory: z.string() }).nullable(),
  /** Whether the timer may wait, and when the fault may have been made; null: not yet. */
  armed: z.boolean(),
  struckAt: z.number().nullable(),
});
/** What a drill has made and done so far. */
export type DrillRecord = z.infer<typeof recordSchema>;

/** Reports kept for each cluster; the oldest go. */
const MOST_REPORTS = 50;

/** Keeps the record of the drill at work, and the reports. What belongs to the demo is kept in memory. */
export interface DrillStore {
  /** The record of a drill that has not ended in order; null where there is none. Rejects where it cannot be read. */
  record(clusterId: string): Promise<DrillRecord | null>;
  keepRecord(record: DrillRecord): Promise<void>;
  forgetRecord(clusterId: string): Promise<void>;
  /** Newest first. */
  reports(
    clusterId: string,
  ): Promise<{ readonly reports: readonly DrillReport[]; readonly unreadable: readonly string[] }>;
  keepReport(report: DrillReport): Promise<void>;
  /** The clusters with a record. */
  unfinished(): Promise<readonly string[]>;
}

interface InMemory {
  record: DrillRecord | null;
  reports: readonly DrillReport[];
}

/** The store, with a directory for each cluster. */
export function createDrillStore(deps: {
  readonly directory: string;
  readonly isTemporary: (clusterId: string) => boolean;
}): DrillStore {
  const memory = new Map<string, InMemory>();
  const inMemory = (clusterId: string): InMemory => {
    const held = memory.get(clusterId) ?? { record: null, reports: [] };
    memory.set(clusterId, held);
    return held;
  };
  const place = (clusterId: string): string => join(deps.directory, encodeURIComponent(clusterId));
  const recordPath = (clusterId: string): string => join(place(clusterId), 'at-work.json');
  const onDisk = createFiles(place);
  return {
    record: async (clusterId) => {
      if (deps.isTemporary(clusterId)) return inMemory(clusterId).record;
      const text = await readPrivateFile(recordPath(clusterId));
      return text === null ? null : recordSchema.parse(JSON.parse(text));
    },
    keepRecord: async (record) => {
      if (deps.isTemporary(record.clusterId)) inMemory(record.clusterId).record = record;
      else await writePrivateFile(recordPath(record.clusterId), JSON.stringify(record, null, 2));
    },
    forgetRecord: async (clusterId) => {
      if (deps.isTemporary(clusterId)) inMemory(clusterId).record = null;
      else await rm(recordPath(clusterId), { force: true });
    },
    reports: async (clusterId) =>
      deps.isTemporary(clusterId)
        ? { reports: inMemory(clusterId).reports, unreadable: [] }
        : onDisk.reports(clusterId),
    keepReport: async (report) => {
      if (!deps.isTemporary(report.clusterId)) return onDisk.keep(report);
      const held = inMemory(report.clusterId);
      held.reports = [report, ...held.reports].slice(0, MOST_REPORTS);
    },
    unfinished: async () => {
      const names = await readdir(deps.directory).catch((): string[] => []);
      const found = await Promise.all(
        names.map(async (name) => {
          const text = await readPrivateFile(join(deps.directory, name, 'at-work.json')).catch(() => null);
          const parsed = text === null ? null : recordSchema.safeParse(jsonOf(text));
          return parsed?.success === true ? [parsed.data.clusterId] : [];
        }),
      );
      return found.flat();
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Reports as files, named by when the drill began, so that their order is that of their names. */
function createFiles(place: (clusterId: string) => string) {
  const isReport = (name: string): boolean => /^\d{13,16}-[0-9a-f]+\.json$/.test(name);
  const names = async (clusterId: string): Promise<readonly string[]> =>
    (await readdir(place(clusterId)).catch((): string[] => [])).filter(isReport).toSorted().toReversed();
  const read = async (clusterId: string, name: string): Promise<DrillReport | null> => {
    try {
      const text = await readPrivateFile(join(place(clusterId), name));
      const parsed = drillReportSchema.safeParse(JSON.parse(text ?? ''));
      return parsed.success ? parsed.data : null;
    } catch {
      return null;
    }
  };
  const removeFiles = async (clusterId: string, old: readonly string[]): Promise<void> => {
    for (const name of old) await rm(join(place(clusterId), name), { force: true });
  };
  return {
    reports: async (clusterId: string) => {
      const all = await names(clusterId);
      const found = await Promise.all(all.map(async (name) => ({ name, report: await read(clusterId, name) })));
      return {
        reports: found.flatMap(({ report }) => report ?? []),
        unreadable: found.filter(({ report }) => report === null).map(({ name }) => name),
      };
    },
    keep: async (report: DrillReport): Promise<void> => {
      const name = `${Math.round(report.startedAt)}-${report.id}.json`;
      await writePrivateFile(join(place(report.clusterId), name), JSON.stringify(report, null, 2));
      await removeFiles(report.clusterId, (await names(report.clusterId)).slice(MOST_REPORTS));
    },
  };
}
