import type { Server } from '../../model/connect/server';

/**
 * Whether an address means the same machine seen from the way to either server: both are reached directly, or through the
 * same last jump host. Private addresses repeat from site to site: 10.0.0.2 behind another jump host is another machine. An
 * alias of ~/.ssh/config may bring a jump host that is not written here, so it says nothing of the place.
 */
export function standTogether(one: Server, other: Server): boolean {
  const places = [one, other].map(
    (server) => server.jump.at(-1) ?? (server.sshConfigHost === undefined ? 'direct' : `alias ${server.sshConfigHost}`),
  );
  return places[0] === places[1];
}

/** The server of the inventory that stands at `host`, seen from the way to `asked`. */
export function serverAt(servers: readonly Server[], asked: Server, host: string): Server | undefined {
  return servers.find((server) => server.host === host && standTogether(server, asked));
}
