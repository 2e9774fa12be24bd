import { JOURNAL_FIELDS } from '../../../shared/rules/logs/journal-entry';

/** The first lines of the scripts that read logs; who answers in a server's place knows them by these. */
export const LOG_SCRIPT_NAMES = {
  follow: '# matriarch:logs-follow v1',
  journal: '# matriarch:logs-journal v1',
  sources: '# matriarch:logs-sources v1',
  file: '# matriarch:logs-file v1',
} as const;

/**
 * Where the logs are. Units: those of systemd that are loaded. Files: PostgreSQL's own by what the running server wrote into
 * current_logfiles (logging collector), else the file that its standard error leads to, else what packages and Patroni use;
 * Patroni's where its configuration names a directory; HAProxy's where only rsyslog hears it; PgBouncer's without a unit.
 */
const WHERE = `LC_ALL=C; export LC_ALL
units() {
  set -- patroni.service etcd.service haproxy.service pgbouncer.service keepalived.service $(systemctl list-units --all \\
    --plain --no-legend --no-pager 'patroni*.service' 'etcd*.service' 'pgbouncer*.service' 'postgresql@*.service' \\
    'postgresql-[0-9]*.service' 2>/dev/null | awk '{ print $1 }')
  systemctl show --no-pager -p Id,LoadState "$@" 2>/dev/null |
    awk -F= '$1 == "Id" { id = $2 } $1 == "LoadState" { load = $2 } $0 == "" { if (load == "loaded") print id; load = "" }
      END { if (load == "loaded") print id }' | sort -u
}
collected() {
  for kind in jsonlog csvlog stderr; do
    path=$(sed -n "s/^$kind //p" "$1/current_logfiles" 2>/dev/null | head -n 1)
    case $path in
      '') continue ;;
      /*) ;;
      *) path=$1/$path ;;
    esac
    printf 'postgresql\\t%s\\n' "$path"
    return 0
  done
  return 1
}
postgres_files() {
  found= denied=
  for pid in $(pgrep -x 'postgres|postmaster' 2>/dev/null); do
    data=$(tr '\\000' '\\n' <"/proc/$pid/cmdline" 2>/dev/null | sed -n -e '/^-D$/{n;p;}' -e 's/^-D\\(.\\)/\\1/p' -e 's/^--pgdata=//p' |
      head -n 1)
    [ -n "$data" ] || continue
    [ -x "$data" ] || { denied=$data; continue; }
    found=1
    collected "$data" && continue
    out=$(readlink "/proc/$pid/fd/2" 2>/dev/null)
    [ ! -f "$out" ] || printf 'postgresql\\t%s\\n' "$out"
  done
  [ -z "$found" ] || return 0
  for data in /var/lib/postgresql/*/* /var/lib/pgsql/*/data; do
    if [ -e "$data/PG_VERSION" ] && collected "$data"; then return 0; fi
  done
  path=$(ls -1t /var/log/postgresql/postgresql-*.log /var/lib/postgresql/*/*/log/*.log /var/lib/pgsql/*/data/log/*.log 2>/dev/null |
    head -n 1)
  if [ -n "$path" ]; then printf 'postgresql\\t%s\\n' "$path"; elif [ -n "$denied" ]; then printf 'denied\\t%s\\n' "$denied"; fi
}
files() {
  postgres_files
  for dir in $(sed -n '/^log:/,/^[^ #]/s/^ *dir: *//p' /etc/patroni/*.yml /etc/patroni.yml 2>/dev/null | tr -d "'\\""); do
    [ ! -f "$dir/patroni.log" ] || printf 'patroni\\t%s\\n' "$dir/patroni.log"
  done
  if [ -S /var/lib/haproxy/dev/log ] && [ -f /var/log/haproxy.log ]; then printf 'haproxy\\t/var/log/haproxy.log\\n'; fi
  case $units in
    *pgbouncer*) ;;
    *) for path in /var/log/postgresql/pgbouncer.log /var/log/pgbouncer/pgbouncer.log; do
        [ ! -f "$path" ] || printf 'pgbouncer\\t%s\\n' "$path"
      done ;;
  esac
}
units=$(units)
matches() {
  printf '%s\\n' _TRANSPORT=kernel PRIORITY=0 PRIORITY=1 PRIORITY=2 PRIORITY=3
  for unit in $units; do printf '%s\\n' + "_SYSTEMD_UNIT=$unit" + _PID=1 "UNIT=$unit"; done
}
read_journal() {
  exec journalctl -a -o json --no-pager --output-fields=${JOURNAL_FIELDS.join(',')} "$@" $(matches)
}
`;

