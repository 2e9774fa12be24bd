import { join } from 'node:path';
import { build } from 'vite';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Server } from '../../../shared/model/connect/server';
import { emptyInventory } from '../../../electron/core/inventory/inventory-file';
import { writePrivateFile } from '../../../electron/core/platform/private-file';
import { hostKeyAlgorithm } from '../../../electron/core/ssh/authenticate/host-keys';
import { repositoryRoot } from '../../support/app/app';
import { builtPage } from '../../support/browser/built-page';
import { tempDirectory } from '../../support/temp';
import { Child } from './child-calls';
import type { CoreCalls } from './core-process';

/** A host key that is known before the start. `key` is its blob. */
export interface KnownHost {
  readonly host: string;
  readonly port: number;
  readonly key: Buffer;
}

/** What the user's files hold at the start. */
export interface BenchInventory {
  readonly servers: readonly Server[];
  readonly clusters: readonly ClusterEntry[];
  readonly hosts: readonly KnownHost[];
}

/** A core that is measured. */
export interface BenchCore {
  readonly child: Child<CoreCalls>;
  close(): Promise<void>;
}

/** Builds the core as the app's own programs are built, and starts it in a process of its own. `page` is the built page by default. */
export async function startCore(inventory: BenchInventory, page?: string): Promise<BenchCore> {
  const [program, pageRoot, temp] = await Promise.all([buildCore(), page ?? builtPage(), tempDirectory()]);
  await writePrivateFile(
    join(temp.path, 'inventory.json'),
    JSON.stringify({ ...emptyInventory(), servers: inventory.servers, clusters: inventory.clusters }),
  );
  await writePrivateFile(join(temp.path, 'known_hosts'), inventory.hosts.map(knownHostLine).join(''));
  const child = new Child<CoreCalls>(program, [temp.path, pageRoot]);
  await child.ask('usage', null);
  return {
    child,
    close: async () => {
      await child.ask('close', null).catch(() => undefined);
      await child.end();
      await temp.remove();
    },
  };
}

function knownHostLine({ host, port, key }: KnownHost): string {
  return `${port === 22 ? host : `[${host}]:${port}`} ${hostKeyAlgorithm(key)} ${key.toString('base64')}\n`;
}

async function buildCore(): Promise<string> {
  const outDir = join(repositoryRoot, 'test', 'results', 'bench', 'core');
  await build({
    root: repositoryRoot,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    ssr: { target: 'node' },
    build: {
      ssr: 'test/bench/support/core-process.ts',
      outDir,
      emptyOutDir: true,
      target: 'node20',
      minify: false,
      sourcemap: true,
      rollupOptions: { output: { entryFileNames: 'core-process.js' } },
    },
  });
  return join(outDir, 'core-process.js');
}
