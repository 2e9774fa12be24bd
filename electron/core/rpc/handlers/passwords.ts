import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** The passwords of a cluster's accounts. */
export function passwordHandlers(rpc: Rpc['passwords'], { passwords }: Services) {
  return {
    accounts: rpc.accounts.handler(({ input }) => passwords.accounts(input.clusterId)),
    change: rpc.change.handler(({ input }) => passwords.change(input)),
    finish: rpc.finish.handler(({ input }) => passwords.finish(input)),
    reveal: rpc.reveal.handler(({ input }) => passwords.reveal(input.clusterId, input.account)),
  };
}
