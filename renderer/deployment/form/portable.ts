import { AppError } from '../../../shared/model/app-error';
import type { Server } from '../../../shared/model/connect/server';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import { findServer, wantedBySpec } from '../../../shared/rules/connect/find-server';
import { inlineOfServer } from '../../../shared/rules/connect/inline-ssh';

/** The spec with the addresses of its servers written out, so that the file works on another workstation. Without passwords. */
export function portableSpec(spec: ClusterSpec, inventory: readonly Server[]): ClusterSpec {
  return { ...spec, servers: spec.servers.map((server) => ({ ...server, ssh: portableSsh(server, inventory) })) };
}

/** A server whose jump hosts are not all known stays a reference: without one of them, it would be another machine. */
function portableSsh({ ssh }: ServerSpec, inventory: readonly Server[]): ServerSpec['ssh'] {
  const server = 'server' in ssh ? findServer(inventory, wantedBySpec({ ssh })) : undefined;
  if (server === undefined) return ssh;
  try {
    return inlineOfServer(server, inventory);
  } catch (thrown) {
    if (thrown instanceof AppError) return ssh;
    throw thrown;
  }
}
