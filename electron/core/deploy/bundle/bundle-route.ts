import { appError, type AppError } from '../../../../shared/model/app-error';
import type { CheckedBundle } from '../../../../shared/model/deploy/bundle';
import { bundleMisfit } from '../../../../shared/rules/deploy/offline/bundle-fits';
import type { Remote, RunResult } from '../../ssh/remote';
import type { PackageRoute } from '../package-routes/package-route';
import type { OpenRoute } from '../package-routes/through-workstation';

const quickMs = 60_000;

/** What uploading tells and obeys. */
export interface UploadEvents {
  readonly onProgress: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** A private, empty place; what it leaves behind says which system this is and how much room there is. */
const prepare = `
set -e; umask 077
mkdir -p -m 0755 -- "$(dirname -- "$1")"
rm -rf -- "$1"; mkdir -- "$1"
. /etc/os-release
printf '%s\\t%s\\t%s\\t%s\\n' "$ID" "$VERSION_CODENAME" "$(dpkg --print-architecture)" "$(df -Pk "$1" | awk 'NR == 2 { print $4 }')"
`;

/** The file is compared with what was checked here before it is opened. */
const unpack = `
set -e; umask 077
cd -- "$1"
printf '%s  bundle.tar\\n' "$2" | sha256sum -c --status || { echo 'The bundle did not arrive as it was sent.' >&2; exit 41; }
tar -xf bundle.tar --no-same-owner --no-same-permissions
rm -f bundle.tar
mkdir -p lists/partial
printf 'deb [trusted=yes] file:%s ./\\n' "$1" > sources.list
`;

/** Where a bundle lies on a server while it is installed from. */
function bundleDirectory(stateDirectory: string): string {
  return `${stateDirectory}/bundle`;
}

/**
 * Puts a bundle on a server and lets apt read it, and it alone, during this run. Its hashes were checked before;
 * apt checks each package again against the bundle's list. Rejects with `deploy.bundle_wrong_release`,
 * `deploy.bundle_no_room` or `deploy.bundle_not_sent`.
 */
export async function openBundleRoute(
  remote: Remote,
  bundle: CheckedBundle,
  stateDirectory: string,
  events: UploadEvents,
): Promise<OpenRoute> {
  const directory = bundleDirectory(stateDirectory);
  const close = (): Promise<void> => removeBundle(remote, stateDirectory);
  try {
    judge(remote.name, await remote.script(prepare, [directory], { timeoutMs: quickMs, sudo: true }), bundle);
    await remote.uploadFile(
      bundle.file,
      `${directory}/bundle.tar`,
      { mode: 0o600, sudo: true },
      events.onProgress,
      events.signal,
    );
    const unpacked = await remote.script(unpack, [directory, bundle.sha256], { timeoutMs: 600_000, sudo: true });
    if (unpacked.exitCode !== 0) throw notSent(remote.name, unpacked);
    return { route: bundleRoute(directory), close };
  } catch (thrown) {
    await close().catch(() => undefined);
    throw thrown;
  }
}

function judge(server: string, prepared: RunResult, bundle: CheckedBundle): void {
  if (prepared.exitCode !== 0) throw notSent(server, prepared);
  const [id = '', codename = '', architecture = '', free = '0'] = prepared.stdout.trim().split('\t');
  const misfit = bundleMisfit(bundle.manifest, { id, codename, architecture });
  if (misfit !== null)
    throw appError('deploy.bundle_wrong_release', `The bundle ${bundle.file} is not for ${server}. ${misfit}`, {
      target: server,
      hint: 'Collect a bundle for this release and architecture.',
    });
  // The file and what is unpacked from it lie beside each other for a moment, and the upload is placed by a copy.
  const needed = 2 * bundle.bytes;
  if (Number(free) * 1024 < needed)
    throw appError(
      'deploy.bundle_no_room',
      `${server} has ${Math.round(Number(free) / 1024)} MB free, and the bundle needs ${Math.ceil(needed / 1024 ** 2)} MB for a while.`,
      { target: server, hint: 'Make room under /var/lib.' },
    );
}

function notSent(server: string, result: RunResult): AppError {
  return appError(
    'deploy.bundle_not_sent',
    `The bundle could not be put on ${server}: ${result.stderr.trim().slice(0, 300) || `exit code ${result.exitCode}`}`,
    { target: server, hint: 'Try again; look for room under /var/lib.', retryable: true },
  );
}

/** apt with a private source list, private lists and no caches: the server's own are neither read nor changed. */
function bundleRoute(directory: string): PackageRoute {
  const options = [
    `Dir::Etc::sourcelist=${directory}/sources.list`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${directory}/lists`,
    'Dir::Cache::pkgcache=',
    'Dir::Cache::srcpkgcache=',
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
  ];
  return { options: options.flatMap((option) => ['-o', option]), refresh: true, proxy: null };
}

/** Takes a bundle away from a server, also one that an interrupted run left. */
export async function removeBundle(remote: Remote, stateDirectory: string): Promise<void> {
  await remote.run(['rm', '-rf', '--one-file-system', '--', bundleDirectory(stateDirectory)], {
    timeoutMs: quickMs,
    sudo: true,
  });
}
