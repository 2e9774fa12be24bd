import type { ArchiveResource } from '../../../../../shared/model/deploy/plan';
import { quoteWord } from '../../../ssh/run/quote';
import type { PackageRoute } from '../../package-routes/package-route';
import { uploadDirectory } from '../../sources/upload-place';
import type { ScriptContext } from '../script-context';
import { scriptLinks } from './program-links';

/**
 * Unpacks a release archive into a directory of its own. The sum is compared before the archive is opened, the programs
 * are seen to run before they are put in place, and the user they run as is made where it is missing. The server fetches
 * by apt's own downloader, which every Debian has and which knows the route that packages take.
 */
export function scriptArchive(resource: ArchiveResource, { stateDirectory, packages }: ScriptContext): string {
  const { file, sha256, directory, programs, links, user, home } = resource;
  return [
    `FILE=${quoteWord(file)} SUM=${quoteWord(sha256)} DIR=${quoteWord(directory)} OWNER=${quoteWord(user)} PLACE=${quoteWord(home)}`,
    `mkdir -p -m 0755 -- "$STATE"; T=$(mktemp -d "$STATE/archive.XXXXXX"); trap 'rm -rf -- "$T"' EXIT`,
    resource.url === null ? localArchive(stateDirectory) : fetchedArchive(resource.url, packages),
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
    '"$N/etcd" --version > "$T/log" 2>&1 || {',
    '  cat "$T/log" >&2; echo "The programs of the archive $FILE do not run on this server." >&2; exit 1',
    '}',
    `printf '%s\\n' "$SUM" > "$N/.sha256"; sync -f "$N"`,
    'rm -rf --one-file-system -- "$DIR"; mv -- "$N" "$DIR"',
    makeUser,
    ...scriptLinks(links),
  ].join('\n');
}

function localArchive(stateDirectory: string): string {
  return [
    `A=${quoteWord(uploadDirectory(stateDirectory))}/$FILE`,
    '[ -f "$A" ] || { echo "The archive $FILE did not arrive from the workstation." >&2; exit 1; }',
  ].join('\n');
}

/** Proxies of the route count here as they do for apt. */
function fetchedArchive(url: string, route: PackageRoute): string {
  const words = [
    '-o',
    'APT::Sandbox::User=root',
    '-o',
    'Acquire::Retries=2',
    '-o',
    'Acquire::http::Timeout=30',
    ...route.options,
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
