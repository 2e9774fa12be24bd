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

/**
 * Lets this server's own apt judge who made the packages: it checks the signatures of the archives with the keys that it trusts already
 * and those of the spec; a list counts when its hash stands in a signed word, and a package when its hash stands in such a list. An
 * old signature still tells who made a package, so that its date is not looked at. Arguments: the directory, then keys.
 */
const vouch = String.raw`
set -e; umask 077
cd -- "$1"; d=$1; shift
mkdir -p keys verify/partial
n=0
trust() { n=$((n + 1)); if grep -q -e '-----BEGIN PGP' "$1"; then cp -- "$1" "keys/$n.asc"; else cp -- "$1" "keys/$n.gpg"; fi; }
named() {
  sed -n 's/^ *deb.*[[ ]signed-by=\(\/[^] ,]*\).*/\1/p; s/^[Ss]igned-[Bb]y: *\(\/[^ ,]*\).*/\1/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || :
}
for k in /etc/apt/trusted.gpg /etc/apt/trusted.gpg.d/* /usr/share/keyrings/*-archive-keyring.* $(named); do
  [ ! -s "$k" ] || [ ! -f "$k" ] || trust "$k"
done
for k in "$@"; do n=$((n + 1)); printf '%s\n' "$k" > "keys/$n.asc"; done
for o in origins/*/; do printf 'deb file:%s/%s ./\n' "$d" "$o"; done > verify.list
LC_ALL=C.UTF-8 apt-get -q -o "Dir::Etc::sourcelist=$d/verify.list" -o Dir::Etc::sourceparts=- \
  -o Dir::Etc::trusted=/dev/null -o "Dir::Etc::trustedparts=$d/keys" -o "Dir::State::lists=$d/verify" \
  -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root -o Acquire::Languages=none \
  -o Acquire::AllowInsecureRepositories=false -o Acquire::AllowWeakRepositories=false \
  -o Acquire::AllowDowngradeToInsecureRepositories=false -o Acquire::Check-Valid-Until=false \
  -o Acquire::Check-Date=false -o Acquire::IndexTargets::deb::Packages::DefaultEnabled=false update > verify.said 2>&1 ||
  { grep -e '^W:' -e '^E:' verify.said >&2; exit 42; }
# apt keeps a clear-signed file whole: only what stands between its head and its signature is signed.
awk '
  function bad() { print FILENAME " has more in it than what was signed."; exit 42 }
  FNR == 1 { part = "text"; here = 0 }
  /^-----BEGIN PGP SIGNED MESSAGE-----/ { if (FNR != 1) bad(); part = "head"; next }
  part == "head" && /^[ \t\r]*$/ { part = "text"; next }
  part == "head" { if ($0 !~ /^Hash: [A-Za-z0-9, -]+\r?$/) bad(); next }
  /^-----/ { part = "over" }
  part == "over" { next }
  /^[^ ]/ { here = ($1 == "SHA256:") }
  here && NF == 3 { print $1 }' verify/*Release > hashes || { tail -n 1 hashes >&2; exit 42; }
sort -u hashes > signed
: > vouched
for l in origins/*/list-*.gz; do
  [ -f "$l" ] || { echo 'There is no list of packages in it.' >&2; exit 42; }
  gzip -dc -- "$l" > list || { echo "$l cannot be read." >&2; exit 42; }
  s=$(sha256sum < list | cut -d' ' -f1)
  grep -q -x -F -e "$s" signed || { echo "$l is in no signed list of an archive." >&2; exit 42; }
  sed -n 's/^SHA256: //p' list >> vouched
done
[ -s vouched ] || { echo 'The lists in it name no package.' >&2; exit 42; }
sha256sum -- debs/* > sums || { echo 'Its packages cannot be read.' >&2; exit 42; }
awk 'FILENAME == "vouched" { known[$1] = 1; next }
  !($1 in known) { print $2 " is in no list that an archive signed."; bad = 1 }
  END { exit bad }' vouched sums >&2 || exit 42
rm -rf origins verify verify.list verify.said keys hashes signed vouched list sums
`;

/** Where a bundle lies on a server while it is installed from. */
function bundleDirectory(stateDirectory: string): string {
  return `${stateDirectory}/bundle`;
}

/**
 * Puts a bundle on a server and lets apt read it, and it alone, during this run. Its hashes were checked before; the server's apt
 * judges whose packages they are, and checks each again against the bundle's list. `keys` are armoured keys that count beside those the
 * server trusts. Rejects with `deploy.bundle_wrong_release`, `deploy.bundle_no_room`, `deploy.bundle_not_sent` or
 * `deploy.bundle_untrusted`.
 */
export async function openBundleRoute(
  remote: Remote,
  bundle: CheckedBundle,
  stateDirectory: string,
  keys: readonly string[],
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
    const vouched = await remote.script(vouch, [directory, ...keys], { timeoutMs: 600_000, sudo: true });
    if (vouched.exitCode !== 0) throw untrusted(remote.name, bundle.file, vouched);
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
  // The lists, about a fifth of their size as they are sent, are read but never written unpacked.
  const needed = 2 * bundle.bytes + 32 * 1024 ** 2;
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

function untrusted(server: string, file: string, { stderr, exitCode }: RunResult): AppError {
  const said = stderr.trim().split('\n').slice(0, 3).join(' ').slice(0, 400);
  return appError(
    'deploy.bundle_untrusted',
    `${server} does not trust the bundle ${file}: ${said === '' ? `exit code ${exitCode}` : said}`,
    {
      target: server,
      hint:
        'Nothing was installed from it. Collect it again where you trust the package sources; for a repository of your own, put its key ' +
        "into the spec (sources.repositories, keyPem) or into the servers' apt.",
    },
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
