import type { Dial } from '../platform/dial';
import { createLocalEndpoint } from '../ssh/tunnel/local-endpoint';

/** A connection to an etcd member's client port that gRPC can use: `unix:/path` or host:port. */
export interface OpenedEndpoint {
  readonly target: string;
  /** Why the connection could not be made last, where gRPC sees only a closed one; null when it could. */
  why(): unknown;
  close(): Promise<void>;
}

const DIAL_TIMEOUT_MS = 5_000;

/**
 * Opens a connection through `dial` for gRPC, which can only be given an address. It is dialled once before, so that a refusal
 * (of a login, or of the port) is thrown as what it is; gRPC's first connection goes over that stream.
 */
export async function openEndpoint(dial: Dial, host: string, port: number): Promise<OpenedEndpoint> {
  const first = await dial(host, port, DIAL_TIMEOUT_MS);
  first.on('error', () => undefined);
  let last: unknown = null;
  let spare: typeof first | null = first;
  const dialOnce = async (): ReturnType<Dial> => {
    const opened = spare;
    spare = null;
    if (opened !== null && !opened.destroyed) return opened;
    const stream = await dial(host, port, DIAL_TIMEOUT_MS);
    last = null;
    return stream;
  };
  const local = await createLocalEndpoint(dialOnce, {
    onDialError: (thrown) => {
      last = thrown;
    },
  }).catch((thrown: unknown) => {
    first.destroy();
    throw thrown;
  });
  const close = (): Promise<void> => {
    spare?.destroy();
    return local.close();
  };
  return { target: local.address, why: () => last, close };
}
