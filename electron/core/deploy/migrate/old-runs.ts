import { createHash } from 'node:crypto';
import { z } from 'zod';
import { clusterIdSchema } from '../../../../shared/model/cluster/cluster-id';
import type { ClusterEntry } from '../../../../shared/model/cluster/cluster-entry';
import { leavingSchema } from '../../../../shared/model/deploy/day2';
import { clusterFileSchema, type ClusterFile } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { MachineOf } from '../identity/identify';

/** The head of a run's journal in any version: version 0.1.0 wrote neither a version nor an id. */
const anyHeadSchema = z.object({
  type: z.literal('run'),
  version: z.literal(2).optional(),
  id: z.string(),
  kind: z.string(),
  title: z.string(),
  startedAt: z.number(),
  spec: clusterFileSchema,
  leaving: z.array(leavingSchema).optional(),
});
type AnyHead = z.infer<typeof anyHeadSchema>;
const doneSchema = z.object({ type: z.literal('end'), status: z.literal('done') });

/** A run's journal as it lies on disk. */
export interface FoundRun {
  readonly path: string;
  readonly head: AnyHead;
  readonly done: boolean;
  readonly records: readonly unknown[];
}

/** The runs of one cluster. `id` is null while none of them names it. */
export interface RunGroup {
  readonly scope: string;
  readonly namespace: string;
  /** Where it runs by its latest runs, as `machineOf` names servers. */
  readonly machines: ReadonlySet<string>;
  readonly servers: readonly string[];
  readonly id: string | null;
  readonly runs: readonly FoundRun[];
}

/** A cluster of the old data with its id. `old`: at least one of its runs is of version 0.1.0. */
export interface MigratedCluster extends RunGroup {
  readonly id: string;
  readonly old: boolean;
}

/** The run of a journal, or null for what is none. */
export function foundRun(path: string, records: readonly unknown[]): FoundRun | null {
  const head = anyHeadSchema.safeParse(records[0]);
  if (!head.success) return null;
  return { path, head: head.data, records, done: records.some((record) => doneSchema.safeParse(record).success) };
}

/** Runs put together by cluster: the same scope and namespace, and a server in common with the runs before. */
export function groupRuns(runs: readonly FoundRun[], machineOf: MachineOf): readonly RunGroup[] {
  let groups: readonly RunGroup[] = [];
  const oldestFirst = [...runs].sort((a, b) => a.head.startedAt - b.head.startedAt);
  for (const run of oldestFirst) {
    const machines = machinesOf(run, machineOf);
    const known = groups.findLast((group) => belongsTo(run.head.spec, machines, group));
    groups = [...groups.filter((group) => group !== known), withRun(known, run, machines)];
  }
  return groups;
}

/** Whether a spec describes a group's cluster. */
export function belongsTo(
  spec: Pick<ClusterFile, 'id' | 'scope' | 'namespace'>,
  machines: ReadonlySet<string>,
  group: RunGroup,
): boolean {
  if (spec.id !== undefined && group.id !== null) return spec.id === group.id;
  return (
    spec.scope === group.scope &&
    spec.namespace === group.namespace &&
    [...machines].some((machine) => group.machines.has(machine))
  );
}

function machinesOf({ head, done }: FoundRun, machineOf: MachineOf): ReadonlySet<string> {
  const leaving = done ? [] : (head.leaving ?? []).map((entry) => entry.server);
  return new Set([...head.spec.servers, ...leaving].map(machineOf));
}

/** A run that ended well says where the cluster is; any other may have come to some of its servers. */
function withRun(group: RunGroup | undefined, run: FoundRun, machines: ReadonlySet<string>): RunGroup {
  const { id, scope, namespace, servers } = run.head.spec;
  return {
    id: id ?? group?.id ?? null,
    scope,
    namespace,
    machines: run.done ? machines : new Set([...(group?.machines ?? []), ...machines]),
    servers: servers.map((server) => server.name),
    runs: [...(group?.runs ?? []), run],
  };
}

/**
 * The id of a group: what its runs say; else that of its entry in the inventory; else one made from its first run, so that a migration
 * that was broken off comes to the same.
 */
export function idOfGroup(
  group: RunGroup,
  entries: readonly ClusterEntry[],
  machinesOfEntry: (entry: ClusterEntry) => readonly string[],
): string {
  if (group.id !== null) return group.id;
  const entry = entries.find(
    (one) =>
      one.origin !== 'demo' &&
      one.scope === group.scope &&
      one.namespace === group.namespace &&
      clusterIdSchema.safeParse(one.id).success &&
      machinesOfEntry(one).some((machine) => group.machines.has(machine)),
  );
  return entry?.id ?? derivedId(`run ${group.runs[0]?.head.id ?? ''}`);
}

/** An id in the form of a UUID that follows from a text alone. */
export function derivedId(text: string): string {
  const hex = createHash('sha256').update(`matriarch ${text}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
