import { addServer, knownServer, removeServer, updateServer } from '../../inventory/server-drafts';
import type { Rpc } from '../implementer';
import type { Services } from '../services';
import { subscription } from '../subscription';

/** The user's servers. */
export function serverHandlers(rpc: Rpc['servers'], { inventory, vault, connections }: Services) {
  const store = { inventory, secrets: vault };
  return {
    list: rpc.list.handler(() =>
      inventory.servers().map((server) => ({ ...server, ssh: connections.state(server.id) })),
    ),
    add: rpc.add.handler(({ input }) => addServer(store, input)),
    update: rpc.update.handler(async ({ input }) => {
      const server = await updateServer(store, input.id, input.server);
      await connections.drop(input.id);
      return server;
    }),
    remove: rpc.remove.handler(async ({ input }) => {
      await removeServer(store, input.id);
      await connections.drop(input.id);
      return null;
    }),
    test: rpc.test.handler(({ input }) => connections.test(knownServer(inventory, input.id))),
    sshConfigHosts: rpc.sshConfigHosts.handler(() => connections.sshConfigHosts()),
  };
}

/** Questions that wait for the user. */
export function promptHandlers(rpc: Rpc['prompts'], { prompts }: Services) {
  return {
    watch: rpc.watch.handler(({ signal }) => subscription((push) => prompts.watch(push), { signal })),
    answer: rpc.answer.handler(async ({ input }) => {
      await prompts.answer(input.id, { value: input.value, remember: input.remember });
      return null;
    }),
  };
}
