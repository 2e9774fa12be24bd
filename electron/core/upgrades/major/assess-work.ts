import { SCRATCH_SETTINGS } from '../../postgres/scratch-settings';
import { ASSESS_MARK } from './assess-scripts';

/** Exit codes of the work: what it could not do. */
export const WORK_EXIT = {
  place: 91,
  full: 90,
  copy: 93,
  recovery: 94,
  initdb: 95,
  asked: 96,
  programs: 97,
  ended: 143,
} as const;

/** The files that the work is given in its directory. `service` and `pass` are how Patroni logs in for replication. */
export const WORK_FILES = {
  script: 'work.sh',
  service: 'service',
  pass: 'pass',
  /** A tablespace's path a line. */
  places: 'places',
  /** Lines of postgresql.conf: every parameter that is set, without its value; and those whose value is no free text, with it. */
  names: 'names.conf',
  values: 'values.conf',
} as const;

/**
 * Copies the data of the PostgreSQL on this server by its replication protocol, lets the copy recover and stop, makes an empty cluster of
 * the new version beside it, and lets pg_upgrade say what it has against it. Everything is below its directory; what it starts listens
 * on a socket there alone, archives nothing, and loads and fetches nothing. All but its answer is removed at its end, whatever that is.
 * Arguments: the directory, the two major versions, the superuser, the most that is read (kB a second, 0: all), how many bytes must stay
 * free, how many prepared transactions there may be, and the preloaded libraries. As the system user of PostgreSQL.
 *
 * It prints \`step WORDS\` as it goes, and \`NAME VALUE\` for what it found; texts are in base64.
 */
export const ASSESS_WORK = `#!/bin/sh
# Written by Matriarch for the assessment of a new major version; removed at its end.
${String.raw`
LC_ALL=C TZ=UTC; export LC_ALL TZ
unset PGHOST PGPORT PGUSER PGDATABASE PGOPTIONS PGPASSWORD PGSERVICE
umask 077
dir=$1 from=$2 to=$3 super=$4 rate=$5 reserve=$6 prepared=$7 preload=$8
cd "$dir" && [ -f "$dir/${ASSESS_MARK}" ] || exit ${WORK_EXIT.place}
exec >>"$dir/out" 2>>"$dir/err"
old=/usr/lib/postgresql/$from/bin new=/usr/lib/postgresql/$to/bin
say() { printf '%s\n' "$*"; }
now() { date +%s%3N; }
free() { df -PB1 -- "$dir" | awk 'END { print $4 }'; }
packed() { head -c "$2" -- "$1" | base64 | tr -d '\n'; }
pid= watch=
finish() {
  code=$?
  trap - EXIT
  trap '' HUP INT TERM
  cd "$dir" || exit 1
  [ -z "$pid" ] || kill "$pid" 2>/dev/null
  [ -z "$watch" ] || kill "$watch" 2>/dev/null
  [ ! -f data/postmaster.pid ] || "$old/pg_ctl" -D "$dir/data" -m immediate -w -t 60 stop >/dev/null 2>&1
  [ ! -f new/postmaster.pid ] || "$new/pg_ctl" -D "$dir/new" -m immediate -w -t 60 stop >/dev/null 2>&1
  wait
  rm -rf -- data new tablespaces work s ${Object.values(WORK_FILES).join(' ')} log said conf hba ident extensions full unknown
  for file in * .[!.]*; do
    case $file in ${ASSESS_MARK}|out|err|'*'|'.[!.]*') ;; *) say "left $file" ;; esac
  done
  say finished
  echo "$code" > "$dir/.ended" && mv -f "$dir/.ended" "$dir/ended"
  exit "$code"
}
trap finish EXIT
trap 'exit ${WORK_EXIT.ended}' HUP INT TERM
[ -x "$old/pg_basebackup" ] && [ -x "$new/pg_upgrade" ] && [ -x "$new/initdb" ] || exit ${WORK_EXIT.programs}
mkdir -m 0700 data new s work tablespaces || exit ${WORK_EXIT.place}

say 'step Copying the data'
set -- -w -D "$dir/data" -X stream -c fast -P -l matriarch-assessment
[ "$rate" = 0 ] || set -- "$@" -r "$rate"
n=0
while IFS= read -r path; do
  [ -n "$path" ] || continue
  n=$((n + 1))
  set -- "$@" -T "$(printf '%s' "$path" | sed 's/=/\\=/g')=$dir/tablespaces/$n"
