import type { PackagesResource } from '../../../../../shared/model/deploy/plan';
import { quoteWord } from '../../../ssh/run/quote';
import type { ScriptContext } from '../script-context';

/** Options of every apt call: wait for a running apt, keep files that were written before, leave no archives behind. */
const aptOptions = [
  '-o',
  'DPkg::Lock::Timeout=300',
  '-o',
  'Acquire::Retries=3',
  '-o',
  'APT::Keep-Downloaded-Packages=false',
  '-o',
  'Dpkg::Options::=--force-confdef',
  '-o',
  'Dpkg::Options::=--force-confold',
  '-o',
  'Dpkg::Use-Pty=0',
  '-o',
  'Dpkg::Options::=--force-unsafe-io',
];

/**
 * Lists without the translated descriptions, which an installation does not read; those that are there stay. Where there are some, they are
 * asked for as ever: apt keeps one cache for one set of lists, and to make it anew costs seconds of computing at each change.
 */
const listOptions = `lists='-o APT::Get::List-Cleanup=false'
ls /var/lib/apt/lists/*_i18n_Translation-* > /dev/null 2>&1 || lists="$lists -o Acquire::Languages=none"`;

/**
 * Installs packages. Their units are masked before, so that none starts with the settings it was packaged with:
 * not now, and not at a reboot in between (the packages themselves let systemd read its units again before they start one); each unit's own
 * step takes its mask away. What was installed before is
 * noted first, so that an undo knows what came with it. apt runs in a session of its own with its output in a
 * file: a lost connection does not tear an installation apart. dpkg does not wait for the disk at each file, which takes a
 * quarter of the time: all is written out at the end, and what a power cut may have left unwritten is installed once more.
 */
export function scriptPackages(resource: PackagesResource, { stateDirectory, packages: route }: ScriptContext): string {
  const words = (list: readonly string[]): string => list.map(quoteWord).join(' ');
  const apt = `apt-get ${words([...aptOptions, ...route.options])}`;
  const log = `${stateDirectory}/apt.log`;
  return [
    `mkdir -p -m 0755 -- "$STATE"`,
    noteBefore,
    resource.units.length === 0
      ? ':'
      : [
          `m=; for u in ${words(resource.units)}; do`,
          '  [ "$(systemctl show -p LoadState --value "$u")" = loaded ] || m="$m $u"',
          'done',
          `[ -z "$m" ] || said=$(systemctl --no-reload mask -q $m 2>&1) || { printf '%s\\n' "$said" >&2; exit 1; }`,
        ].join('\n'),
    `LOG=${quoteWord(log)}; : > "$LOG"; chmod 600 "$LOG"`,
    `cat > "$STATE/apt.sh" <<'END_OF_APT'`,
    listOptions,
    againAfterPowerCut(apt, stateDirectory),
    'for l in /var/lib/dpkg/updates/*; do [ -e "$l" ] && dpkg --configure -a --force-confdef --force-confold; break; done',
    '[ -z "$(dpkg --audit)" ] || dpkg --configure -a --force-confdef --force-confold || exit 1',
    ...(resource.refresh || route.refresh ? [`${apt} $lists update -q || exit 1`] : []),
    `${apt} install -y -q --no-install-recommends ${words(resource.packages)} || exit 1`,
    writeOut,
    'END_OF_APT',
    runDetached,
    noteMade,
  ].join('\n');
}

/**
 * Notes before apt begins in which life of the server it did. A note of an earlier life means that the power went before all was
 * written out: each package whose list of files is younger than the note is installed again, and its files are compared with
 * their checksums. The facts look for such notes, too: they make a step that is done be done again.
 */
