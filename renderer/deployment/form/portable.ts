import type { ServerInput } from '../../../shared/contract/servers';
import type { Server } from '../../../shared/model/connect/server';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import type { InlineSsh, ServerSpec } from '../../../shared/model/deploy/spec/server-spec';

/** The spec with the ways to its servers written out, so that the file works on another workstation. Without passwords. */
export function portableSpec(spec: ClusterSpec, inventory: readonly Server[]): ClusterSpec {
  return { ...spec, servers: spec.servers.map((server) => ({ ...server, ssh: portableWay(server, inventory) })) };
}

function portableWay({ ssh }: ServerSpec, inventory: readonly Server[]): ServerSpec['ssh'] {
  const entry = 'server' in ssh ? findServer(ssh.server, inventory) : undefined;
  if (entry === undefined) return ssh;
  const jump = entry.jump.flatMap((id) => {
    const host = findServer(id, inventory);
    return host === undefined ? [] : [`${host.user}@${host.host}:${host.port}`];
  });
  return {
    host: entry.host,
    port: entry.port,
    user: entry.user,
    jump,
    ...portableAuth(entry.auth),
    ...(entry.sudo.kind === 'none' ? {} : { sudo: entry.sudo.kind }),
  };
}

function portableAuth(auth: Server['auth']): Pick<InlineSsh, 'auth' | 'key'> {
  if (auth.kind === 'agent') return {};
  return auth.kind === 'key' ? { auth: 'key', key: auth.keyPath } : { auth: 'password' };
}

function findServer(idOrName: string, inventory: readonly Server[]): Server | undefined {
  return inventory.find((server) => server.id === idOrName) ?? inventory.find((server) => server.name === idOrName);
}

/** Whether a server of the inventory is reached by the way of a file: the same address behind another jump host is another machine. */
function isReachedBy(ssh: InlineSsh, entry: Server, inventory: readonly Server[]): boolean {
  const [last, through] = [ssh.jump.at(-1), entry.jump.at(-1)];
  if (last === undefined || through === undefined) return last === undefined && through === undefined;
  const hop = findServer(through, inventory);
  const wanted = jumpParts(last, ssh.user);
  return hop !== undefined && hop.host === wanted.host && hop.port === wanted.port;
}

/** The server of the inventory that a server of a file means, or undefined when it has to be added. */
export function knownServerOf({ ssh }: Pick<ServerSpec, 'ssh'>, inventory: readonly Server[]): Server | undefined {
  return 'server' in ssh
    ? findServer(ssh.server, inventory)
    : inventory.find(
        (server) =>
          server.host === ssh.host &&
          server.port === ssh.port &&
          server.user === ssh.user &&
          isReachedBy(ssh, server, inventory),
      );
}

/** The way of a file as a new server of the inventory. `jumpIds` are the jump hosts that are there already, in their order. */
export function inputOfWay(name: string, ssh: InlineSsh, jumpIds: readonly string[]): ServerInput {
  return {
    name,
    host: ssh.host,
    port: ssh.port,
    user: ssh.user,
    auth: authOf(ssh),
    sudo: { kind: ssh.sudo ?? (ssh.user === 'root' ? 'root' : 'passwordless') },
    jump: [...jumpIds],
    tags: [],
  };
}

function authOf(ssh: InlineSsh): ServerInput['auth'] {
  if (ssh.auth === 'password') return { kind: 'password' };
  return ssh.key === undefined ? { kind: 'agent' } : { kind: 'key', keyPath: ssh.key };
}

/** A jump host `user@host:port` of a file as its parts; the user and the port may be left out. */
export function jumpParts(
  text: string,
  user: string,
): { readonly user: string; readonly host: string; readonly port: number } {
  const at = text.lastIndexOf('@');
  const rest = at < 0 ? text : text.slice(at + 1);
  const port = /:(\d+)$/.exec(rest)?.[1];
  return {
    user: at < 0 ? user : text.slice(0, at),
    host: port === undefined ? rest : rest.slice(0, -port.length - 1),
    port: port === undefined ? 22 : Number(port),
  };
}