done < "$dir/${WORK_FILES.places}"
began=$(now)
PGSERVICEFILE=$dir/${WORK_FILES.service} PGSERVICE=matriarch PGPASSFILE=$dir/${WORK_FILES.pass} "$old/pg_basebackup" "$@" &
pid=$!
(while kill -0 "$pid" 2>/dev/null; do
  [ "$(free)" -ge "$reserve" ] || { : > "$dir/full"; kill "$pid"; break; }
  sleep 2
done) &
watch=$!
wait "$pid"; code=$?
pid=
kill "$watch" 2>/dev/null; watch=
[ ! -f "$dir/full" ] || exit ${WORK_EXIT.full}
[ "$code" = 0 ] || exit ${WORK_EXIT.copy}
say "copyMs $(($(now) - began))"
say "copyBytes $(du -sb data tablespaces | awk '{ sum += $1 } END { print sum }')"
rm -f -- "$dir/${WORK_FILES.service}" "$dir/${WORK_FILES.pass}"

say 'step Letting the copy recover'
cd "$dir/data" && rm -f standby.signal recovery.signal postgresql.conf postgresql.auto.conf pg_hba.conf pg_ident.conf
cd "$dir" || exit ${WORK_EXIT.place}
# The directory of the socket is closed to everybody else.
settings() {
  cat <<SETTINGS
unix_socket_directories = '$dir/s'
port = 50432
max_worker_processes = 0
max_prepared_transactions = $prepared
${SCRATCH_SETTINGS}
SETTINGS
}
printf 'local all all trust\n' > data/pg_hba.conf
: > data/pg_ident.conf
# To the end of the WAL that came with the copy: that of a standby may end just where it is consistent.
{ settings; echo "restore_command = 'false'"; } > data/postgresql.conf
: > data/recovery.signal
"$old/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 7200 start >/dev/null 2>&1 || { tail -n 20 log >&2; exit ${WORK_EXIT.recovery}; }
ask() { PGDATABASE=$1 "$old/psql" -X -A -t -q -w -h "$dir/s" -p 50432 -U "$super" -c "$2"; }
until [ "$(ask template1 'SELECT pg_is_in_recovery()' 2>/dev/null)" = f ]; do
  [ -f data/postmaster.pid ] || { tail -n 20 log >&2; exit ${WORK_EXIT.recovery}; }
  sleep 1
done
say 'step Asking the copy'
: > extensions
for database in $(ask template1 "SELECT oid FROM pg_database WHERE datallowconn ORDER BY datname"); do
  name=$(ask template1 "SELECT datname FROM pg_database WHERE oid = $database")
  found=$(ask "$name" "SELECT jsonb_build_object('name', current_database(), 'bytes', pg_database_size(current_database()),
    'relations', (SELECT count(*) FROM pg_class), 'largeObjects', (SELECT count(*) FROM pg_largeobject_metadata), 'extensions',
    (SELECT coalesce(jsonb_agg(jsonb_build_object('name', extname, 'version', extversion)), '[]') FROM pg_extension))") ||
    exit ${WORK_EXIT.asked}
  say "database $found"
  ask "$name" 'SELECT extname FROM pg_extension' >> extensions
done
say "prepared $(ask template1 'SELECT count(*) FROM pg_prepared_xacts')"
provider="'c'" icu="''" rules="''"
[ "$from" -lt 15 ] || { provider=datlocprovider; icu=daticulocale; }
[ "$from" -lt 16 ] || rules=daticurules
[ "$from" -lt 17 ] || icu=datlocale
template=$(ask template1 "SELECT pg_encoding_to_char(encoding) || '|' || datcollate || '|' || datctype || '|' || $provider::text || '|' ||
  coalesce($icu, '') || '|' || coalesce($rules, '') FROM pg_database WHERE datname = 'template0'") || exit ${WORK_EXIT.asked}
"$old/pg_ctl" -D "$dir/data" -m fast -w -t 3600 stop >/dev/null 2>&1 || exit ${WORK_EXIT.recovery}
settings > data/postgresql.conf
control() { "$old/pg_controldata" "$dir/data" | sed -n "s/^$1: *//p"; }
checksums=$(control 'Data page checksum version')
segment=$(control 'Bytes per WAL segment')
[ -n "$segment" ] || segment=16777216
say "checksums $checksums"

say 'step Making an empty cluster of the new version'
IFS='|' read -r encoding collate ctype provider icu rules <<TEMPLATE
$template
TEMPLATE
set -- -D "$dir/new" -U "$super" -A trust -E "$encoding" --lc-collate="$collate" --lc-ctype="$ctype" --no-sync
set -- "$@" --wal-segsize=$((segment / 1048576))
if [ "$to" -ge 15 ]; then
  case $provider in
  i) set -- "$@" --locale-provider=icu --icu-locale="$icu"; [ -z "$rules" ] || set -- "$@" --icu-rules="$rules" ;;
  b) set -- "$@" --locale-provider=builtin --builtin-locale="$icu" ;;
  *) set -- "$@" --locale-provider=libc ;;
  esac
