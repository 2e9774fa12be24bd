import { knownCluster } from '../../inventory/cluster-edits';
import type { Rpc } from '../implementer';
import type { Services } from '../services';
import { subscription } from '../subscription';

/** The figures of clusters over time. */
export function statisticsHandlers(rpc: Rpc['statistics'], { inventory, statistics, prometheus }: Services) {
  return {
    view: rpc.view.handler(({ input }) =>
      statistics.view(knownCluster(inventory, input.clusterId).id, input, input.most),
    ),
    follow: rpc.follow.handler(({ input, signal }) => {
      const { id } = knownCluster(inventory, input.clusterId);
      return subscription((push) => statistics.follow(id, push), { signal });
    }),
    keep: rpc.keep.handler(async ({ input }) => {
      await statistics.keep(knownCluster(inventory, input.clusterId).id, input.on);
      return null;
    }),
    prometheus: rpc.prometheus.handler(({ input }) => prometheus.place(knownCluster(inventory, input.clusterId).id)),
    usePrometheus: rpc.usePrometheus.handler(async ({ input }) => {
      await prometheus.use(knownCluster(inventory, input.clusterId).id, input.place);
      return null;
    }),
    fromPrometheus: rpc.fromPrometheus.handler(({ input }) =>
      prometheus.view(knownCluster(inventory, input.clusterId).id, input),
    ),
  };
}
