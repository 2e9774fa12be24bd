import type { ServerFacts } from '../../model/deploy/facts';
import type { ClusterSpec, VipSpec } from '../../model/deploy/spec/cluster-spec';
import type { ServerRole, ServerSpec } from '../../model/deploy/spec/server-spec';
import { serversWith } from './layout';
import { sameAddress } from './network';

/** The units that can hold a virtual address. */
export const vipUnits = { keepalived: 'keepalived.service', 'vip-manager': 'vip-manager.service' } as const;

/** The role whose servers may hold the address. */
export function carrierRole(vip: VipSpec): ServerRole {
  return vip.follows === 'haproxy' ? 'haproxy' : 'postgres';
}

/** The servers that may hold the address, in the order of the spec. Servers that others set up hold none. */
export function carriers(spec: ClusterSpec): readonly ServerSpec[] {
  const { vip } = spec;
  return vip === undefined
    ? []
    : serversWith(spec, carrierRole(vip)).filter((server) => !spec.adopted.includes(server.name));
}

/** Whether a service is reached by the address wherever the address is: every server that may hold it has the role. */
export function reachedByVip(spec: ClusterSpec, role: ServerRole): boolean {
  const { vip } = spec;
  if (vip === undefined || (role === 'postgres' && vip.follows !== 'primary')) return false;
  const all = carriers(spec);
  return all.length > 0 && all.every((server) => server.roles.includes(role));
}

/**
 * The interface that shall hold the address on a server: as the spec says, or the one with the server's own address.
 * Null when there is none.
 */
export function vipInterface(vip: VipSpec, server: ServerSpec, facts: ServerFacts | undefined): string | null {
  if (vip.interface !== undefined) return vip.interface;
  return facts?.interfaces.find((entry) => sameAddress(entry.address, server.address))?.name ?? null;
}
