import type { ServerInput } from '../../../../shared/contract/servers';
import { appError } from '../../../../shared/model/app-error';
import type { Server } from '../../../../shared/model/connect/server';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import type { Page } from '../../../rpc/page';
import { serverInput, type ServerFields } from '../../../server-editor/server-form';
import { inputOfWay, jumpParts, knownServerOf } from '../../../deployment/form/portable';
import type { ServerLine } from '../../../deployment/form/server-lines';

/** Puts servers named by lines into the inventory, one after the other; those that are there by address, port, user and jump host stay as they are. */
export async function addLines(
  page: Page,
  lines: readonly ServerLine[],
  fields: ServerFields,
  known: readonly Server[],
): Promise<readonly Server[]> {
  const added: Server[] = [];
  for (const line of lines) {
    const user = line.user ?? fields.user.trim();
    const old = [...known, ...added].find(
      (server) =>
        server.host === line.host &&
        server.port === line.port &&
        server.user === user &&
        server.jump.at(-1) === fields.jump.at(-1),
    );
    added.push(old ?? (await page.call((client) => client.servers.add(inputOfLine(line, user, fields)))));
  }
  return added;
}

function inputOfLine(line: ServerLine, user: string, fields: ServerFields): ServerInput {
  const name = line.port === 22 ? line.host : `${line.host}:${line.port}`;
  return serverInput({ ...fields, name, host: line.host, port: String(line.port), user });
}

/** The spec of a file with each server known by its id in the inventory; servers and jump hosts that are missing there are added. */
export async function addServersOfSpec(page: Page, spec: ClusterSpec): Promise<ClusterSpec> {
  const inventory = [...(await page.call((client) => client.servers.list()))] as Server[];
  const servers: ServerSpec[] = [];
  for (const server of spec.servers)
    servers.push({ ...server, ssh: { server: (await adoptServer(page, server, inventory)).id } });
  return { ...spec, servers };
}

async function adoptServer(page: Page, server: ServerSpec, inventory: Server[]): Promise<Server> {
  const known = knownServerOf(server, inventory);
  if (known !== undefined) return known;
  const { ssh } = server;
  if ('server' in ssh)
    throw appError(
      'deploy.server_unknown',
      `The file takes ${server.name} from the inventory as "${ssh.server}", which is not there.`,
      { target: server.name, hint: 'Add it under Servers first, or write its host and user into the file.' },
    );
  const jumpIds: string[] = [];
  for (const text of ssh.jump) {
    const way = { ...jumpParts(text, ssh.user), jump: [], ...(ssh.key === undefined ? {} : { key: ssh.key }) };
    jumpIds.push((await adoptServer(page, { ...server, name: way.host, ssh: way }, inventory)).id);
  }
  const added = await page.call((client) => client.servers.add(inputOfWay(server.name, ssh, jumpIds)));
  inventory.push(added);
  return added;
}
