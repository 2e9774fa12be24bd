/** The first lines of the scripts; who answers in a server's place knows them by these. */
const DATA_SCRIPTS = {
  look: '# matriarch:repair-data v1',
  aside: '# matriarch:repair-aside v1',
  copy: '# matriarch:repair-copy v1',
  wal: '# matriarch:repair-wal v1',
  stop: '# matriarch:repair-stop v1',
} as const;

/** What is between the name of a data directory and the date, in the name of one that is kept. */
export const KEPT_INFIX = '.matriarch-kept-';

/** Exit codes by which the second script says why it moved nothing. */
export const ASIDE_EXIT = { nothing: 71, exists: 72, runs: 73 } as const;

/** What several scripts begin with: `runs_in` tells whether a PostgreSQL runs in a directory. */
export const RUNS_IN = String.raw`
LC_ALL=C; export LC_ALL
# Whether a PostgreSQL runs in a directory: by its pid file, or by where it works.
runs_in() {
  pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null | tr -dc 0-9)
  if [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = postgres ]; then return 0; fi
  for dir in /proc/[0-9]*; do
    { read -r name < "$dir/comm"; } 2>/dev/null || continue
    [ "$name" = postgres ] || continue
    [ "$(readlink "$dir/cwd" 2>/dev/null)" = "$1" ] && return 0
  done
  return 1
}
`;

/**
 * Looks at a data directory and changes nothing. Its arguments are the directory, and where PostgreSQL's programs are ('': not known).
 * It prints lines of words, with free text in Base64 (`-` for none), between `matriarch-data 1` and `end`.
 */
