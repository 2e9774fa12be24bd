import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** How this computer itself reaches the world: names by its own resolver, plain TCP. */
export interface Outside {
  readonly resolve: (host: string) => Promise<readonly string[]>;
  readonly dial: (address: string, port: number) => Promise<Duplex>;
}

/** Longest wait for a connection, ms. */
const connectMs = 15_000;

/** The route of this computer. */
export const outside: Outside = {
  resolve: async (host) => (await lookup(host, { all: true })).map((entry) => entry.address),
  dial: (address, port) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: address, port, noDelay: true });
      const timer = setTimeout(() => {
        socket.destroy(new Error(`${address} does not answer within ${connectMs / 1000} s`));
      }, connectMs);
      socket.once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      socket.once('connect', () => {
        clearTimeout(timer);
        resolve(socket);
      });
    }),
};
