/** The first lines of the scripts; who answers in a server's place knows them by these. */
export const MEMBER_FILE_SCRIPTS = {
  look: '# matriarch:member-file-look v1',
  check: '# matriarch:member-file-check v1',
  place: '# matriarch:member-file-place v1',
  reload: '# matriarch:member-file-reload v1',
} as const;

/** Exit codes by which the scripts say what they found. */
export const MEMBER_FILE_EXIT = {
  missing: 44,
  incomplete: 46,
  changed: 60,
  noProgram: 61,
  notFound: 62,
  otherOwner: 63,
  late: 64,
} as const;

const COMMON = String.raw`
LC_ALL=C; export LC_ALL
umask 077
me=$(id -u)
as_user() {
  as=$1
  shift
  if [ "$me" != 0 ] || [ "$as" = root ] || [ -z "$as" ] || ! id "$as" >/dev/null 2>&1; then "$@"
  elif command -v runuser >/dev/null 2>&1; then (cd / && runuser -u "$as" -- "$@")
  else (cd / && su -s /bin/sh -c 'exec "$@"' -- "$as" sh "$@"); fi
}
# The process that was started with this file or directory, by the user of the service: "PID", then its words up to "patroni".
running() {
  for dir in /proc/[0-9]*; do
    words=$(tr '\0' '\n' < "$dir/cmdline" 2>/dev/null | sed -n '1,12p')
    case "$words" in *patroni*) ;; *) continue ;; esac
    owner=$(id -un "$(awk '/^Uid:/ { print $2; exit }' "$dir/status" 2>/dev/null)" 2>/dev/null)
    [ "$owner" = "$2" ] || continue
    [ -z "$1" ] || printf '%s\n' "$words" | grep -qxF -e "$1" || continue
    program=$(printf '%s\n' "$words" | awk '
      { print; base = $0; sub(/.*\//, "", base) }
      base ~ /^patroni(\.py|\.bin)?$/ { found = 1; exit }
      END { exit !found }') || continue
    printf '%s\n%s\n' "$(basename "$dir")" "$program"
    return 0
  done
  return 1
}
`;

/** Says of each file who owns it and whether the text before lies beside it: `OWNER:GROUP MODE yes|no`, a line for each argument. */
export const LOOK_SCRIPT = `${MEMBER_FILE_SCRIPTS.look}
for file in "$@"; do
  backup=no
  real=$(readlink -f -- "$file")
  [ -f "$real.matriarch-backup" ] && backup=yes
  printf '%s %s\\n' "$(stat -L -c '%U:%G %a' -- "$file" 2>/dev/null || echo '? ?')" "$backup"
done
`;

/**
 * Lets Patroni validate a configuration with another text in place of one of its files, and the one that is in place now; neither is
 * changed. Its arguments are that file, what Patroni is started with, its user, and the size of the text in bytes; standard input is
 * the text, then the variables of the service, \`NAME=VALUE\` lines with the character 1 for a line break. It prints a line for each
 * complaint, \`before TEXT\` or \`after TEXT\`, and \`end\`.
 */
export const CHECK_SCRIPT = `${MEMBER_FILE_SCRIPTS.check}
${COMMON}${String.raw`
target=$1 started=$2 user=$3 size=$4
[ -f "$target" ] || exit 44
real=$(readlink -f -- "$target")
work=$(mktemp -d "$(dirname -- "$real")/.matriarch-XXXXXXXX") || exit 1
trap 'rm -rf -- "$work"' EXIT
trap 'exit 129' HUP INT TERM
mkdir "$work/before" "$work/after"
if [ -d "$started" ]; then
  for part in "$started"/*.yml "$started"/*.yaml; do
    [ -f "$part" ] && cat -- "$part" > "$work/before/$(basename -- "$part")"
  done
  cp -- "$work/before/"* "$work/after/"
  was=$work/before now=$work/after
else
  cat -- "$real" > "$work/before/$(basename -- "$target")"
  was=$work/before/$(basename -- "$target") now=$work/after/$(basename -- "$target")
fi
head -c "$size" > "$work/after/$(basename -- "$target")"
[ "$(wc -c < "$work/after/$(basename -- "$target")")" -eq "$size" ] || exit 46
if [ "$me" = 0 ] && [ -n "$user" ] && id "$user" >/dev/null 2>&1; then chown -R -h -- "$user" "$work"; fi
while IFS= read -r line; do
  name=$(printf '%s' "$line" | sed 's/=.*//')
  case "$name" in PATRONI_*[!A-Za-z0-9_]*) continue ;; PATRONI_*) ;; *) continue ;; esac
  value=$(printf '%s' "$line" | sed '1s/^[^=]*=//' | tr '\001' '\n')
  export "$name=$value"
