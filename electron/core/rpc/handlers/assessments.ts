import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** What a new major version of PostgreSQL would take. */
export function assessmentHandlers(rpc: Rpc['assessments'], { assessments }: Services) {
  return {
    view: rpc.view.handler(({ input }) => assessments.view(input.clusterId)),
    offers: rpc.offers.handler(({ input }) => assessments.offers(input.clusterId)),
    preview: rpc.preview.handler(({ input }) => assessments.preview(input.clusterId, input.choice)),
    start: rpc.start.handler(({ input }) => assessments.start(input)),
    clean: rpc.clean.handler(({ input }) => assessments.clean(input)),
    removePackages: rpc.removePackages.handler(({ input }) => assessments.removePackages(input)),
  };
}
