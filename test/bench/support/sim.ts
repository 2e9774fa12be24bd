import { namespaceSchema } from '../../../shared/model/cluster/namespace';
import { writeFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Server } from '../../../shared/model/connect/server';
import { repositoryRoot } from '../../support/app/app';
import { makeKey } from '../../support/ssh/ssh-server';
import { tempDirectory } from '../../support/temp';
import { Child } from './child-calls';
import type { BenchInventory } from './core';
import type { SimCalls, SimFleet } from './sim-process';

/** The simulator in a process of its own. */
export interface BenchSim {
  readonly child: Child<SimCalls>;
  /** Starts so many clusters more and tells them as an inventory holds them. Scopes and titles are the prefix and a number. */
  start(prefix: string, clusters: number, members: number): Promise<BenchInventory>;
  close(): Promise<void>;
}

/** Starts the simulator. Its servers let one key in. */
export async function startSim(): Promise<BenchSim> {
  const temp = await tempDirectory();
  const key = makeKey();
  const keyPath = join(temp.path, 'id');
  await writeFile(keyPath, key.private, { mode: 0o600 });
  const child = new Child<SimCalls>(join(repositoryRoot, 'test/bench/support/sim-process.ts'), [], ['--import', 'tsx']);
  // The servers of a real fleet have processors of their own: here the simulated ones give way to what is measured.
  setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  return {
    child,
    start: async (prefix, clusters, members) => {
      const fleet = await child.ask('start', {
        prefix,
        clusters,
        members,
        seed: prefix.length * 1009 + clusters,
        authorizedKey: key.public,
      });
      return toInventory(fleet, keyPath);
    },
    close: async () => {
      await child.end();
      await temp.remove();
    },
  };
}

function toInventory(fleet: SimFleet, keyPath: string): BenchInventory {
  const key = Buffer.from(fleet.hostKey, 'base64');
  return {
    servers: fleet.servers.map((server) => toServer(server, keyPath)),
    clusters: fleet.clusters.map(toCluster),
    hosts: fleet.servers.map(({ host, port }) => ({ host, port, key })),
  };
}

function toServer(server: SimFleet['servers'][number], keyPath: string): Server {
  return {
    id: server.name,
    name: server.name,
    host: server.host,
    port: server.port,
    user: server.user,
    auth: { kind: 'key', keyPath },
    sudo: { kind: 'passwordless' },
    jump: [],
    tags: [],
  };
}

function toCluster(cluster: SimFleet['clusters'][number]): ClusterEntry {
  return {
    id: cluster.scope,
    title: cluster.scope,
    scope: cluster.scope,
    namespace: namespaceSchema.parse(cluster.namespace),
    tags: [],
    production: false,
    readOnly: false,
    origin: 'user',
    members: cluster.members.map((member) => ({ name: member.name, serverId: member.server, apiUrl: member.apiUrl })),
    etcd: {
      endpoints: cluster.etcd.map(({ server, host, port }) => ({ host, port, serverId: server })),
      tls: null,
      auth: null,
    },
    rest: { tls: null, auth: null },
  };
}
