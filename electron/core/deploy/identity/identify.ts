import { randomUUID } from 'node:crypto';
import { appError, type AppError } from '../../../../shared/model/app-error';
import type { ClusterFile, ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { completeFile, leavesParameters, type Settled } from '../../../../shared/rules/deploy/spec/complete-file';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import type { RunHistory } from '../runs/run-journal';

/** A cluster as its latest run here left it. */
export type KnownCluster = Pick<ClusterSpec, 'id' | 'scope' | 'namespace' | 'servers'> &
  Settled & { readonly title: string };

/** Says which machine a server of a spec is. */
export type MachineOf = (server: Pick<ServerSpec, 'ssh'>) => string;

/** The clusters that were set up, changed or adopted here, each as its last run that ended well has it, or else its last run. */
export function knownClusters(histories: readonly RunHistory[]): readonly KnownCluster[] {
  const oldestFirst = histories
    .filter(({ head }) => head.kind !== 'bundle')
    .sort((a, b) => a.head.startedAt - b.head.startedAt);
  const last = new Map(oldestFirst.map(({ head }) => [head.spec.id, head.spec]));
  const lastDone = new Map(
    oldestFirst.filter(({ status }) => status === 'done').map(({ head }) => [head.spec.id, head.spec]),
  );
  return [...new Map([...last, ...lastDone]).values()].map((spec) => ({ ...spec, title: spec.title ?? spec.scope }));
}

/** Whether a spec and a known cluster have a server in common. */
export function shareServer(
  spec: Pick<ClusterFile, 'servers'>,
  known: Pick<KnownCluster, 'servers'>,
  machineOf: MachineOf,
): boolean {
  const machines = new Set(known.servers.map(machineOf));
  return spec.servers.some((server) => machines.has(machineOf(server)));
}

/** Which cluster a file means, as a whole spec. */
export interface IdentifiedSpec {
  readonly spec: ClusterSpec;
  /** The file leaves the parameters of PostgreSQL open, and they are to be suggested for its servers. */
  readonly leavesParameters: boolean;
}

/**
 * Gives a file's cluster its id: the one in the file; else that of the cluster with this scope and namespace on one of its servers; else
 * `own`, the id of the form the file is taken into, or a new one. What the file leaves open stays as the cluster has it. Throws
 * `deploy.cluster_ambiguous` where two clusters could be meant.
 */
export function identify(
  file: ClusterFile,
  own: string | null,
  known: readonly KnownCluster[],
  machineOf: MachineOf,
): IdentifiedSpec {
  const { id } = file;
  if (id !== undefined) return identified(file, id, known.find((one) => one.id === id) ?? null);
  const meant = known.filter(
    (one) => one.scope === file.scope && one.namespace === file.namespace && shareServer(file, one, machineOf),
  );
  const [first, second] = meant;
  if (first !== undefined && second !== undefined)
    throw appError('deploy.cluster_ambiguous', `The file could mean ${first.title} or ${second.title}.`, {
      hint: `Write the line id: ${first.id} or id: ${second.id} into the file.`,
    });
  return identified(file, first?.id ?? own ?? randomUUID(), first ?? null);
}

function identified(file: ClusterFile, id: string, settled: Settled | null): IdentifiedSpec {
  return { spec: completeFile(file, id, settled), leavesParameters: leavesParameters(file, settled) };
}

/** The error for an id that belongs to a cluster on other servers: a copied file that was not given a new one. */
export function idTaken(spec: ClusterSpec, known: KnownCluster): AppError {
  const servers = known.servers.map((server) => server.name).join(', ');
  return appError(
    'deploy.id_taken',
    `The id ${spec.id} belongs to ${known.title} on ${servers}, and none of these servers is in this spec.`,
    {
      target: spec.id,
      hint:
        'For another cluster take the line "id" out of the file, so that it gets passwords and keys of its own. ' +
        'Nothing was changed on any server.',
    },
  );
}
