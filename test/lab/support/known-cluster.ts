import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestClient, TestConnection } from '../../support/app/app';
import type { ReferenceCluster } from './cluster-file';
import type { ClusterOptions, Lab, LabOptions, NodeName } from './lab';
import { openPageLab, type PageLab } from './page-lab';

/** A cluster that others set up, known to a running app whose page is open. */
export interface KnownClusterLab {
  readonly opened: PageLab;
  readonly cluster: ReferenceCluster;
  readonly core: TestConnection;
  readonly clusterId: string;
  /** Runs a command as root on a server. */
  on(name: NodeName, command: string): Promise<string>;
  /** Asks a server's PostgreSQL as the system user postgres; unaligned rows. */
  psql(name: NodeName, query: string): Promise<string>;
  close(): Promise<void>;
}

/** The servers of the lab, each of which runs a member of the cluster, and how the cluster lies on them. */
interface KnownClusterOptions extends LabOptions {
  readonly nodes: readonly NodeName[];
  /** Without it: plain. */
  readonly layout?: ClusterOptions['layout'];
  readonly restAuth?: boolean;
  /** TLS and passwords for the REST API and etcd. */
  readonly secured?: boolean;
  /** HAProxy and PgBouncer on every server. */
  readonly proxy?: boolean;
}

/**
 * Sets up servers and a cluster by hand, and makes it known to the app by the host keys and the key of the lab.
 * `patienceMs`: how long to wait for text on the page, ms.
 */
export async function openKnownCluster(
  { layout = 'plain', restAuth = false, secured = false, proxy = false, ...options }: KnownClusterOptions,
  patienceMs: number,
): Promise<KnownClusterLab> {
  const opened = await openPageLab({ image: 'stack', ...options }, { patienceMs });
  try {
    const security = secured
      ? { restAuth: true, restTls: true, restClientCerts: 'optional' as const, etcdAuth: true, etcdTls: true }
      : { restAuth };
    const cluster = await opened.lab.cluster({ layout, proxy, nodes: options.nodes, ...security });
    await trustHostKeys(opened, options.nodes);
    const core = await opened.app.connect();
    await core.client.vault.useSession();
    const clusterId = await addCluster(opened.lab, core.client, options.nodes);
    const on = (name: NodeName, command: string): Promise<string> => opened.lab.node(name).exec(command);
    return {
      opened,
      cluster,
      core,
      clusterId,
      on,
      psql: (name, query) => on(name, `su postgres -c "psql -XAtq -p ${cluster.port} -c \\"${query}\\""`),
      close: async () => {
        core.close();
        await opened.close();
      },
    };
  } catch (thrown) {
    await opened.close();
    throw thrown;
  }
}

/** The user of this home directory knows the servers already: their host keys are where OpenSSH keeps them. */
export async function trustHostKeys(
  { lab, directory }: Pick<PageLab, 'lab' | 'directory'>,
  nodes: readonly NodeName[],
): Promise<void> {
  const { stdout } = await promisify(execFile)(
    'ssh-keyscan',
    nodes.map((name) => lab.node(name).ip),
  );
  await mkdir(join(directory, '.ssh'), { recursive: true });
  await writeFile(join(directory, '.ssh', 'known_hosts'), stdout);
}

/** Makes these servers known to an app whose vault is open, as root with the lab's key. */
export async function addServers(
  lab: Lab,
  client: TestClient,
  nodes: readonly NodeName[],
): Promise<Awaited<ReturnType<TestClient['servers']['add']>>[]> {
  const added = [];
  for (const name of nodes)
    added.push(
      await client.servers.add({
        name,
        host: lab.node(name).ip,
        user: 'root',
        auth: { kind: 'key', keyPath: lab.keyPath },
        sudo: { kind: 'root' },
      }),
    );
  return added;
}

/** Makes these servers and the cluster on the first of them known to an app whose vault is open; answers its id. */
export async function addCluster(
  lab: Lab,
  client: TestClient,
  nodes: readonly NodeName[],
  title = 'Orders',
): Promise<string> {
  const added = await addServers(lab, client, nodes);
  const serverId = added[0]?.id ?? '';
  const found = await client.clusters.discover({ serverId });
  const entry = await client.clusters.addDiscovered({ serverId, key: found.clusters[0]?.key ?? '', title });
  return entry.id;
}
