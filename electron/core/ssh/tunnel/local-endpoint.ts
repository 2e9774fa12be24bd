import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { appError } from '../../../../shared/model/app-error';

/** A local address that leads to one remote one, for a library that can only be given an address. */
export interface LocalEndpoint {
  /** `unix:/path` in a directory only this user may enter, or `127.0.0.1:port` where there are no unix sockets. */
  readonly address: string;
  /** Ends the endpoint, every stream through it, and removes its directory. Twice does nothing more. */
  close(): Promise<void>;
}

/** What an endpoint reports to its owner. */
export interface LocalEndpointOptions {
  /** Why a stream could not be opened; the library itself only sees a closed connection. */
  readonly onDialError?: (error: unknown) => void;
  /** `win32` has no unix sockets that gRPC can use. */
  readonly platform?: NodeJS.Platform;
}

/** Opens a local endpoint each of whose connections becomes one `dial`. Throws `ssh.local_endpoint_failed`. */
export async function createLocalEndpoint(
  dial: () => Promise<Duplex>,
  options: LocalEndpointOptions = {},
): Promise<LocalEndpoint> {
  const open = new Set<Duplex>();
  const server = createServer((socket) => {
    void connectThrough(socket, dial, open, options.onDialError);
  });
  const directory =
    (options.platform ?? process.platform) === 'win32' ? null : await mkdtemp(join(tmpdir(), 'matriarch-'));
  try {
    const address = await listen(server, directory);
    return { address, close: () => closeAll(server, open, directory) };
  } catch (thrown) {
    if (directory !== null) await rm(directory, { recursive: true, force: true });
    throw appError('ssh.local_endpoint_failed', 'A local address for a tunnel could not be opened.', {
      cause: thrown,
      hint: 'Check that the temporary directory exists and is writable.',
    });
  }
}

function listen(server: Server, directory: string | null): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    if (directory !== null) {
      const path = join(directory, 's');
      server.listen(path, () => {
        resolve(`unix:${path}`);
      });
      return;
    }
    server.listen(0, '127.0.0.1', () => {
      const at = server.address();
      resolve(`127.0.0.1:${typeof at === 'object' && at !== null ? at.port : 0}`);
    });
  });
}

async function connectThrough(
  socket: Socket,
  dial: () => Promise<Duplex>,
  open: Set<Duplex>,
  onDialError: ((error: unknown) => void) | undefined,
): Promise<void> {
  open.add(socket);
  socket.on('error', () => undefined);
  socket.once('close', () => {
    open.delete(socket);
  });
  try {
    joinStreams(socket, await dial());
  } catch (thrown) {
    onDialError?.(thrown);
    socket.destroy();
  }
}

/** Two streams as one: data with back-pressure in both directions, and the end of either ends the other. */
function joinStreams(socket: Socket, stream: Duplex): void {
  if (socket.destroyed) {
    stream.destroy();
    return;
  }
  socket.setNoDelay(true);
  stream.on('error', () => {
    socket.destroy();
  });
  stream.once('close', () => {
    socket.destroy();
  });
  socket.once('close', () => {
    stream.destroy();
  });
  socket.pipe(stream).pipe(socket);
}

async function closeAll(server: Server, open: Set<Duplex>, directory: string | null): Promise<void> {
  for (const stream of open) stream.destroy();
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  if (directory !== null) await rm(directory, { recursive: true, force: true });
}
