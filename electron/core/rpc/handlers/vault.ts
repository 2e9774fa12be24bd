import type { Rpc } from '../implementer';
import type { Services } from '../services';
import { subscription } from '../subscription';

/** The vault; secrets go in through other calls and never come out to the page. */
export function vaultHandlers(rpc: Rpc['vault'], { vault }: Services) {
  return {
    status: rpc.status.handler(({ signal }) => subscription((push) => vault.onStatus(push), { signal })),
    create: rpc.create.handler(async ({ input }) => {
      await vault.create(input.passphrase);
      return null;
    }),
    unlock: rpc.unlock.handler(async ({ input }) => {
      await vault.unlock(input.passphrase);
      return null;
    }),
    useSession: rpc.useSession.handler(() => {
      vault.useSession();
      return null;
    }),
  };
}
