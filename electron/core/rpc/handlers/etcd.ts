import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** The etcd of a cluster. */
export function etcdHandlers(rpc: Rpc['etcd'], { etcdAdmin, consent }: Services) {
  return {
    look: rpc.look.handler(({ input }) => etcdAdmin.look(input.clusterId)),
    keys: rpc.keys.handler(({ input }) => etcdAdmin.keys(input.clusterId)),
    preview: rpc.preview.handler(({ input }) => etcdAdmin.preview(input.clusterId, input.action)),
    act: rpc.act.handler(async ({ input }) => {
      if (input.action.kind === 'snapshot' && input.action.file !== null) await consent.file(input.action.file);
      return etcdAdmin.act(input);
    }),
  };
}
