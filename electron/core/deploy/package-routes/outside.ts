import { lookup } from 'node:dns/promises';
import type { Duplex } from 'node:stream';
import { directDial } from '../../clusters/connect/direct-dial';

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
  dial: (address, port) => directDial(address, port, connectMs),
};
