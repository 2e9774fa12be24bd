import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** The passwords of a cluster's accounts. */
export function passwordHandlers(rpc: Rpc['passwords'], { consent, inventory, passwords }: Services) {
  return {
    accounts: rpc.accounts.handler(({ input }) => passwords.accounts(input.clusterId)),
    change: rpc.change.handler(({ input }) => passwords.change(input)),
    finish: rpc.finish.handler(({ input }) => passwords.finish(input)),
    reveal: rpc.reveal.handler(async ({ input: { clusterId, account } }) => {
      const { username, password } = await passwords.given(clusterId, account);
      await consent.reveal(username, inventory.cluster(clusterId)?.title ?? clusterId);
      return { password };
    }),
  };
}
