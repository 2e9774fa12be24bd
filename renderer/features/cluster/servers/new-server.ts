import type { ServerFactsView } from '../../../../shared/model/deploy/deploy-views';
import type { Server } from '../../../../shared/model/connect/server';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import { formOf } from '../../../deployment/form/form';
import { findServer, wantedBySpec } from '../../../../shared/rules/connect/find-server';
import { serverKey } from '../../../deployment/form/server-key';
import { withFacts, withServers } from '../../../deployment/form/servers';

/** Servers of the inventory that are not part of the cluster yet. */
export function freeServers(spec: ClusterSpec, inventory: readonly Server[]): readonly Server[] {
  const taken = new Set(spec.servers.flatMap((server) => findServer(inventory, wantedBySpec(server))?.id ?? []));
  return inventory.filter((server) => !taken.has(server.id));
}

/** A server of the inventory as a member to be: its name and address are guesses until it was inspected. */
export function memberToBe(spec: ClusterSpec, server: Server, facts: ServerFactsView | null): ServerSpec | null {
  const form = withServers(formOf(spec, true), [server]);
  const seen = facts === null ? form : withFacts(form, server.id, facts);
  return seen.spec.servers.find((one) => serverKey(one) === server.id) ?? null;
}