/** Prints the units and the active files, with the offset of the server's zone: `zone +0100`, `unit NAME`, `file SERVICE PATH`, by tabs. */
export const LOG_SOURCES_SCRIPT = `${LOG_SCRIPT_NAMES.sources}
${WHERE}
printf 'zone\\t%s\\n' "$(date +%z)"
for unit in $units; do printf 'unit\\t%s\\n' "$unit"; done
files | sed -e '/^denied\\t/d' -e 's/^/file\\t/'
printf 'end\\n'
`;

/**
 * Follows everything at once. The journal comes on standard error as JSON, one entry a line (what is no JSON is journalctl's
 * own word); the files come on standard output in frames, so that the two never mix: \`@zone\`, \`@unit NAME\`, \`@file N
 * SERVICE PATH\`, \`@data N INODE OFFSET LENGTH\` before that many bytes, \`@rotated N found|lost\`, \`@truncated N\`,
 * \`@cursor gone\`, \`@denied PATH\` (this login may not read there), \`@beat SECONDS\`. Fields are parted by tabs. Files are
 * looked at once a second and read from where they were left, whatever their bytes are. Arguments: the cursor to go on after or
 * '', the number of lines to begin with, then path, inode and offset of each file that was read before.
 */
export const LOG_FOLLOW_SCRIPT = `${LOG_SCRIPT_NAMES.follow}
${WHERE}
cursor=$1 lines=$2; shift 2
journal=
trap '[ -z "$journal" ] || kill "$journal" 2>/dev/null' EXIT
trap 'exit 0' HUP INT TERM PIPE
printf '@zone\\t%s\\n' "$(date +%z)"
for unit in $units; do printf '@unit\\t%s\\n' "$unit"; done
if command -v journalctl >/dev/null 2>&1; then
  if [ -n "$cursor" ]; then
    case $(journalctl -q -o json --no-pager --output-fields=_PID --cursor="$cursor" -n 1 2>/dev/null) in
      *"$cursor"*) ;;
      *) printf '@cursor\\tgone\\n' ;;
    esac
    read_journal -f --no-tail --after-cursor="$cursor" 1>&2 &
  else
    read_journal -f -n "$lines" 1>&2 &
  fi
  journal=$!
fi
count=0
add_file() {
  n=0
  while [ "$n" -lt "$count" ]; do
    eval "known=\\$path_$n"
    [ "$known" != "$2" ] || return 0
    n=$((n + 1))
  done
  at=$(stat -L -c '%i %s' -- "$2" 2>/dev/null) || return 0
  [ "$1" != denied ] && [ -r "$2" ] || { [ "$3" = 1 ] || printf '@denied\\t%s\\n' "$2"; return 0; }
  inode=\${at% *} from=\${at#* }
  service=$1 path=$2 fresh=$3; shift 3
  if [ "$fresh" = 1 ]; then from=0; elif [ "$from" -gt 65536 ]; then from=$((from - 65536)); else from=0; fi
  while [ "$#" -ge 3 ]; do
    if [ "$1" = "$path" ]; then inode=$2 from=$3; fi
    shift 3
  done
  eval "path_$count=\\$path inode_$count=\\$inode from_$count=\\$from"
  printf '@file\\t%s\\t%s\\t%s\\n' "$count" "$service" "$path"
  count=$((count + 1))
}
send() {
  length=$(($4 - $3))
  [ "$length" -le 262144 ] || length=262144
  printf '@data\\t%s\\t%s\\t%s\\t%s\\n' "$1" "$5" "$3" "$length"
  { tail -c +$(($3 + 1)) -- "$2" 2>/dev/null; head -c "$length" /dev/zero; } 2>/dev/null | head -c "$length"
  sent=$(($3 + length))
}
look() {
  eval "path=\\$path_$1 inode=\\$inode_$1 from=\\$from_$1"
  at=$(stat -L -c '%i %s' -- "$path" 2>/dev/null) || return 0
  now=\${at% *} size=\${at#* }
  if [ "$now" != "$inode" ]; then
    old=$(find "$(dirname -- "$path")/" -maxdepth 1 -inum "$inode" 2>/dev/null | head -n 1)
    if [ -n "$old" ]; then
      end=$(stat -c %s -- "$old" 2>/dev/null || echo "$from")
      while [ "$end" -gt "$from" ]; do send "$1" "$old" "$from" "$end" "$inode"; from=$sent; done
      printf '@rotated\\t%s\\tfound\\n' "$1"
    else
      printf '@rotated\\t%s\\tlost\\n' "$1"
    fi
    inode=$now from=0
  fi
  if [ "$size" -lt "$from" ]; then printf '@truncated\\t%s\\n' "$1"; from=0; fi
  if [ "$size" -gt "$from" ]; then send "$1" "$path" "$from" "$size" "$inode"; from=$sent; [ "$from" -ge "$size" ] || more=1; fi
  eval "inode_$1=\\$inode from_$1=\\$from"
}
round=0
while :; do
  if [ $((round % 10)) -eq 0 ]; then
    list=$(files)
    fresh=0; [ "$round" -eq 0 ] || fresh=1
    old_ifs=$IFS
    IFS='
'
    for line in $list; do
      IFS=$old_ifs
      add_file "\${line%%	*}" "\${line#*	}" "$fresh" "$@"
    done
    IFS=$old_ifs
  fi
  more=
  number=0
  while [ "$number" -lt "$count" ]; do look "$number"; number=$((number + 1)); done
  if [ $((round % 5)) -eq 0 ]; then printf '@beat\\t%s\\n' "$(date +%s.%N)"; fi
  [ -z "$journal" ] || [ -e "/proc/$journal/exe" ] || exit 3
  round=$((round + 1))
  [ -n "$more" ] || sleep 1
done
`;

