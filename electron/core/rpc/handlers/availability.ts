import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** The availability of clusters. */
export function availabilityHandlers(rpc: Rpc['availability'], { availability }: Services) {
  return {
    months: rpc.months.handler(({ input }) => availability.months(input.clusterId, input.zone)),
    report: rpc.report.handler(({ input }) => availability.report(input.clusterId, input.month)),
  };
}
