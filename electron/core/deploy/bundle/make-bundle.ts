import { AppError, appError } from '../../../../shared/model/app-error';
import type { BundleSource, CheckedBundle } from '../../../../shared/model/deploy/bundle';
import type { Job } from '../../../../shared/model/operate/job';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import type { AptRepository } from '../../../../shared/model/deploy/spec/source-spec';
import { bundleMisfit, type PackageSystem } from '../../../../shared/rules/deploy/offline/bundle-fits';
import { wantedPackages } from '../../../../shared/rules/deploy/offline/wanted-packages';
import type { JobContext, JobEngine } from '../../jobs/job-engine';
import type { Remote } from '../../ssh/remote';
import { keyed } from '../sources/keys';
import { checkBundle, exists, writeBundle } from './bundle-file';
import { collect } from './collect';
import { localCollector, type Collector } from './local-collector';
import { outside } from '../package-routes/outside';
import { directRoute } from '../package-routes/package-route';
import { refuseUnsafe } from '../../../../shared/rules/deploy/spec/refuse-unsafe';
import { openThroughWorkstation, type OpenRoute } from '../package-routes/through-workstation';

/** What making bundles works with. `connectNamed` finds a server of the spec or of the inventory; it throws where there is none. */
export interface BundlerDeps {
  readonly jobs: JobEngine;
  readonly now: () => number;
  readonly connectServer: (server: ServerSpec) => Remote;
  readonly connectNamed: (name: string, spec: ClusterSpec) => Remote;
}

/** A bundle that is wished for. */
export interface BundleRequest {
  readonly spec: ClusterSpec;
  readonly source: BundleSource;
  /** Where it is written to on this computer; nothing that stands there is overwritten. */
  readonly file: string;
  readonly requestId: string;
}

/** Collects packages for servers without access. */
export interface Bundler {
  /** Starts a job of the kind `bundle`. Rejects with `deploy.bundle_exists`. */
  make(request: BundleRequest): Promise<Job>;
  /** Reads a bundle whole; see `checkBundle` for how it rejects. */
  check(file: string): Promise<CheckedBundle>;
}

/** Makes the bundler. */
export function createBundler(deps: BundlerDeps): Bundler {
  return {
    check: checkBundle,
    make: async (request) => {
      if (await exists(request.file))
        throw appError('deploy.bundle_exists', `There is a file ${request.file} already.`, {
          target: request.file,
          hint: 'Choose another name, or remove it.',
        });
      const { spec } = request;
      const title = `Collect packages for ${spec.title ?? spec.scope}`;
      return deps.jobs.start(
        {
          kind: 'bundle',
          clusterId: null,
          clusterTitle: spec.title ?? spec.scope,
          title,
          target: request.file,
          command: 'npm run deploy -- bundle',
          confirmation: null,
          phases: [
            { id: 'look', label: 'See what the servers have' },
            { id: 'collect', label: 'Collect the packages' },
            { id: 'write', label: 'Write and check the bundle' },
          ],
          exclusive: `bundle:${request.file}`,
          cancellable: true,
          requestId: request.requestId,
        },
        async (context) => {
          const bundle = await makeBundle(deps, request, context);
          const facts = { packages: bundle.manifest.packages.length, bytes: bundle.bytes, sha256: bundle.sha256 };
          return {
            status: 'done',
            result: {
              sentence: `${facts.packages} packages (${Math.round(bundle.bytes / 1024 ** 2)} MB) are in ${request.file}.`,
              withoutPrimaryMs: null,
              facts,
            },
          };
        },
      );
    },
  };
}

async function makeBundle(deps: BundlerDeps, request: BundleRequest, context: JobContext): Promise<CheckedBundle> {
  const { spec, source } = request;
  refuseUnsafe(spec);
  context.phase('look', 'checking');
  const collector = source.kind === 'workstation' ? localCollector : deps.connectNamed(source.server, spec);
  const [own, targets] = await Promise.all([
    lookAt(collector, false),
    Promise.all(spec.servers.map((server) => lookAtTarget(deps.connectServer(server), context))),
  ]);
  refuseMisfits(collector.name, own, targets);
  context.phase('collect', 'running');
  const repositories = await repositoriesOf(deps, request);
  const opened =
    source.kind === 'server' && source.throughWorkstation
      ? await throughHere(deps.connectNamed(source.server, spec), spec, context)
      : null;
  try {
    const collection = await collect(collector, {
      packages: wantedPackages(spec),
      statuses: targets.map((target) => target.status),
      repositories,
      route: opened?.route ?? directRoute,
      now: deps.now(),
      signal: context.signal,
      onLine: (text) => {
        context.detail(text.slice(0, 200));
      },
    });
    try {
      context.phase('write');
      await write(request.file, collection, context);
    } finally {
      await collection.close();
    }
  } finally {
    await opened?.close();
  }
  return checkBundle(request.file);
}

