import type { ServerInput } from '../../../../shared/contract/servers';
import type { Server } from '../../../../shared/model/connect/server';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { printSshHop } from '../../../../shared/model/connect/ssh-address';
import type { InlineSsh, ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import { findServer, requireServer, wantedBySpec } from '../../../../shared/rules/connect/find-server';
import { addressOfInline, loginOfInline } from '../../../../shared/rules/connect/inline-ssh';
import type { Page } from '../../../rpc/page';
import { serverInput, type ServerFields } from '../../../server-editor/server-form';
import type { ServerLine } from '../../../deployment/form/server-lines';

/** What is asked of the inventory while servers are added. */
export interface InventoryCalls {
  list(): Promise<readonly Server[]>;
  add(input: ServerInput): Promise<Server>;
}

/** The calls as the page makes them. */
export function inventoryCalls(page: Page): InventoryCalls {
  return {
    list: () => page.call((client) => client.servers.list()),
    add: (input) => page.call((client) => client.servers.add(input)),
  };
}

/**
 * Puts servers named by lines into the inventory, one after the other; those that are there by user, host, port and
 * jump hosts stay as they are.
 */
export async function addLines(
  inventory: InventoryCalls,
  lines: readonly ServerLine[],
  fields: ServerFields,
  known: readonly Server[],
): Promise<readonly Server[]> {
  const added: Server[] = [];
  for (const line of lines) {
    const user = line.user ?? fields.user.trim();
    const login = { ...line, user, jump: [...fields.jump] };
    const old = findServer([...known, ...added], { by: 'login', login, among: known });
    added.push(old ?? (await inventory.add(inputOfLine(line, user, fields))));
  }
  return added;
}

function inputOfLine(line: ServerLine, user: string, fields: ServerFields): ServerInput {
  const name = line.port === 22 ? line.host : `${line.host}:${line.port}`;
  return serverInput({ ...fields, name, host: line.host, port: String(line.port), user });
}

/**
 * The spec of a file with each server known by its id in the inventory; servers and jump hosts that are missing there
 * are added. Rejects with `deploy.server_unknown` or `deploy.server_ambiguous`.
 */
export async function addServersOfSpec(inventory: InventoryCalls, spec: ClusterSpec): Promise<ClusterSpec> {
  const known = [...(await inventory.list())];
  const servers: ServerSpec[] = [];
  for (const server of spec.servers)
    servers.push({ ...server, ssh: { server: (await adoptServer(inventory, server, known)).id } });
  return { ...spec, servers };
}

async function adoptServer(inventory: InventoryCalls, server: ServerSpec, known: Server[]): Promise<Server> {
  const { name, ssh } = server;
  if ('server' in ssh) return requireServer(known, wantedBySpec(server), name);
  return adoptLogin(inventory, name, ssh, known);
}

/** Jump hosts are adopted first, outermost first, each behind those before it. */
async function adoptLogin(inventory: InventoryCalls, name: string, ssh: InlineSsh, known: Server[]): Promise<Server> {
  const address = addressOfInline(ssh);
  const found = findServer(known, { by: 'address', address });
  if (found !== undefined) return found;
  const jump: string[] = [];
  for (const [index, hop] of address.jump.entries()) {
    const key = ssh.key === undefined ? {} : { key: ssh.key };
    const inline = { ...hop, ...key, jump: address.jump.slice(0, index).map(printSshHop) };
    jump.push((await adoptLogin(inventory, hop.host, inline, known)).id);
  }
  const added = await inventory.add({ ...loginOfInline(ssh), name, jump });
  known.push(added);
  return added;
}
