import type { ServerSpec } from '../../../shared/model/deploy/spec/server-spec';

/** What a server of the spec is known by while its name changes: its id in the inventory, or its own address. */
export function serverKey(server: Pick<ServerSpec, 'ssh'>): string {
  const { ssh } = server;
  return 'server' in ssh ? ssh.server : `${ssh.user}@${ssh.host}:${ssh.port}`;
}
