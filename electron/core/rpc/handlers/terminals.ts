import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** Terminals on servers. */
export function terminalHandlers(rpc: Rpc['terminals'], { terminals }: Services) {
  return {
    open: rpc.open.handler(({ input }) => terminals.open(input)),
    output: rpc.output.handler(({ input, signal }) => terminals.read(input.id, input.from, signal)),
    write: rpc.write.handler(async ({ input }) => {
      await terminals.write(input.id, Buffer.from(input.data, 'base64'));
      return null;
    }),
    resize: rpc.resize.handler(({ input }) => {
      terminals.resize(input.id, input.size);
      return null;
    }),
    acknowledge: rpc.acknowledge.handler(({ input }) => {
      terminals.acknowledge(input.id, input.upTo);
      return null;
    }),
    activity: rpc.activity.handler(({ input }) => terminals.activity(input.id)),
    close: rpc.close.handler(({ input }) => {
      terminals.close(input.id);
      return null;
    }),
  };
}
