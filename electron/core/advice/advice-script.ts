/** The first line of the script; who answers in a server's place knows it by this. */
export const ADVICE_SCRIPT_FIRST_LINE = '# matriarch:advice v1';

/**
 * Prints what the advice needs of a server, a name and a value in base64 on each line, `end` last; what cannot be told is left out. Its
 * arguments are PostgreSQL's data directory ('' where it is not known) and the device of the watchdog. It changes nothing. As root; what
 * another user may not see is left out.
 */
export const ADVICE_SCRIPT = `${ADVICE_SCRIPT_FIRST_LINE}
${String.raw`
LC_ALL=C; export LC_ALL
say() { printf '%s ' "$1"; printf %s "$2" | head -c 4000 | base64 | tr -d '\n'; printf '\n'; }
say clock "$(date +%s%N)"
[ -r /etc/machine-id ] && say machine "$(head -c 64 /etc/machine-id | tr -d '\n')"
kept=$(timedatectl show -p NTPSynchronized --value 2>/dev/null)
[ -n "$kept" ] && say kept "$kept"
runs() { pgrep -x "$1" >/dev/null 2>&1; }
for program in etcd haproxy pgbouncer; do runs "$program" && say "runs-$program" yes; done
# The device and where it is mounted: two directories with the same ones share a disk as far as the system can tell.
device() { [ -d "$1" ] && df -P -- "$1" 2>/dev/null | awk 'NR == 2 { print $1 " on " $6 }'; }
pid=$(pgrep -x etcd 2>/dev/null | head -n 1)
if [ -n "$pid" ]; then
  db=$(for fd in /proc/"$pid"/fd/*; do readlink "$fd" 2>/dev/null; done | grep '/member/snap/db$' | head -n 1)
  [ -n "$db" ] && say etcd-device "$(device "$(dirname "$db")")"
fi
[ -n "$1" ] && found=$(device "$1") && say data-device "$found"
if [ -c "$2" ]; then say watchdog yes; else say watchdog no; fi
for file in /etc/pgbackrest/pgbackrest.conf /etc/pgbackrest.conf /etc/pgbackrest/conf.d/*.conf; do
  [ -r "$file" ] || continue
  for stanza in $(sed -n 's/^\[\([A-Za-z0-9_.-]*\)\].*/\1/p' "$file" | grep -v '^global' | head -n 10); do
    say backup "pgBackRest ($stanza)"
  done
done
for dir in /etc/barman.d /etc/barman/barman.d; do
  for file in "$dir"/*.conf; do [ -f "$file" ] && say backup "Barman ($(basename "$file" .conf))"; done
done
for file in /etc/wal-g.yaml /etc/wal-g.json /etc/wal-g/wal-g.yaml /var/lib/postgresql/.walg.json /etc/wal-g.d/env; do
  [ -e "$file" ] && say backup "WAL-G ($file)"
done
say end yes
`}`;