fi
if [ "$checksums" != 0 ]; then set -- "$@" --data-checksums
elif [ "$to" -ge 18 ]; then set -- "$@" --no-data-checksums; fi
"$new/initdb" "$@" > said 2>&1 || { tail -n 20 said >&2; exit ${WORK_EXIT.initdb}; }
say "targetVersion $("$new/postgres" -V | sed 's/^[^0-9]*//; s/ .*//')"

say 'step Comparing parameters, extensions and libraries'
for program in old new; do
  eval "bin=\$$program"
  "$bin/postgres" --describe-config | awk -F '\t' -v OFS='\t' '{ print $1, $2, $4, $5 }' > said
  say "$program""Defaults $(packed said 200000)"
done
"$new/postgres" -D "$dir/new" -c config_file="$dir/${WORK_FILES.names}" -C server_version > /dev/null 2> said
sed -n 's/.*unrecognized configuration parameter "\([^"]*\)".*/\1/p' said | sort -u > unknown
while IFS= read -r name; do say "unknown $name"; done < unknown
awk 'FILENAME == ARGV[1] { gone[$1] = 1; next } !($1 in gone)' unknown "$dir/${WORK_FILES.values}" > conf
"$new/postgres" -D "$dir/new" -c config_file="$dir/conf" -C server_version > /dev/null 2> said
grep -E 'parameter "' said | grep -vE 'contains errors|unrecognized' | cut -c 1-300 | while IFS= read -r line; do
  say "value $(printf '%s' "$line" | sed 's/^.*\(LOG\|ERROR\|FATAL\|WARNING\): *//' | base64 | tr -d '\n')"
done
share=$("$new/pg_config" --sharedir 2>/dev/null) lib=$("$new/pg_config" --pkglibdir 2>/dev/null)
[ -n "$share" ] || share=/usr/share/postgresql/$to
[ -n "$lib" ] || lib=/usr/lib/postgresql/$to/lib
oldshare=$("$old/pg_config" --sharedir 2>/dev/null)
sort -u extensions | while IFS= read -r name; do
  control=$share/extension/$name.control
  if [ -f "$control" ]; then
    say "offers $name $(sed -n "s/^ *default_version *= *'\([^']*\)'.*/\1/p" "$control" | head -n 1)"
  else
    owner=$(dpkg-query -S "${'$'}{oldshare:-/usr/share/postgresql/$from}/extension/$name.control" 2>/dev/null | head -n 1 | sed 's/: .*//')
    say "missing $name ${'$'}{owner:--}"
  fi
done
kept=
for name in $(printf '%s' "$preload" | tr ',' ' ' | tr -d "\"'"); do
  base=$(basename "$name" .so)
  if [ -f "$lib/$base.so" ]; then kept=$kept${'$'}{kept:+,}$base; else say "nolib $base"; fi
done
printf 'local all all trust\n' > new/pg_hba.conf
{ settings; printf "shared_preload_libraries = '%s'\n" "$kept"; } > new/postgresql.conf

say "step Asking pg_upgrade"
began=$(now)
cd "$dir/work" || exit ${WORK_EXIT.place}
"$new/pg_upgrade" --check -b "$old" -B "$new" -d "$dir/data" -D "$dir/new" -U "$super" -p 50432 -P 50433 -s "$dir/s" > "$dir/said" 2>&1
code=$?
cd "$dir" || exit ${WORK_EXIT.place}
say "checkMs $(($(now) - began))"
say "pgUpgrade $code"
say "said $(packed said 200000)"
if [ "$code" != 0 ]; then
  find work new/pg_upgrade_output.d -type f -name '*.txt' 2>/dev/null | sort | head -n 40 | while IFS= read -r file; do
    say "file $(basename "$file" | tr -c 'A-Za-z0-9._\n-' '_') $(stat -c %s "$file") $(packed "$file" 60000)"
  done
  find work new/pg_upgrade_output.d -type f -name '*.log' -size +0 2>/dev/null | sort | head -n 8 | while IFS= read -r file; do
    tail -c 6000 "$file" > conf
    say "file $(basename "$file" | tr -c 'A-Za-z0-9._\n-' '_') $(stat -c %s conf) $(packed conf 6000)"
  done
fi
say 'step Removing the copy'
exit 0
`}`;
