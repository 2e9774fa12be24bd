import type { ServerFactsView } from '../../../model/deploy/deploy-views';
import type { ClusterFile, ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import { serversWith } from '../layout';
import { suggestParameters } from './suggest';

/** What a file may leave open, as the cluster has it by now. */
export type Settled = Pick<ClusterSpec, 'tls'> & { readonly postgres: Pick<ClusterSpec['postgres'], 'parameters'> };

/**
 * A file as a whole spec. What it leaves open stays as the cluster has it (`settled`, by its last run here). In a new cluster, TLS is
 * on, unless its etcd is one of others, which speaks as it does; and the parameters are still to be suggested.
 */
export function completeFile(file: ClusterFile, id: string, settled: Settled | null): ClusterSpec {
  return {
    ...file,
    id,
    tls: file.tls ?? settled?.tls ?? (file.etcd.external.length > 0 || file.adopted.length > 0 ? 'off' : 'on'),
    postgres: { ...file.postgres, parameters: file.postgres.parameters ?? settled?.postgres.parameters ?? {} },
  };
}

/** Whether a file leaves the parameters to be suggested: it has no such section, and nothing is known of its cluster. */
export function leavesParameters(file: ClusterFile, settled: Settled | null): boolean {
  return file.postgres.parameters === undefined && settled === null && file.adopted.length === 0;
}

/** The machine that parameters are suggested for: all members get the same, so the smallest counts. */
export interface SmallestMachine {
  readonly memoryBytes: number;
  readonly cpus: number;
}

/** The least of several machines, or null without any. */
export function smallestOf(seen: readonly Pick<ServerFactsView, 'memoryBytes' | 'cpus'>[]): SmallestMachine | null {
  if (seen.length === 0) return null;
  return {
    memoryBytes: Math.min(...seen.map((one) => one.memoryBytes)),
    cpus: Math.min(...seen.map((one) => one.cpus)),
  };
}

/** A spec with the parameters that the guided set-up suggests for the smallest of its members; as it is where none was seen. */
export function withSuggestedParameters(
  spec: ClusterSpec,
  seen: readonly (Pick<ServerFactsView, 'memoryBytes' | 'cpus'> & { readonly server: string })[],
): ClusterSpec {
  const members = new Set(serversWith(spec, 'postgres').map((server) => server.name));
  const machine = smallestOf(seen.filter((facts) => members.has(facts.server)));
  if (machine === null) return spec;
  const suggested = suggestParameters({ ...machine, solidState: true });
  const parameters = Object.fromEntries(suggested.map(({ name, value }) => [name, value]));
  return { ...spec, postgres: { ...spec.postgres, parameters: { ...parameters, ...spec.postgres.parameters } } };
}