/** The repositories that the spec adds, with their keys; the collector's apt is not changed by them. */
async function repositoriesOf(deps: BundlerDeps, { spec, source }: BundleRequest): Promise<readonly AptRepository[]> {
  const keys = await keyed(
    spec.sources.repositories,
    source.kind === 'server' ? deps.connectNamed(source.server, spec) : undefined,
  );
  const failed = keys.find((entry) => entry.error !== null);
  if (failed?.error) throw new AppError(failed.error);
  return keys.map((entry) => entry.repository);
}

async function write(
  file: string,
  collection: Awaited<ReturnType<typeof collect>>,
  context: JobContext,
): Promise<void> {
  const { manifest, index } = collection;
  const names = new Map(manifest.packages.map((entry) => [entry.file, `${entry.name} ${entry.version}`]));
  const total = [...manifest.origins, ...manifest.packages].reduce((sum, entry) => sum + entry.bytes, 0);
  let read = 0;
  await writeBundle(file, manifest, index, async (entry) => {
    if (context.signal.aborted) throw appError('deploy.stopped', 'Stopped by you; no bundle was written.');
    const content = await collection.read(entry);
    read += content.length;
    context.detail(names.get(entry.file) ?? 'What the archives signed', read / total);
    return content;
  });
}

function throughHere(remote: Remote, spec: ClusterSpec, context: JobContext): Promise<OpenRoute> {
  return openThroughWorkstation(remote, spec.sources, outside, (asked, why) => {
    context.log('warning', `Not let through this computer: ${asked}: ${why}.`);
  });
}

/** A server as the collecting sees it: its system, and dpkg's list of what it has. */
interface Looked {
  readonly name: string;
  readonly system: PackageSystem | null;
  readonly status: Buffer;
}

const describe = `
. /etc/os-release
printf '%s\\t%s\\t%s\\n' "$ID" "$VERSION_CODENAME" "$(dpkg --print-architecture)"
[ "$1" != status ] || cat /var/lib/dpkg/status`;

async function lookAt(collector: Collector, withStatus: boolean): Promise<Looked> {
  const result = await collector.script(describe, [withStatus ? 'status' : 'no'], {
    timeoutMs: 60_000,
    maxOutputBytes: 64 * 1024 * 1024,
  });
  if (result.exitCode !== 0)
    throw appError('deploy.bundle_no_apt', `${collector.name} is no Debian system.`, {
      target: collector.name,
      hint: 'Collect the bundle on a Debian server of the same release.',
    });
  const end = result.stdout.indexOf('\n');
  const [id = '', codename = '', architecture = ''] = result.stdout.slice(0, end).split('\t');
  return {
    name: collector.name,
    system: { id, codename, architecture },
    status: Buffer.from(result.stdout.slice(end + 1)),
  };
}

/** A server that cannot be asked is taken to have nothing: the bundle is larger, and it is enough. */
async function lookAtTarget(remote: Remote, context: JobContext): Promise<Looked> {
  try {
    return await lookAt(remote, true);
  } catch (thrown) {
    context.log(
      'warning',
      `${remote.name} could not be asked what it has (${thrown instanceof Error ? thrown.message : String(thrown)}); ` +
        'everything is collected for it.',
    );
    return { name: remote.name, system: null, status: Buffer.alloc(0) };
  }
}

function refuseMisfits(name: string, own: Looked, targets: readonly Looked[]): void {
  for (const target of targets) {
    if (own.system === null || target.system === null) continue;
    const misfit = bundleMisfit({ release: own.system, architecture: own.system.architecture }, target.system);
    if (misfit !== null)
      throw appError('deploy.bundle_wrong_release', `A bundle from ${name} is not for ${target.name}. ${misfit}`, {
        target: target.name,
        hint: 'Collect it on a server of the same release and architecture, for instance on this one through this computer.',
      });
  }
}
