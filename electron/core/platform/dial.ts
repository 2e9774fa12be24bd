import type { Duplex } from 'node:stream';

/**
 * Opens a byte stream to host:port by whatever connection leads there: through a server's SSH connection, or directly.
 * Rejects with an `ssh.*` error, or with Node's own error code when it dials directly.
 */
export type Dial = (host: string, port: number, timeoutMs: number) => Promise<Duplex>;