function againAfterPowerCut(apt: string, stateDirectory: string): string {
  return [
    `notes=${quoteWord(stateDirectory)}; boot=$(cat /proc/sys/kernel/random/boot_id); unwritten=; stale=; oldest=`,
    'for n in "$notes"/unpacking.*; do',
    '  if [ -e "$n" ] && [ "$(cat "$n")" != "$boot" ]; then',
    '    stale="$stale ${n##*/}"; if [ -z "$oldest" ] || [ "$n" -ot "$oldest" ]; then oldest=$n; fi',
    '  fi',
    'done',
    'if [ -n "$oldest" ]; then',
    '  dpkg --configure -a --force-confdef --force-confold || true',
    `  unwritten=$(find /var/lib/dpkg/info -name '*.list' -newer "$oldest" | sed 's|.*/||; s|[.]list$||')`,
    `  ${apt} $lists update -q || exit 1`,
    `  [ -z "$unwritten" ] || ${apt} install -y -q --reinstall --no-install-recommends $unwritten || exit 1`,
    `  bad=$([ -z "$unwritten" ] || dpkg --verify $unwritten | grep '^..5' | grep -v ' c /' || true)`,
    '  [ -z "$bad" ] || { echo "The power went while packages were unpacked, and these files are damaged: $bad" >&2; exit 1; }',
    'fi',
    'own=unpacking.$$',
    'echo "$boot" > "$notes/.$own" && sync "$notes/.$own" && mv -- "$notes/.$own" "$notes/$own" && sync "$notes" || exit 1',
  ].join('\n');
}

/** Nobody waits for the disk: the notes go when everything is there. Each file system once. */
const writeOut = String.raw`
filesystems=$(stat -c '%d %n' /usr /etc /var | sort -u -k 1,1 | cut -d ' ' -f 2)
cd "$notes" && setsid sh -c 'places=$1; shift; sync -f $places && rm -f -- "$@"' \
  sh "$filesystems" "$own" $stale < /dev/null > /dev/null 2>&1 &`;

/** The lists of what was there, put in place in one step; kept until they were compared. */
const noteBefore = String.raw`
if [ ! -d "$STATE/before" ]; then
  rm -rf -- "$STATE/before.new"; mkdir -- "$STATE/before.new"
  dpkg-query -W -f '\${db:Status-Abbrev} \${Package}\n' | awk '$1 ~ /^.i/ { print $2 }' | sort -u > "$STATE/before.new/packages"
  getent passwd | cut -d: -f1 | sort > "$STATE/before.new/users"
  getent group | cut -d: -f1 | sort > "$STATE/before.new/groups"
  note_etc
  sync -- "$STATE"/before.new/* "$STATE"; mv -- "$STATE/before.new" "$STATE/before"
fi`.replaceAll('\\$', '$');

/** A pipe to a connection that is gone would end apt; a file does not. */
const runDetached = String.raw`
setsid sh "$STATE/apt.sh" < /dev/null >> "$LOG" 2>&1 &
p=$!
tail -n +1 -f --pid=$p "$LOG" 2>/dev/null &
t=$!
r=0; wait $p || r=$?
wait $t || true
rm -f -- "$STATE/apt.sh"
[ $r = 0 ] || exit $r
rm -f -- "$LOG"`;

const noteMade = String.raw`
dpkg-query -W -f '\${db:Status-Abbrev} \${Package}\n' | awk '$1 ~ /^.i/ { print $2 }' | sort -u > "$STATE/now.packages"
getent passwd | cut -d: -f1 | sort > "$STATE/now.users"
getent group | cut -d: -f1 | sort > "$STATE/now.groups"
for w in packages users groups; do
  { cat "$STATE/$w.made" 2>/dev/null || true; comm -13 "$STATE/before/$w" "$STATE/now.$w"; } | sort -u > "$STATE/$w.made.new"
  mv -f -- "$STATE/$w.made.new" "$STATE/$w.made"; rm -f -- "$STATE/now.$w"
done
sync -- "$STATE"/*.made "$STATE"; rm -rf -- "$STATE/before"`.replaceAll('\\$', '$');
