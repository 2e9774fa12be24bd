import { connect } from 'node:net';
import type { Dial } from '../../platform/dial';

/** A TCP connection from this computer, without SSH. Rejects with Node's own error code, or ETIMEDOUT. */
export const directDial: Dial = (host, port, timeoutMs) =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(Object.assign(new Error(`${host}:${String(port)} did not answer in time.`), { code: 'ETIMEDOUT' }));
    }, timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.setNoDelay(true);
      resolve(socket);
    });
    socket.once('error', (thrown) => {
      clearTimeout(timer);
      reject(thrown);
    });
  });
