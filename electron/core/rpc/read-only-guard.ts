import { z } from 'zod';
import { effects, type Effect, type PlainEffect } from '../../../shared/contract/effects';
import { appError } from '../../../shared/model/app-error';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Server } from '../../../shared/model/connect/server';
import { clusterSpecSchema, type ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { findServer, wantedBySpec } from '../../../shared/rules/connect/find-server';

/** What decides whether something may be changed. */
export interface ReadOnlyGuardDeps {
  /** Whether the read-only mode of the app is on. */
  readonly isReadOnly: () => boolean;
  readonly clusters: () => readonly ClusterEntry[];
  readonly servers: () => readonly Server[];
  /** The spec of a run; throws where there is none. */
  readonly specOf: (runId: string) => ClusterSpec;
}

/** Refuses a call that would change what is read-only. Throws `app.read_only`, `operation.read_only`, `terminal.read_only`. */
export type ReadOnlyGuard = (path: readonly string[], input: unknown) => void;

/**
 * Keeps the read-only mode and read-only clusters for every procedure, before its handler: what a call may change stands in the
 * contract's table of effects, and which clusters it touches is found in its input.
 */
export function createReadOnlyGuard(deps: ReadOnlyGuardDeps): ReadOnlyGuard {
  return (path, input) => {
    const effect = effectOn(path, input);
    if (effect === 'reads' || effect === 'keeps' || effect === 'demo') return;
    if (effect === 'terminal') {
      if (deps.isReadOnly() && Reflect.get(Object(input), 'unchecked') !== true) throw terminalInReadOnlyMode();
      return;
    }
    if (deps.isReadOnly()) throw readOnlyMode();
    const closed = touchedClusters(deps, effect, input).find((entry) => entry.readOnly);
    if (closed !== undefined) throw readOnlyCluster(closed);
  };
}

/** What a call may change with this input. A path that the table does not know would be a fault of the app, and is closed. */
function effectOn(path: readonly string[], input: unknown): PlainEffect {
  const effect = path.reduce<unknown>((part, name) => Reflect.get(Object(part), name), effects) as Effect | undefined;
  if (effect === undefined) return 'spec';
  if (typeof effect === 'string') return effect;
  if ('when' in effect) return Reflect.get(Object(input), effect.when) === true ? effect.of : 'reads';
  const action: unknown = Reflect.get(Object(input), 'action');
  return Reflect.get(Object(action), 'kind') === effect.unlessAction ? 'reads' : effect.of;
}

const text = z.string();

function touchedClusters(
  deps: ReadOnlyGuardDeps,
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
      return spec.success ? clustersOf(deps, spec.data) : [];
    }
  }
}

/** The cluster that a spec is of, and every other with a member or an etcd member on one of its servers. */
function clustersOf({ clusters, servers }: ReadOnlyGuardDeps, spec: ClusterSpec): readonly ClusterEntry[] {
  const ids = new Set(spec.servers.flatMap((server) => findServer(servers(), wantedBySpec(server))?.id ?? []));
  const isOn = (serverId: string | null): boolean => serverId !== null && ids.has(serverId);
  return clusters().filter(
    (entry) =>
      entry.id === spec.id ||
      entry.members.some((member) => isOn(member.serverId)) ||
      entry.etcd?.endpoints.some((endpoint) => isOn(endpoint.serverId)) === true,
  );
}

function readOnlyMode(): Error {
  return appError('app.read_only', 'Matriarch is in read-only mode. Nothing was sent.', {
    hint: 'Switch the read-only mode off under Settings first.',
  });
}

function readOnlyCluster({ id, title }: ClusterEntry): Error {
  return appError('operation.read_only', `${title} is set to read-only in this app. Nothing was sent.`, {
    target: id,
    hint: 'Change that under Cluster settings first.',
  });
}

function terminalInReadOnlyMode(): Error {
  return appError(
    'terminal.read_only',
    'Matriarch is in read-only mode, and what is typed in a terminal is not checked.',
    {
      hint: 'Open it anyway, if you only look.',
    },
  );
}
