import { SCRATCH_SETTINGS } from '../postgres/scratch-settings';

/** The first line of the script; who answers in a server's place knows it by this. */
const PROOF_SCRIPT_FIRST_LINE = '# matriarch:backup-proof v1';

/**
 * Restores a backup into a directory of its own, starts a PostgreSQL on it that listens on a socket in it alone, archives nothing and
 * loads nothing but itself, asks it, lets its checksums be verified, and removes all of it again. Its arguments are the stanza, the
 * backup's label, the number of its repository, the directory, the bytes that are needed, and the major version of PostgreSQL. It
 * prints \`step WORDS\` as it goes, and \`NAME VALUE\` for what it saw. As the system user of PostgreSQL.
 */
export const PROOF_SCRIPT = `${PROOF_SCRIPT_FIRST_LINE}
${String.raw`
LC_ALL=C; TZ=UTC; export LC_ALL TZ
umask 077
cd / || exit 1
stanza=$1 label=$2 repo=$3 dir=$4 needed=$5 major=$6
for bin in /usr/lib/postgresql/$major/bin /usr/pgsql-$major/bin; do [ -x "$bin/postgres" ] && break; done
[ -x "$bin/postgres" ] && command -v pgbackrest >/dev/null 2>&1 || { echo "No PostgreSQL $major with pgBackRest there." >&2; exit 91; }
case "$dir" in /*/matriarch-proof-*) ;; *) exit 92 ;; esac
[ -e "$dir" ] && { echo "$dir is there already." >&2; exit 92; }
free=$(df -PB1 -- "$(dirname -- "$dir")" | awk 'END { print $4 }')
echo "free $free"
[ "$free" -ge "$needed" ] || exit 90
mkdir -m 0700 -- "$dir" || exit 92
: > "$dir/proof-by-matriarch"
data=$dir/data
finish() {
  [ -f "$data/postmaster.pid" ] && "$bin/pg_ctl" -D "$data" -m immediate -w -t 30 stop >/dev/null 2>&1
  rm -rf -- "$dir"
}
trap finish EXIT
trap 'exit 129' HUP INT TERM
mkdir -m 0700 -- "$data"
echo "step Restoring $label"
began=$(date +%s)
# On the server with the repository pg1 is a member's: this restores here.
pgbackrest --stanza="$stanza" --repo="$repo" --set="$label" --reset-pg1-host --pg1-path="$data" --type=immediate --target-action=promote \
  --archive-mode=off --log-level-console=error --log-level-file=off restore >&2 || exit 93
echo "restoredIn $(($(date +%s) - began))"
echo "bytes $(du -sb -- "$data" | awk '{ print $1 }')"
: > "$dir/ident"
printf 'local all all peer\n' > "$dir/hba"
cat > "$dir/conf" <<CONFIGURATION
data_directory = '$data'
hba_file = '$dir/hba'
ident_file = '$dir/ident'
unix_socket_directories = '$dir'
port = 5999
max_worker_processes = 8
${SCRATCH_SETTINGS}
CONFIGURATION
echo 'step Starting a PostgreSQL on it'
"$bin/pg_ctl" -D "$data" -o "-c config_file=$dir/conf" -l "$dir/log" -w -t 3600 start >/dev/null 2>&1 || {
  tail -n 20 "$dir/log" >&2
  exit 94
}
ask() { "$bin/psql" -X -A -t -q -w -h "$dir" -p 5999 -d "$1" -c "$2"; }
end=$(($(date +%s) + 3600))
until [ "$(ask postgres 'SELECT pg_is_in_recovery()' 2>/dev/null)" = f ]; do
  [ "$(date +%s)" -lt "$end" ] || { tail -n 20 "$dir/log" >&2; exit 95; }
  sleep 1
done
echo 'step Asking it'
ask postgres "SELECT 'system ' || system_identifier FROM pg_control_system()" || exit 96
ask postgres "SELECT 'replayed ' || floor(extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000)"
tables=0 rows=0
for database in $(ask postgres "SELECT oid FROM pg_database WHERE datallowconn AND NOT datistemplate"); do
  name=$(ask postgres "SELECT datname FROM pg_database WHERE oid = $database")
  found=$(PGDATABASE=$name "$bin/psql" -X -A -t -q -w -h "$dir" -p 5999 -F ' ' -c "SELECT count(*),
    coalesce(sum(greatest(reltuples, 0)), 0)::bigint FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema')") || exit 96
  tables=$((tables + $(echo "$found" | cut -d' ' -f1))) rows=$((rows + $(echo "$found" | cut -d' ' -f2)))
done
echo "tables $tables"
echo "rows $rows"
checksums=$(ask postgres 'SHOW data_checksums')
"$bin/pg_ctl" -D "$data" -m fast -w -t 300 stop >/dev/null 2>&1
if [ "$checksums" = on ]; then
  echo 'step Verifying its checksums'
  if "$bin/pg_checksums" --check -D "$data" >"$dir/sums" 2>&1; then echo 'checksums good'
  else
    grep -v '^$' "$dir/sums" | tail -n 5 >&2
    echo 'checksums bad'
  fi
else echo 'checksums off'; fi
trap - EXIT
finish
[ -e "$dir" ] && echo "left $dir"
echo end
`}`;
