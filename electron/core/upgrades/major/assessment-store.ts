import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
  assessmentPackagesSchema,
  assessmentReportSchema,
  type AssessmentReport,
} from '../../../../shared/model/upgrade/assessment';
import { readPrivateFile, writePrivateFile } from '../../platform/private-file';

const workSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{8,32}$/),
  startedAt: z.number(),
  serverId: z.string(),
  server: z.string(),
  /** The directory that may be there. */
  directory: z.string(),
  /** The ids under which apt may have been begun. */
  apt: z.array(z.string()),
});
const recordSchema = z.object({
  version: z.literal(1),
  clusterId: z.string(),
  /** An assessment at work, or one that was broken off; null: none. */
  work: workSchema.nullable(),
  /** Packages that may have been installed for an assessment and are not known to be gone. */
  packages: z.array(assessmentPackagesSchema),
});
/** What assessments have made on servers, as it is on disk before each act: no secret. */
export type AssessmentRecord = z.infer<typeof recordSchema>;
/** An assessment at work, as it is recorded. */
export type AssessmentWork = z.infer<typeof workSchema>;

/** Reports kept for each cluster; the oldest go. */
const MOST_REPORTS = 30;

/** Keeps what assessments made, and their reports. What belongs to the demo is kept in memory. */
export interface AssessmentStore {
  /** Rejects where it cannot be read. */
  record(clusterId: string): Promise<AssessmentRecord>;
  keepRecord(record: AssessmentRecord): Promise<void>;
  /** Newest first. */
  reports(
    clusterId: string,
  ): Promise<{ readonly reports: readonly AssessmentReport[]; readonly unreadable: readonly string[] }>;
  keepReport(report: AssessmentReport): Promise<void>;
}

/** The store, with a directory for each cluster. */
export function createAssessmentStore(deps: {
  readonly directory: string;
  readonly isTemporary: (clusterId: string) => boolean;
}): AssessmentStore {
  const records = new Map<string, AssessmentRecord>();
  const kept = new Map<string, readonly AssessmentReport[]>();
  const place = (clusterId: string): string => join(deps.directory, encodeURIComponent(clusterId));
  const recordPath = (clusterId: string): string => join(place(clusterId), 'record.json');
  const nothing = (clusterId: string): AssessmentRecord => ({ version: 1, clusterId, work: null, packages: [] });
  return {
    record: async (clusterId) => {
      if (deps.isTemporary(clusterId)) return records.get(clusterId) ?? nothing(clusterId);
      const text = await readPrivateFile(recordPath(clusterId));
      return text === null ? nothing(clusterId) : recordSchema.parse(JSON.parse(text));
    },
    keepRecord: async (record) => {
      if (deps.isTemporary(record.clusterId)) records.set(record.clusterId, record);
      else await writePrivateFile(recordPath(record.clusterId), JSON.stringify(record, null, 2));
    },
    reports: async (clusterId) =>
      deps.isTemporary(clusterId)
        ? { reports: kept.get(clusterId) ?? [], unreadable: [] }
        : readReports(place(clusterId)),
    keepReport: async (report) => {
      const { clusterId } = report;
      if (deps.isTemporary(clusterId)) {
        kept.set(clusterId, [report, ...(kept.get(clusterId) ?? [])].slice(0, MOST_REPORTS));
        return;
      }
      const name = `${Math.round(report.startedAt)}-${report.id}.json`;
      await writePrivateFile(join(place(clusterId), name), JSON.stringify(report, null, 2));
      for (const old of (await reportNames(place(clusterId))).slice(MOST_REPORTS))
        await rm(join(place(clusterId), old), { force: true });
    },
  };
}

async function reportNames(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((): string[] => []);
  return names
    .filter((name) => /^\d{13,16}-[0-9a-f]+\.json$/.test(name))
    .toSorted()
    .toReversed();
}

async function readReports(directory: string): ReturnType<AssessmentStore['reports']> {
  const names = await reportNames(directory);
  const found = await Promise.all(
    names.map(async (name) => ({ name, report: await readReport(join(directory, name)) })),
  );
  return {
    reports: found.flatMap(({ report }) => report ?? []),
    unreadable: found.filter(({ report }) => report === null).map(({ name }) => name),
  };
}

async function readReport(path: string): Promise<AssessmentReport | null> {
  try {
    const parsed = assessmentReportSchema.safeParse(JSON.parse((await readPrivateFile(path)) ?? ''));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
