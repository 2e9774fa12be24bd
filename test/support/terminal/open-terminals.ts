import { createTerminals, type Terminals } from '../../../electron/core/terminal/create-terminals';
import type { RemotePool } from '../../../electron/core/ssh/remote';
import { clusterEntrySchema, type ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Server } from '../../../shared/model/connect/server';
import type { OpenedTerminal, TerminalEnd, TerminalTarget } from '../../../shared/model/terminal/terminal';
import { ACKNOWLEDGE_AFTER } from '../../../shared/rules/terminal/output-window';

/** Terminals on the servers of a pool, without live clusters. */
export function terminalsOn(
  pool: Pick<RemotePool, 'remote'>,
  servers: readonly Server[],
  clusters: readonly ClusterEntry[] = [],
): Terminals {
  return createTerminals({
    inventory: {
      server: (id) => servers.find((server) => server.id === id),
      cluster: (id) => clusters.find((cluster) => cluster.id === id),
      clusters: () => clusters,
    },
    hub: { state: () => null },
    remotes: pool,
    record: () => Promise.resolve(),
  });
}

/** A cluster of the inventory with one member, on a server. */
export function clusterOn(serverId: string, change: Partial<ClusterEntry> = {}): ClusterEntry {
  return clusterEntrySchema.parse({
    id: 'orders',
    title: 'orders',
    scope: 'orders',
    namespace: 'service',
    members: [{ name: 'db1', serverId, apiUrl: 'http://127.0.0.1:8008/patroni', postgresPort: 5432 }],
    etcd: null,
    rest: { tls: null, auth: null },
    ...change,
  });
}

/** A terminal as a page uses it. */
export interface ReadTerminal {
  readonly opened: OpenedTerminal;
  /** Everything shown so far. */
  text(): string;
  type(text: string): Promise<void>;
  /** Resolves when the terminal has ended. */
  readonly end: Promise<TerminalEnd>;
}

/** Opens a terminal and reads it as a page does that shows everything at once. `onBytes` sees what comes, as it comes. */
export async function openAsPage(
  terminals: Terminals,
  target: TerminalTarget,
  size = { columns: 80, rows: 24 },
  onBytes: (bytes: Buffer) => void = () => undefined,
): Promise<ReadTerminal> {
  const opened = await terminals.open({ target, size, unchecked: true });
  let text = '';
  const read = async (): Promise<TerminalEnd> => {
    let seen = 0;
    let acknowledged = 0;
    for await (const item of terminals.read(opened.id, 0)) {
      if (item.kind === 'ended') return item.end;
      const bytes = Buffer.from(item.data, 'base64');
      seen += bytes.length;
      onBytes(bytes);
      text += bytes.toString('utf8');
      if (seen - acknowledged < ACKNOWLEDGE_AFTER) continue;
      acknowledged = seen;
      terminals.acknowledge(opened.id, seen);
    }
    return { kind: 'closed' };
  };
  return { opened, text: () => text, type: (typed) => terminals.write(opened.id, Buffer.from(typed)), end: read() };
}