done
program=$(running "$started" "$user" | sed 1d)
[ -n "$program" ] || program=$(command -v patroni) || exit 61
limit=''
command -v timeout >/dev/null 2>&1 && limit='timeout 40'
validate() {
  path=$1
  shift
  old_ifs=$IFS
  IFS='
'
  set -f
  # shellcheck disable=SC2086
  set -- $program "$@"
  set +f
  IFS=$old_ifs
  as_user "$user" $limit "$@" "$path" </dev/null 2>&1
}
complaints() {
  said=$(validate "$2" --validate-config -i)
  code=$?
  case "$said" in
    *'unrecognized arguments'*)
      said=$(validate "$2" --validate-config)
      code=$?
      rest=$(printf '%s\n' "$said" | grep -v 'is already in use' | grep -v '^ *$')
      [ -n "$said" ] && [ -z "$rest" ] && return 0
      said=$rest ;;
  esac
  [ "$code" = 0 ] && return 0
  [ -n "$said" ] || said="patroni --validate-config ended with exit code $code."
  printf '%s\n' "$said" | tail -c 20000 | grep -v '^ *$' | tail -n 60 | sed "s|^|$1 |"
}
complaints before "$was"
complaints after "$now"
echo end
`}`;

/**
 * Puts a text in place of a file as long as the file is what it was: atomically, with the owner, group and mode of the file, whose old
 * text stays beside it. Its arguments are the file, the size of the text in bytes, the SHA-256 of the file that is replaced, and what
 * stands behind its name where the old text is kept;
 * standard input is the text. It prints the SHA-256 of what is in place afterwards. Both texts are on the disk before either is put in
 * place. It changes nothing where it could not keep owner, group and mode, nor later than 20 s after it began: who lost its answer can
 * tell by then what became of the file.
 */
export const PLACE_SCRIPT = `${MEMBER_FILE_SCRIPTS.place}
${COMMON}${String.raw`
set -eu
target=$1 size=$2 before=$3 kept=${'$'}{4:-.matriarch-backup} began=$(date +%s)
[ -f "$target" ] || exit 44
real=$(readlink -f -- "$target")
sum() { sha256sum < "$1" | sed 's/ .*//'; }
[ "$(sum "$real")" = "$before" ] || exit 60
work=$(mktemp -d "$(dirname -- "$real")/.matriarch-XXXXXXXX")
trap 'rm -rf -- "$work"' EXIT
trap 'exit 129' HUP INT TERM
head -c "$size" > "$work/upload"
[ "$(wc -c < "$work/upload")" -eq "$size" ] || exit 46
cp -p -- "$real" "$work/backup"
cp -p -- "$real" "$work/ready"
cat -- "$work/upload" > "$work/ready"
placement() { stat -c %u:%g:%a -- "$1"; }
[ "$me" = 0 ] || [ "$(placement "$work/ready")" = "$(placement "$real")" ] || exit 63
sync "$work/ready" "$work/backup" 2>/dev/null || sync
[ "$(sum "$work/backup")" = "$before" ] || exit 60
[ "$(sum "$real")" = "$before" ] || exit 60
[ "$(($(date +%s) - began))" -le 20 ] || exit 64
mv -f -- "$work/backup" "$real$kept"
mv -f -- "$work/ready" "$real"
if command -v restorecon >/dev/null 2>&1; then restorecon -- "$real" "$real$kept" 2>/dev/null || true; fi
sum "$real"
`}`;

/** Asks the Patroni that was started with a file or a directory, by a user, to reload: both are arguments. For where REST cannot. */
export const RELOAD_SCRIPT = `${MEMBER_FILE_SCRIPTS.reload}
${COMMON}${String.raw`
pid=$(running "$1" "$2" | sed -n 1p)
[ -n "$pid" ] || exit 62
kill -HUP "$pid"
`}`;
