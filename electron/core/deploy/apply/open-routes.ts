import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { DeployPlan } from '../../../../shared/model/deploy/plan';
import type { Verdicts } from '../../../../shared/rules/deploy/check/check-plan';
import type { Remote } from '../../ssh/remote';
import { checkBundle } from '../bundle/bundle-file';
import { openBundleRoute, removeBundle } from '../bundle/bundle-route';
import { outside } from '../package-routes/outside';
import type { Fetched } from '../resources/resource-handler';
import { fetchedBy } from './resource-handlers';
import { directRoute, type PackageRoute } from '../package-routes/package-route';
import { openThroughWorkstation, type OpenRoute } from '../package-routes/through-workstation';

/** What opening the routes to packages works with. */
export interface RoutesInput {
  readonly spec: ClusterSpec;
  /** Servers that will install something. */
  readonly servers: readonly string[];
  /** Servers of the plan that have all they need; what an interrupted run left there is taken away. */
  readonly settled: readonly string[];
  readonly stateDirectory: string;
  readonly connectNamed: (server: string) => Remote;
  readonly log: (server: string, level: 'info' | 'error', text: string) => void;
  /** What is so now, with the share that is done where it is known. */
  readonly detail: (text: string, progress?: number) => void;
  readonly signal: AbortSignal;
}

/** The routes to packages of all servers during one run. */
export interface Routes {
  of(server: string): PackageRoute;
  close(): Promise<void>;
}

/** Servers of a plan on which something is still to be fetched, and those that have it all. A bundle holds packages alone. */
export function installations(
  spec: ClusterSpec,
  plan: DeployPlan,
  verdicts: Verdicts,
): Pick<RoutesInput, 'servers' | 'settled'> {
  const needed: readonly Fetched[] = spec.sources.route.kind === 'bundle' ? ['packages'] : ['packages', 'programs'];
  const steps = plan.steps.filter((step) => needed.includes(fetchedBy(step)));
  const servers = new Set(steps.filter((step) => verdicts.get(step.id)?.action !== 'none').map((step) => step.server));
  return {
    servers: [...servers],
    settled: [...new Set(steps.map((step) => step.server))].filter((server) => !servers.has(server)),
  };
}

/** Opens the spec's route to packages on all these servers; none stays open when one cannot be opened. */
export async function openRoutes(input: RoutesInput): Promise<Routes> {
  const open = new Map<string, OpenRoute>();
  const close = async (): Promise<void> => {
    await Promise.all(
      [...open].map(([server, route]) =>
        route.close().catch((thrown: unknown) => {
          input.log(
            server,
            'error',
            `The route to packages was not closed: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
          );
        }),
      ),
    );
  };
  const opener = await openerFor(input);
  const results = await Promise.allSettled(
    input.servers.map(async (server) => {
      const route = await opener(server);
      if (route !== null) open.set(server, route);
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await close();
    throw failed.reason;
  }
  return { of: (server) => open.get(server)?.route ?? directRoute, close };
}

type Opener = (server: string) => Promise<OpenRoute | null>;

async function openerFor(input: RoutesInput): Promise<Opener> {
  const { spec, connectNamed, log } = input;
  const { route } = spec.sources;
  switch (route.kind) {
    case 'direct':
      return () => Promise.resolve(null);
    case 'through_workstation':
      return async (server) => {
        const route = await openThroughWorkstation(connectNamed(server), spec.sources, outside, (asked, why) => {
          log(server, 'error', `Not let through this computer: ${asked}: ${why}.`);
        });
        log(server, 'info', 'Packages come through this computer.');
        return route;
      };
    case 'bundle':
      return bundleOpener(input, route.file);
  }
}

/** The bundle is checked once, before anything is sent; what an interrupted run left is taken away everywhere. */
async function bundleOpener(input: RoutesInput, file: string): Promise<Opener> {
  const { spec, servers, settled, connectNamed, stateDirectory, detail, signal, log } = input;
  await Promise.all(settled.map((server) => removeBundle(connectNamed(server), stateDirectory)));
  if (servers.length === 0) return () => Promise.resolve(null);
  detail('Check the bundle');
  const bundle = await checkBundle(file);
  const keys = spec.sources.repositories.flatMap(({ keyPem }) => (keyPem === undefined ? [] : [keyPem]));
  const sent = new Map<string, number>();
  const tell = (): void => {
    const bytes = [...sent.values()].reduce((sum, one) => sum + one, 0);
    detail(`Upload the bundle to ${servers.length} servers`, Math.min(1, bytes / (bundle.bytes * servers.length)));
  };
  return async (server) => {
    const route = await openBundleRoute(connectNamed(server), bundle, stateDirectory, keys, {
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
    return route;
  };
}