export const DATA_SCRIPT = `${DATA_SCRIPTS.look}
${RUNS_IN}${String.raw`
word() { x=$(printf '%s' "$1" | base64 | tr -d '\n'); printf '%s' "${'$'}{x:--}"; }
limit=''
command -v timeout >/dev/null 2>&1 && limit='timeout 40'
real=$(readlink -f -- "$1") || real=$1
parent=$(dirname -- "$real")
printf 'matriarch-data 1\n'
printf 'directory %s\n' "$(word "$real")"
if [ -e "$real/global/pg_control" ]; then
  printf 'content cluster\n'
  printf 'id %s\n' "$(od -An -t u8 -N 8 -- "$real/global/pg_control" 2>/dev/null | tr -d ' ')"
  for program in "$2/pg_controldata" "$(command -v pg_controldata)" \
    $(ls -1 /usr/lib/postgresql/*/bin/pg_controldata 2>/dev/null | sort -rV); do
    [ -x "$program" ] || continue
    said=$($limit "$program" -D "$real" 2>/dev/null) || continue
    printf '%s\n' "$said" | sed -n \
      -e "s/^Latest checkpoint's TimeLineID: */timeline /p" \
      -e 's/^Latest checkpoint location: */checkpoint /p'
    timeline=$(printf '%s\n' "$said" | sed -n "s/^Latest checkpoint's TimeLineID: *//p" | tr -dc 0-9)
    file=$real/pg_wal/$(printf '%08X.history' "${'$'}{timeline:-0}")
    if [ "$timeline" = 1 ]; then printf 'history -\n'
    elif [ -r "$file" ]; then printf 'history %s\n' "$(word "$(head -c 20000 -- "$file")")"; fi
    break
  done
  size=$($limit du -sxB1 -- "$real" 2>/dev/null | awk 'NR == 1 { print $1 }')
  [ -n "$size" ] && printf 'size %s\n' "$size"
elif [ ! -d "$real" ] || [ -z "$(ls -A -- "$real" 2>/dev/null)" ]; then printf 'content none\n'
else printf 'content files\n'; fi
where=$real
while [ ! -e "$where" ]; do where=$(dirname -- "$where"); done
printf 'free %s\n' "$(df -PB1 -- "$where" 2>/dev/null | awk 'NR == 2 { print $4 }')"
printf 'used %s\n' "$(df -PB1 -- "$where" 2>/dev/null | awk 'NR == 2 { print $3 }')"
if [ -d "$real" ] && [ "$(stat -c %d -- "$real")" != "$(stat -c %d -- "$parent")" ]; then printf 'mount\n'; fi
for link in "$real"/pg_tblspc/* "$real/pg_wal"; do
  [ -L "$link" ] && printf 'link %s\n' "$(word "$(readlink -f -- "$link")")"
done
runs_in "$real" && printf 'runs\n'
for kept in "$real"${KEPT_INFIX}*; do
  case "$kept" in *.part) continue ;; esac
  [ -e "$kept/global/pg_control" ] && printf 'kept %s\n' "$(word "$kept")"
done
printf 'end\n'
`}`;

/**
 * Moves a data directory aside, and leaves an empty one with its owner, group and mode in its place. Its arguments are the directory and
 * its new name beside it. It moves nothing where a PostgreSQL runs in it, or where the new name is taken. Prints the new name.
 */
export const ASIDE_SCRIPT = `${DATA_SCRIPTS.aside}
${RUNS_IN}${String.raw`
set -eu
data=$1 target=$2
[ -e "$data/global/pg_control" ] || exit ${ASIDE_EXIT.nothing}
[ ! -e "$target" ] || exit ${ASIDE_EXIT.exists}
if runs_in "$data"; then exit ${ASIDE_EXIT.runs}; fi
owner=$(stat -c %u -- "$data") group=$(stat -c %g -- "$data") mode=$(stat -c %a -- "$data")
mv -T -- "$data" "$target"
mkdir -m 700 -- "$data"
if [ "$(id -u)" = 0 ]; then chown "$owner:$group" -- "$data"; fi
chmod "$mode" -- "$data"
if command -v restorecon >/dev/null 2>&1; then restorecon -- "$data" 2>/dev/null || true; fi
sync
printf '%s\n' "$target"
`}`;

/**
 * Copies a data directory under another name beside it: whole, or not at all; where the file system can, without taking room for what
 * both have (reflink). Its arguments are the directory and the new name. It copies nothing where a PostgreSQL runs in it, where the new
 * name is taken, or where part of the data lies elsewhere. Prints the new name.
 */
export const COPY_SCRIPT = `${DATA_SCRIPTS.copy}
${RUNS_IN}${String.raw`
set -eu
data=$1 target=$2
[ -e "$data/global/pg_control" ] || exit ${ASIDE_EXIT.nothing}
[ ! -e "$target" ] || exit ${ASIDE_EXIT.exists}
if runs_in "$data"; then exit ${ASIDE_EXIT.runs}; fi
rm -rf -- "$target.part"
trap 'rm -rf -- "$target.part"' EXIT
trap 'exit 129' HUP INT TERM
cp -a --reflink=auto -- "$data" "$target.part"
sync
if runs_in "$data"; then exit ${ASIDE_EXIT.runs}; fi
mv -T -- "$target.part" "$target"
printf '%s\n' "$target"
`}`;

/**
 * Reads the WAL of a data directory by pg_waldump, and changes nothing. Its arguments are the directory, where PostgreSQL's programs are
 * ('': not known), the timeline, and the position to begin at. It prints `records N`, `commits N`, `last LSN`, `first TIME`,
 * `until TIME`, `rel TABLESPACE/DATABASE/FILE RECORDS` for the files of relations that were changed most, `cut` where there was too much,
 * and `end`.
 */
export const WAL_SCRIPT = `${DATA_SCRIPTS.wal}
${RUNS_IN}${String.raw`
real=$(readlink -f -- "$1") || real=$1
limit=''
command -v timeout >/dev/null 2>&1 && limit='timeout 40'
for program in "$2/pg_waldump" "$(command -v pg_waldump)" $(ls -1 /usr/lib/postgresql/*/bin/pg_waldump 2>/dev/null | sort -rV); do
  [ -x "$program" ] || continue
  $limit "$program" -p "$real/pg_wal" -t "$3" -s "$4" 2>/dev/null | head -n 500000 | awk '
    { records++; delete seen; rest = $0 }
    { while (match(rest, /rel [0-9]+\/[0-9]+\/[0-9]+/)) {
        file = substr(rest, RSTART + 4, RLENGTH - 4); rest = substr(rest, RSTART + RLENGTH)
        if (!(file in seen)) { seen[file] = 1; touched[file]++ }
      } }
    match($0, /lsn: [0-9A-F]+\/[0-9A-F]+/) { last = substr($0, RSTART + 5, RLENGTH - 5) }
    /rmgr: Transaction/ && /desc: COMMIT/ {
      commits++
      if (match($0, /COMMIT[A-Z_ ]* [0-9][0-9-]+ [0-9:.]+/)) {
        time = substr($0, RSTART, RLENGTH); sub(/^[A-Z_ ]* /, "", time)
        if (first == "") first = time
        until = time
      }
    }
    END {
      printf "records %d\ncommits %d\n", records, commits
      if (last != "") print "last " last
      if (first != "") print "first " first
      if (until != "") print "until " until
      if (records >= 500000) print "cut"
      for (file in touched) print "rel " file " " touched[file]
    }' | { awk '$1 != "rel"; $1 == "rel" { print | "sort -k 3,3nr -k 2,2 | head -n 40" }'; }
  break
done
printf 'end\n'
`}`;

/** Stops a PostgreSQL that runs in a data directory without its Patroni; the arguments are those of the look. */
export const STOP_SCRIPT = `${DATA_SCRIPTS.stop}
${RUNS_IN}${String.raw`
set -eu
real=$(readlink -f -- "$1")
runs_in "$real" || exit 0
owner=$(stat -c %U -- "$real")
for program in "$2/pg_ctl" "$(command -v pg_ctl || true)" $(ls -1 /usr/lib/postgresql/*/bin/pg_ctl 2>/dev/null | sort -rV); do
  [ -x "$program" ] || continue
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u "$owner" -- "$program" -D "$real" -m fast -w -t 120 stop)
  else "$program" -D "$real" -m fast -w -t 120 stop; fi
  break
done
! runs_in "$real"
`}`;
