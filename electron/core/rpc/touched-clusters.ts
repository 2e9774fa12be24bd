import { z } from 'zod';
import { effects, type Effect, type PlainEffect } from '../../../shared/contract/effects';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Server } from '../../../shared/model/connect/server';
import { clusterSpecSchema, type ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { serverSpecSchema, type ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import { findServer, wantedBySpec } from '../../../shared/rules/connect/find-server';

/** What tells which clusters a call touches. */
export interface TouchedDeps {
  readonly clusters: () => readonly ClusterEntry[];
  readonly servers: () => readonly Server[];
  /** The spec of a run; throws where there is none. */
  readonly specOf: (runId: string) => ClusterSpec;
}

/** What a call may change with this input. A path that the table does not know would be a fault of the app, and is closed. */
export function effectOn(path: readonly string[], input: unknown): PlainEffect {
  const effect = path.reduce<unknown>((part, name) => Reflect.get(Object(part), name), effects) as Effect | undefined;
  if (effect === undefined) return 'spec';
  if (typeof effect === 'string') return effect;
  if ('when' in effect) return Reflect.get(Object(input), effect.when) === true ? effect.of : 'reads';
  const action: unknown = Reflect.get(Object(input), 'action');
  return Reflect.get(Object(action), 'kind') === effect.unlessAction ? 'reads' : effect.of;
}

const text = z.string();

/** The clusters of the inventory that a call with this effect and input may change. */
export function touchedClusters(
  deps: TouchedDeps,
  effect: 'cluster' | 'spec' | 'run',
  input: unknown,
): readonly ClusterEntry[] {
  switch (effect) {
    case 'cluster': {
      const id = text.safeParse(Reflect.get(Object(input), 'clusterId'));
      return id.success ? deps.clusters().filter((entry) => entry.id === id.data) : [];
    }
    case 'run': {
      const id = text.safeParse(Reflect.get(Object(input), 'runId'));
      return id.success ? clustersOf(deps, deps.specOf(id.data)) : [];
    }
    case 'spec': {
      // What is no spec is refused by the procedure itself.
      const spec = clusterSpecSchema.safeParse(Reflect.get(Object(input), 'spec'));
      return spec.success ? clustersOf(deps, spec.data, serverOfChange(input)) : [];
    }
  }
}

/** The server that a change of a running cluster brings, which its spec does not name yet. */
function serverOfChange(input: unknown): readonly ServerSpec[] {
  const change: unknown = Reflect.get(Object(input), 'change');
  const server = serverSpecSchema.safeParse(Reflect.get(Object(change), 'server'));
  return server.success ? [server.data] : [];
}

/** The cluster that a spec is of, and every other with a member, an etcd member or a load balancer on one of its servers. */
function clustersOf(
  { clusters, servers }: TouchedDeps,
  spec: ClusterSpec,
  others: readonly ServerSpec[] = [],
): readonly ClusterEntry[] {
  const ids = new Set(
    [...spec.servers, ...others].flatMap((server) => findServer(servers(), wantedBySpec(server))?.id ?? []),
  );
  const isOn = (serverId: string | null): boolean => serverId !== null && ids.has(serverId);
  return clusters().filter(
    (entry) =>
      entry.id === spec.id ||
      entry.members.some((member) => isOn(member.serverId)) ||
      entry.etcd?.endpoints.some((endpoint) => isOn(endpoint.serverId)) === true ||
      entry.balancerServers?.some(isOn) === true,
  );
}
