import type { ClientTls } from '../../platform/http/tls-stream';
import type { Remote } from '../../ssh/remote';

/** How services of the cluster are asked: each through the SSH connection of the server it is on. */
export interface ProbeContext {
  readonly connectNamed: (server: string) => Remote;
  readonly tls: ClientTls | null;
  /** Longest wait for one answer, ms. */
  readonly timeoutMs: number;
}
