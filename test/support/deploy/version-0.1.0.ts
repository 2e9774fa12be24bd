import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Records of a run as version 0.1.0 began and ended its journal: no version, no id of the cluster. */
export interface OldRun {
  readonly id: string;
  readonly kind?: string;
  readonly scope?: string;
  readonly namespace?: string;
  readonly servers: readonly string[];
  readonly startedAt: number;
  readonly status?: 'done' | 'failed';
}

/** Where a server of these fixtures is. All sites have the same private addresses. */
const sites: Readonly<Record<string, { readonly host: string; readonly address: string }>> = {
  'paris-1': { host: 'paris-1.example.net', address: '10.0.0.11' },
  'paris-2': { host: 'paris-2.example.net', address: '10.0.0.12' },
  'oslo-1': { host: 'oslo-1.example.net', address: '10.0.0.11' },
  'oslo-2': { host: 'oslo-2.example.net', address: '10.0.0.12' },
};

const server = (name: string) => ({
  name,
  ssh: { server: `id-${name}` },
  address: sites[name]?.address ?? '',
  roles: ['etcd', 'postgres'],
  tags: {},
});

/** The spec in a journal of version 0.1.0, every default filled in, as it was kept. */
function oldSpec(run: Pick<OldRun, 'scope' | 'namespace' | 'servers'>) {
  return {
    version: 1,
    scope: run.scope ?? 'main',
    namespace: run.namespace ?? '/service/',
    servers: run.servers.map(server),
    adopted: [],
    sources: {
      repositories: [],
      etcd: { kind: 'packages' },
      patroni: { kind: 'packages' },
      route: { kind: 'direct' },
    },
    postgres: {
      port: 5432,
      parameters: {},
      hba: [],
      encoding: 'UTF8',
      locale: 'C.UTF-8',
      dataChecksums: true,
      basebackup: { checkpoint: 'fast' },
      replicaMethods: [],
    },
    patroni: {
      restPort: 8008,
      ttl: 30,
      loopWait: 10,
      retryTimeout: 10,
      maximumLagOnFailover: 1_048_576,
      synchronousMode: 'off',
      synchronousModeStrict: false,
      synchronousNodeCount: 1,
      failsafeMode: false,
      slots: {},
      watchdog: 'off',
      restUser: 'patroni',
    },
    etcd: { clientPort: 2379, peerPort: 2380, external: [] },
    accounts: { superuser: 'postgres', replication: 'replicator', rewind: 'rewind_user' },
    users: [{ name: 'app', options: ['login'] }],
    databases: [{ name: 'app', owner: 'app' }],
    clientNetworks: [],
    tls: 'off',
    haproxy: { primaryPort: 5000, replicaPort: 5001, statsPort: 7000, maxConnections: 2000 },
    pgbouncer: { port: 6432, poolMode: 'transaction', maxClientConnections: 1000, defaultPoolSize: 20 },
  };
}

/** A data directory as version 0.1.0 left it. */
export interface OldData {
  readonly runs?: readonly OldRun[];
  /** Ids of the vault by the names of secrets, by scope. */
  readonly pages?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly drafts?: readonly { readonly id: string; readonly servers: readonly string[]; readonly run?: string }[];
  /** The clusters of the inventory, each with its id and its members. */
  readonly clusters?: readonly { readonly id: string; readonly scope?: string; readonly members: readonly string[] }[];
}

/** Writes what version 0.1.0 would have left in a data directory. */
export function writeOldData(directory: string, data: OldData): void {
  const deploy = join(directory, 'deploy');
  mkdirSync(join(deploy, 'runs'), { recursive: true });
  for (const run of data.runs ?? []) {
    const head = {
      type: 'run',
      id: run.id,
      kind: run.kind ?? 'apply',
      scope: run.scope ?? 'main',
      title: `Set up ${run.scope ?? 'main'}`,
      startedAt: run.startedAt,
      spec: oldSpec(run),
    };
    const end = { type: 'end', at: run.startedAt + 1, status: run.status ?? 'done', error: null };
    writeFileSync(join(deploy, 'runs', `${run.id}.jsonl`), `${JSON.stringify(head)}\n${JSON.stringify(end)}\n`);
  }
  for (const [scope, names] of Object.entries(data.pages ?? {}))
    writeFileSync(join(deploy, `secrets-${encodeURIComponent(scope)}.json`), JSON.stringify(names, null, 2));
  if (data.drafts !== undefined)
    writeFileSync(join(deploy, 'drafts.json'), JSON.stringify({ version: 1, drafts: data.drafts.map(oldDraft) }));
  writeFileSync(join(directory, 'inventory.json'), JSON.stringify(oldInventory(data)));
}

function oldDraft(draft: NonNullable<OldData['drafts']>[number]) {
  return {
    id: draft.id,
    title: 'main',
    step: 'review',
    savedAt: 1,
    spec: {
      spec: oldSpec({ servers: draft.servers }),
      entry: { lines: '', fields: { user: 'root', auth: 'agent', keyPath: '', sudo: 'root', jump: [] } },
      rolesChosen: true,
      suggested: true,
      named: [],
      convert: null,
      run: draft.run === undefined ? null : { id: draft.run, estimateMs: 1 },
    },
  };
}

function oldInventory({ clusters = [] }: OldData) {
  return {
    version: 1,
    servers: Object.entries(sites).map(([name, { host }]) => ({
      id: `id-${name}`,
      name,
      host,
      port: 22,
      user: 'root',
      auth: { kind: 'agent' },
      sudo: { kind: 'root' },
      jump: [],
      tags: [],
    })),
    clusters: clusters.map(({ id, scope = 'main', members }) => ({
      id,
      title: scope,
      scope,
      namespace: '/service/',
      tags: [],
      production: false,
      readOnly: false,
      members: members.map((name) => ({
        name,
        serverId: `id-${name}`,
        apiUrl: `http://${sites[name]?.address ?? ''}:8008/patroni`,
      })),
      etcd: null,
      rest: { tls: null, auth: null },
      origin: 'deployed',
    })),
    settings: {
      version: 1,
      theme: 'system',
      pollVisibleMs: 2000,
      pollHiddenMs: 10_000,
      density: 'comfortable',
      timeScale: 1,
      firstRunDone: true,
      plainKeychainAllowed: false,
    },
  };
}
