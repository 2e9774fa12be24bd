import type { ArchiveResource, ProgramLink, VirtualenvResource } from '../../../../shared/model/deploy/plan';
import { quoteWord } from '../../ssh/run/quote';
import type { PackageWay } from '../offline/package-way';
import { uploadDirectory } from '../sources/upload-place';

/** Programs of somebody else in the search path stay what they are. */
const linkFunction = String.raw`
link() {
  if [ -L "$1" ]; then case $(readlink -- "$1") in /opt/matriarch/*) ;; *) return 0 ;; esac; elif [ -e "$1" ]; then return 0; fi
  [ -e "$2" ] || return 0
  ln -sfn -- "$2" "$1"
}`;

function linkLines(links: readonly ProgramLink[]): readonly string[] {
  return [linkFunction, ...links.map((link) => `link ${quoteWord(link.path)} ${quoteWord(link.to)}`)];
}

/**
 * Unpacks a release archive into a directory of its own. The sum is compared before the archive is opened, the programs
 * are seen to run before they are put in place, and the user they run as is made where it is missing. The server fetches
 * by apt's own downloader, which every Debian has and which knows the way that packages take.
 */
export function archiveFragment(resource: ArchiveResource, stateDirectory: string, way: PackageWay): string {
  const { file, sha256, directory, programs, links, user, home } = resource;
  return [
    `FILE=${quoteWord(file)} SUM=${quoteWord(sha256)} DIR=${quoteWord(directory)} OWNER=${quoteWord(user)} PLACE=${quoteWord(home)}`,
    `mkdir -p -m 0755 -- "$STATE"; T=$(mktemp -d "$STATE/archive.XXXXXX"); trap 'rm -rf -- "$T"' EXIT`,
    resource.url === null ? localArchive(stateDirectory) : fetchedArchive(resource.url, way),
    String.raw`
sum=$(sha256sum < "$A" | cut -d' ' -f1)
[ "$sum" = "$SUM" ] || { echo "The SHA-256 of the archive $FILE is $sum, and the spec says $SUM: nothing was unpacked." >&2; exit 1; }
mkdir -- "$T/x"
tar -xzf "$A" -C "$T/x" --no-same-owner || { echo "The archive $FILE cannot be unpacked." >&2; exit 1; }
mkdir -p -m 0755 -- "$(dirname -- "$DIR")"
N=$DIR.new; rm -rf -- "$N"; mkdir -m 0755 -- "$N"`,
    `for p in ${programs.map(quoteWord).join(' ')}; do`,
    `  [ -n "$(find "$T/x" -maxdepth 2 -type f -name "$p")" ] || { echo "The archive $FILE holds no program $p." >&2; exit 1; }`,
    'done',
    'find "$T/x" -maxdepth 2 -type f -name "etcd*" -exec install -o root -g root -m 0755 -t "$N" -- {} +',
    '"$N/etcd" --version > "$T/log" 2>&1 || { cat "$T/log" >&2; echo "The programs of the archive $FILE do not run on this server." >&2; exit 1; }',
    `printf '%s\\n' "$SUM" > "$N/.sha256"; sync -f "$N"`,
    'rm -rf --one-file-system -- "$DIR"; mv -- "$N" "$DIR"',
    makeUser,
    ...linkLines(links),
  ].join('\n');
}

function localArchive(stateDirectory: string): string {
  return `A=${quoteWord(uploadDirectory(stateDirectory))}/$FILE\n[ -f "$A" ] || { echo "The archive $FILE did not arrive from the workstation." >&2; exit 1; }`;
}

/** Proxies of the way count here as they do for apt. */
function fetchedArchive(url: string, way: PackageWay): string {
  const words = [
    '-o',
    'APT::Sandbox::User=root',
    '-o',
    'Acquire::Retries=2',
    '-o',
    'Acquire::http::Timeout=30',
    ...way.options,
  ]
    .map(quoteWord)
    .join(' ');
  return [
    `URL=${quoteWord(url)}; A=$T/archive`,
    `/usr/lib/apt/apt-helper ${words} download-file "$URL" "$A" < /dev/null > "$T/log" 2>&1 || {`,
    `  tail -n 5 "$T/log" >&2; echo "The archive $FILE cannot be fetched from $URL." >&2; exit 1`,
    '}',
  ].join('\n');
}

/** Noted before it is made: an undo takes users away that came with the deployment, and no others. */
const makeUser = String.raw`
if ! getent group "$OWNER" >/dev/null; then echo "$OWNER" >> "$STATE/groups.made"; groupadd --system "$OWNER"; fi
if ! getent passwd "$OWNER" >/dev/null; then
  echo "$OWNER" >> "$STATE/users.made"
  useradd --system --gid "$OWNER" --no-create-home --home-dir "$PLACE" --shell /usr/sbin/nologin "$OWNER"
fi`;

/**
 * Makes a virtual environment and lets pip install into it. An environment that was never complete is made anew; one that
 * is in use is changed in place. pip works in a private directory and leaves no cache.
 */
export function virtualenvFragment(resource: VirtualenvResource, stateDirectory: string, way: PackageWay): string {
  const { directory, stamp, requirements, links } = resource;
  const pip = [
    'install',
    '--no-input',
    '--disable-pip-version-check',
    '--no-cache-dir',
    '--progress-bar',
    'off',
    '--retries',
    '2',
    '--timeout',
    '30',
    ...placeOptions(resource, stateDirectory, way),
    ...requirements,
  ];
  return [
    `DIR=${quoteWord(directory)} STAMP=${quoteWord(stamp.path)}`,
    `mkdir -p -m 0755 -- "$STATE"; rm -rf -- "$STATE/pip"; mkdir -m 0700 -- "$STATE/pip"; trap 'rm -rf -- "$STATE/pip"' EXIT`,
    'TMPDIR=$STATE/pip HOME=$STATE/pip; export TMPDIR HOME',
    ...(resource.from.kind === 'own' ? [] : ['PIP_CONFIG_FILE=/dev/null; export PIP_CONFIG_FILE']),
    '[ -f "$STAMP" ] || rm -rf --one-file-system -- "$DIR"',
    'mkdir -p -m 0755 -- "$(dirname -- "$DIR")"',
    '[ -x "$DIR/bin/pip" ] || python3 -m venv "$DIR"',
    `"$DIR/bin/pip" ${pip.map(quoteWord).join(' ')} < /dev/null`,
    '"$DIR/bin/patroni" --version < /dev/null',
    `printf '%s' ${quoteWord(stamp.content)} > "$STAMP.new"; sync -f "$STAMP.new"; mv -f -- "$STAMP.new" "$STAMP"`,
    ...linkLines(links),
  ].join('\n');
}

/** An index without TLS must be named as trusted; the spec's check warns of it. */
function placeOptions({ from }: VirtualenvResource, stateDirectory: string, way: PackageWay): readonly string[] {
  const proxy = way.proxy === null ? [] : ['--proxy', way.proxy];
  switch (from.kind) {
    case 'wheels':
      return ['--no-index', '--find-links', `${uploadDirectory(stateDirectory)}/wheels`];
    case 'own':
      return proxy;
    case 'index': {
      const url = new URL(from.url);
      return ['--index-url', from.url, ...(url.protocol === 'http:' ? ['--trusted-host', url.host] : []), ...proxy];
    }
  }
}
