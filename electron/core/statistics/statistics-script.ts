import { FIND_PSQL } from '../postgres/ask-psql';

/** The first line of the script; who answers in a server's place knows it by this. */
export const STATISTICS_SCRIPT_NAME = '# matriarch:statistics v1';

/** One row of JSON; the same for every version of PostgreSQL from 13 on. It waits for no lock and writes nothing. */
const QUERY = `SELECT 'P ' || json_build_object(
  'now', extract(epoch FROM clock_timestamp()), 'start', extract(epoch FROM pg_postmaster_start_time()),
  'recovery', r.recovery, 'wal', pg_wal_lsn_diff(r.wal, '0/0'),
  'behind', CASE WHEN NOT r.recovery THEN NULL
    WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
    ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END,
  'commits', d.commits, 'rollbacks', d.rollbacks, 'hits', d.hits, 'reads', d.reads,
  'total', a.total, 'active', a.active, 'idle', a.idle, 'idle_in_transaction', a.idle_in_transaction, 'waiting', a.waiting,
  'replicas', (SELECT coalesce(json_agg(json_build_array(s.application_name, pg_wal_lsn_diff(r.wal, s.replay_lsn),
    extract(epoch FROM s.replay_lag))), '[]') FROM (SELECT * FROM pg_catalog.pg_stat_replication LIMIT 64) s))::text
FROM (SELECT pg_is_in_recovery() AS recovery, CASE WHEN pg_is_in_recovery()
    THEN coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) ELSE pg_current_wal_lsn() END AS wal) r,
  (SELECT coalesce(sum(xact_commit), 0) AS commits, coalesce(sum(xact_rollback), 0) AS rollbacks,
    coalesce(sum(blks_hit), 0) AS hits, coalesce(sum(blks_read), 0) AS reads FROM pg_catalog.pg_stat_database) d,
  (SELECT count(*) AS total, count(*) FILTER (WHERE state = 'active') AS active,
    count(*) FILTER (WHERE state = 'idle') AS idle,
    count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle_in_transaction,
    count(*) FILTER (WHERE wait_event_type = 'Lock') AS waiting
    FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) a;`;

/**
 * Prints the counters of a server and of its PostgreSQL every few seconds, until nobody reads them: `H` and figures parted by
 * blanks, `P` and a row of JSON, `D` where PostgreSQL does not answer. One psql stays connected; the rest is one awk and
 * one df each time. The second reading follows after a second, so that there are rates at once. Arguments: the port, and the
 * seconds between two readings.
 */
export const STATISTICS_SCRIPT = `${STATISTICS_SCRIPT_NAME}
port=$1 every=$2 data=
LC_ALL=C PGAPPNAME=matriarch PGCONNECT_TIMEOUT=5 PGDATABASE=postgres
PGOPTIONS='-c statement_timeout=5s -c lock_timeout=1s -c default_transaction_read_only=on'
export LC_ALL PGAPPNAME PGCONNECT_TIMEOUT PGDATABASE PGOPTIONS
${FIND_PSQL}find_data() {
  for line in $(grep -lsa -e '-D' /proc/[0-9]*/cmdline 2>/dev/null); do
    dir=$({ tr '\\000' '\\n' <"$line"; } 2>/dev/null | sed -n -e '/^-D$/{n;p;}' -e 's/^-D\\(.\\)/\\1/p' | head -n 1)
    case $dir in
      /*) if [ "$(sed -n 4p "$dir/postmaster.pid" 2>/dev/null | tr -d ' ')" = "$port" ]; then data=$dir; return 0; fi ;;
    esac
  done
}
set -- /proc/uptime /proc/stat /proc/meminfo /proc/net/dev
for file in /sys/block/*/stat; do
  case $file in
    */loop*|*/ram*|*/zram*|*/dm-*|*/md*|*/sr*) ;;
    *) [ ! -r "$file" ] || set -- "$@" "$file" ;;
  esac
done
host() {
  space='- -'
  if [ -n "$data" ]; then space=$(df -Pk -- "$data" 2>/dev/null | awk 'NR == 2 { printf "%.0f %.0f", $3 * 1024, $4 * 1024 }'); fi
  awk -v space="\${space:-- -}" '
    FILENAME == "/proc/uptime" { up = $1 }
    FILENAME == "/proc/stat" && $1 == "cpu" { all = 0; for (i = 2; i <= 9; i++) all += $i; busy = all - $5 - $6 }
    FILENAME == "/proc/meminfo" && $1 == "MemTotal:" { total = $2 * 1024 }
    FILENAME == "/proc/meminfo" && $1 == "MemAvailable:" { free = $2 * 1024 }
    FILENAME == "/proc/net/dev" && /:/ { sub(/:/, " "); if ($1 != "lo") { got += $2; sent += $10 } }
    FILENAME ~ /^\\/sys/ { read += $3 * 512; wrote += $7 * 512 }
    END { printf "H %s %.0f %.0f %.0f %.0f %s %.0f %.0f %.0f %.0f\\n", up, busy, all, total, free, space, read, wrote, got, sent }
  ' "$@"
}
beat() {
  pause=1
  while :; do
    [ -n "$data" ] || find_data
    host "$@" || exit 0
    sleep "$pause"
    pause=$every
  done
}
ask() {
  pause=1
  while printf '%s\\n' "$query"; do
    sleep "$pause"
    pause=$every
  done
}
query=$(cat <<'QUERY'
${QUERY}
QUERY
)
beat "$@" &
beats=$!
trap 'kill "$beats" 2>/dev/null' EXIT
trap 'exit 0' HUP INT TERM PIPE
while :; do
  find_socket "$port"
  ask 2>/dev/null | psql -X -q -At -p "$port" 2>/dev/null
  printf 'D\\n' || exit 0
  sleep "$every"
done
`;
