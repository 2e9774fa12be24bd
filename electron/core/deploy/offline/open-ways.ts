import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { DeployPlan } from '../../../../shared/model/deploy/plan';
import type { Verdicts } from '../../../../shared/rules/deploy/check/check-plan';
import type { Remote } from '../../ssh/remote';
import { checkBundle } from './bundle-file';
import { openBundleWay, removeBundle } from './bundle-way';
import { outside } from './outside';
import { directWay, type PackageWay } from './package-way';
import { openThroughWorkstation, type OpenWay } from './through-workstation';

/** What opening the ways to packages works with. */
export interface WaysInput {
  readonly spec: ClusterSpec;
  /** Servers that will install something. */
  readonly servers: readonly string[];
  /** Servers of the plan that have all they need; what an interrupted run left there is taken away. */
  readonly settled: readonly string[];
  readonly stateDirectory: string;
  readonly remoteOf: (server: string) => Remote;
  readonly log: (server: string, level: 'info' | 'error', text: string) => void;
  /** What is so now, with the share that is done where it is known. */
  readonly detail: (text: string, progress?: number) => void;
  readonly signal: AbortSignal;
}

/** The ways to packages of all servers during one run. */
export interface Ways {
  of(server: string): PackageWay;
  close(): Promise<void>;
}

/** What a way is needed for. A bundle holds packages alone. */
const fetching = { packages: ['packages'], all: ['packages', 'archive', 'virtualenv'] } as const;

/** Servers of a plan on which something is still to be installed, and those that have it all. */
export function installations(
  spec: ClusterSpec,
  plan: DeployPlan,
  verdicts: Verdicts,
): Pick<WaysInput, 'servers' | 'settled'> {
  const kinds: readonly string[] = spec.sources.route.kind === 'bundle' ? fetching.packages : fetching.all;
  const steps = plan.steps.filter((step) => kinds.includes(step.resource.kind));
  const servers = new Set(steps.filter((step) => verdicts.get(step.id)?.action !== 'none').map((step) => step.server));
  return {
    servers: [...servers],
    settled: [...new Set(steps.map((step) => step.server))].filter((server) => !servers.has(server)),
  };
}

/** Opens the spec's way to packages on all these servers; none stays open when one cannot be opened. */
export async function openWays(input: WaysInput): Promise<Ways> {
  const open = new Map<string, OpenWay>();
  const close = async (): Promise<void> => {
    await Promise.all(
      [...open].map(([server, way]) =>
        way.close().catch((thrown: unknown) => {
          input.log(
            server,
            'error',
            `The way to packages was not closed: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
          );
        }),
      ),
    );
  };
  const opener = await openerFor(input);
  const results = await Promise.allSettled(
    input.servers.map(async (server) => {
      const way = await opener(server);
      if (way !== null) open.set(server, way);
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await close();
    throw failed.reason;
  }
  return { of: (server) => open.get(server)?.way ?? directWay, close };
}

type Opener = (server: string) => Promise<OpenWay | null>;

async function openerFor(input: WaysInput): Promise<Opener> {
  const { spec, remoteOf, log } = input;
  const { route } = spec.sources;
  switch (route.kind) {
    case 'direct':
      return () => Promise.resolve(null);
    case 'through_workstation':
      return async (server) => {
        const way = await openThroughWorkstation(remoteOf(server), spec.sources, outside, (asked, why) => {
          log(server, 'error', `Not let through this computer: ${asked}: ${why}.`);
        });
        log(server, 'info', 'Packages come through this computer.');
        return way;
      };
    case 'bundle':
      return bundleOpener(input, route.file);
  }
}

/** The bundle is checked once, before anything is sent; what an interrupted run left is taken away everywhere. */
async function bundleOpener(input: WaysInput, file: string): Promise<Opener> {
  const { servers, settled, remoteOf, stateDirectory, detail, signal, log } = input;
  await Promise.all(settled.map((server) => removeBundle(remoteOf(server), stateDirectory)));
  if (servers.length === 0) return () => Promise.resolve(null);
  detail('Check the bundle');
  const bundle = await checkBundle(file);
  const sent = new Map<string, number>();
  const tell = (): void => {
    const bytes = [...sent.values()].reduce((sum, one) => sum + one, 0);
    detail(`Upload the bundle to ${servers.length} servers`, Math.min(1, bytes / (bundle.bytes * servers.length)));
  };
  return async (server) => {
    const way = await openBundleWay(remoteOf(server), bundle, stateDirectory, {
      signal,
      onProgress: (bytes) => {
        sent.set(server, bytes);
        tell();
      },
    });
    log(
      server,
      'info',
      `The bundle is there (${bundle.manifest.packages.length} packages, ${Math.round(bundle.bytes / 1024 ** 2)} MB).`,
    );
    return way;
  };
}
