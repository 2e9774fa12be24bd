import { exportHistory } from '../history-export';
import type { Rpc } from '../implementer';
import type { Services } from '../services';
import { subscription } from '../subscription';

/** Operations on a cluster. */
export function operationHandlers(rpc: Rpc['operations'], { operations }: Services) {
  return {
    preview: rpc.preview.handler(({ input }) => operations.preview(input.clusterId, input.operation)),
    start: rpc.start.handler(({ input }) => operations.start(input)),
  };
}

/** Jobs that run now or ran in this session. */
export function jobHandlers(rpc: Rpc['jobs'], { jobs }: Services) {
  return {
    watch: rpc.watch.handler(({ signal }) => subscription((push) => jobs.watch(push), { signal })),
    cancel: rpc.cancel.handler(({ input }) => {
      jobs.cancel(input.id);
      return null;
    }),
  };
}

/** What was done, kept on disk. */
export function historyHandlers(rpc: Rpc['history'], { jobs, now }: Services) {
  return {
    list: rpc.list.handler(({ input }) => jobs.history(input.clusterId, input.limit)),
    check: rpc.check.handler(() => jobs.checkHistory()),
    export: rpc.export.handler(({ input }) => ({
      fileName: `matriarch-history-${new Date(now()).toISOString().slice(0, 10)}.${input.format}`,
      text: exportHistory(jobs.history(null, 20_000), input.format),
    })),
  };
}