/** Most bytes of one answer from the journal. */
const JOURNAL_PAGE_BYTES = 12 * 1024 * 1024;

/** Prints entries of the journal, newest first. Arguments: from, until (seconds since the epoch or ''), how many. */
export const LOG_JOURNAL_SCRIPT = `${LOG_SCRIPT_NAMES.journal}
${WHERE}
from=$1 until=$2 most=$3
command -v journalctl >/dev/null 2>&1 || exit 0
set -- -q -r -n "$most"
[ -z "$from" ] || set -- "$@" "--since=@$from"
[ -z "$until" ] || set -- "$@" "--until=@$until"
read_journal "$@" | head -c ${JOURNAL_PAGE_BYTES}
`;

/**
 * \`list PATH\`: the files beside an active log that it may have been rotated to, \`INODE SIZE SECONDS NAME\` a line, newest
 * first. \`size PATH\`: how many bytes a compressed one holds. \`read PATH OFFSET LENGTH\`: these bytes, of what is compressed
 * those that it holds. A compressed file of more than 128 MB is taken for empty: each look at it would cost its server minutes.
 */
export const LOG_FILE_SCRIPT = `${LOG_SCRIPT_NAMES.file}
LC_ALL=C; export LC_ALL
plain() {
  [ "$(stat -L -c %s -- "$1" 2>/dev/null || echo 0)" -gt 134217728 ] || gzip -dc -- "$1" 2>/dev/null
}
case $1 in
  list)
    find "$(dirname -- "$2")/" -maxdepth 1 -type f ! -name '*.xz' ! -name '*.zst' -printf '%i\\t%s\\t%T@\\t%f\\n' 2>/dev/null |
      sort -t '	' -k 3,3nr | head -n 200 ;;
  size) plain "$2" | wc -c ;;
  read)
    case $2 in
      *.gz) plain "$2" | tail -c +$(($3 + 1)) | head -c "$4" ;;
      *) tail -c +$(($3 + 1)) -- "$2" | head -c "$4" ;;
    esac ;;
esac
`;
