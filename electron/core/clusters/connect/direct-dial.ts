import { once } from 'node:events';
import { connect } from 'node:net';
import type { Dial } from '../../platform/dial';
import { TimeoutError, withDeadline } from '../../platform/wait';

/** A TCP connection from this computer, without SSH. Rejects with Node's own error code, or ETIMEDOUT. */
export const directDial: Dial = async (host, port, timeoutMs) => {
  const socket = connect({ host, port, noDelay: true });
  try {
    await withDeadline({ timeoutMs }, (signal) => once(socket, 'connect', { signal }));
    return socket;
  } catch (thrown) {
    socket.destroy();
    if (!(thrown instanceof TimeoutError)) throw thrown;
    throw Object.assign(new Error(`${host}:${String(port)} did not answer in time.`, { cause: thrown }), {
      code: 'ETIMEDOUT',
    });
  }
};
