import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ClusterEntry } from '../../../../shared/model/cluster/cluster-entry';
import type { Server } from '../../../../shared/model/connect/server';
import { readLines, rewrite } from '../../jobs/append-log';
import { writePrivateFile } from '../../platform/private-file';
import { machineOf, machineOfEntry } from '../identity/machine';
import { readSecretPage, writeSecretPage } from '../secrets/secret-book';
import { migrateDraft, oldDraftsSchema, scopeOfDraft, type OldDraft } from './old-drafts';
import { foundRun, groupRuns, idOfGroup, type FoundRun, type MigratedCluster } from './old-runs';

/** What the inventory knows when data of version 0.1.0 is read: by it, runs find the cluster they belong to. */
export interface MigrationInventory {
  readonly servers: readonly Server[];
  readonly clusters: readonly ClusterEntry[];
}

/**
 * Brings what version 0.1.0 kept in the deployment's directory to the present form, in which everything of a cluster is kept under its
 * id. 0.1.0 kept secrets by scope and gave runs no id. Does nothing where there is nothing old. It can be broken off at any moment: run
 * again, it comes to the same ids. Secrets come first and no file is deleted, so that no cluster is ever without its passwords.
 */
export async function migrateDeployments(directory: string, inventory: MigrationInventory): Promise<void> {
  const runs = findRuns(join(directory, 'runs'));
  const drafts = findDrafts(join(directory, 'drafts.json'));
  if (drafts === null && runs.every(({ head }) => head.version === 2)) return;
  const machine = (server: Parameters<typeof machineOf>[0]): string => machineOf(server, inventory.servers);
  const clusters = groupRuns(runs, machine).map((group) => ({
    ...group,
    id: idOfGroup(group, inventory.clusters, (entry) => entryMachines(entry, inventory.servers)),
    old: group.runs.some(({ head }) => head.version === undefined && head.kind !== 'bundle'),
  }));
  const migratedDrafts = (drafts ?? []).map((draft) => migrateDraft(draft, clusters, machine));
  await migrateSecrets(directory, clusters, migratedDrafts);
  if (drafts !== null)
    await writePrivateFile(
      join(directory, 'drafts.json'),
      JSON.stringify({ version: 2, drafts: migratedDrafts.map(({ draft }) => draft) }),
    );
  for (const cluster of clusters) for (const run of cluster.runs) migrateRun(run, cluster.id);
}

function findRuns(directory: string): readonly FoundRun[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => {
      const path = join(directory, name);
      return foundRun(path, readLines(path)) ?? [];
    });
}

/** The drafts of version 0.1.0; null where there are none, or they are of the present form. */
function findDrafts(path: string): readonly OldDraft[] | null {
  if (!existsSync(path)) return null;
  const read = oldDraftsSchema.safeParse(parseJson(readFileSync(path, 'utf8')));
  return read.success ? read.data.drafts : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function entryMachines(entry: ClusterEntry, servers: readonly Server[]): readonly string[] {
  return entry.members.flatMap(({ serverId }) => {
    const server = servers.find((one) => one.id === serverId);
    return server === undefined ? [] : [machineOfEntry(server, servers)];
  });
}

function migrateRun({ path, head, records }: FoundRun, clusterId: string): void {
  if (head.version === 2) return;
  rewrite(path, [
    { ...head, ...objectOf(records[0]), version: 2, spec: { ...head.spec, id: clusterId } },
    ...records.slice(1),
  ]);
}

function objectOf(record: unknown): object {
  return typeof record === 'object' && record !== null ? record : {};
}

const oldPageSchema = z.record(z.string(), z.string());
const oldPageName = /^secrets-(.+)\.json$/;

/** The page of a scope goes to its cluster. Where several clusters had the same scope, and so the same secrets, each of them keeps them. */
async function migrateSecrets(
  directory: string,
  clusters: readonly MigratedCluster[],
  drafts: readonly ReturnType<typeof migrateDraft>[],
): Promise<void> {
  const names = existsSync(directory) ? readdirSync(directory).filter((name) => oldPageName.test(name)) : [];
  for (const name of names) {
    const path = join(directory, name);
    const scope = decodeURIComponent(oldPageName.exec(name)?.[1] ?? '');
    const page = oldPageSchema.safeParse(parseJson(readFileSync(path, 'utf8')));
    const owners = ownersOf(scope, clusters, drafts);
    if (!page.success || owners.length === 0) continue;
    for (const owner of owners) await givePage(directory, owner, scope, page.data, owners.length > 1);
    renameSync(path, `${path}.0.1.0`);
  }
}

/** A form that was never carried out owns passwords only where no cluster of its scope was set up. */
function ownersOf(
  scope: string,
  clusters: readonly MigratedCluster[],
  drafts: readonly ReturnType<typeof migrateDraft>[],
): readonly string[] {
  const own = clusters.filter((cluster) => cluster.old && cluster.scope === scope).map(({ id }) => id);
  if (own.length > 0) return own;
  return [
    ...new Set(
      drafts.flatMap(({ draft, clusterId }) =>
        clusterId !== null && scopeOfDraft(draft) === scope ? [clusterId] : [],
      ),
    ),
  ];
}

async function givePage(
  directory: string,
  clusterId: string,
  scope: string,
  names: Readonly<Record<string, string>>,
  shared: boolean,
): Promise<void> {
  const page = await readSecretPage(directory, clusterId);
  if (Object.keys(page.names).length > 0 || page.inherited !== undefined) return;
  await writeSecretPage(
    directory,
    clusterId,
    shared ? { version: 1, names: {}, inherited: { scope, names } } : { version: 1, names },
  );
}
