/** The first lines of the scripts; who answers in a server's place knows them by these. */
const RESTORE_SCRIPTS = {
  place: '# matriarch:restore-place v1',
  stop: '# matriarch:restore-stop v1',
  aside: '# matriarch:restore-aside v1',
  back: '# matriarch:restore-back v1',
  watch: '# matriarch:restore-watch v1',
} as const;

/** Exit codes by which the scripts say what they found. */
export const RESTORE_EXIT = { runs: 70, taken: 71, missing: 72, notMoved: 73 } as const;

const COMMON = String.raw`
LC_ALL=C; TZ=UTC; export LC_ALL TZ
umask 077
# Whether a PostgreSQL works on a directory, by the process that its postmaster.pid names.
works_on() {
  pid=$(sed -n 1p "$1/postmaster.pid" 2>/dev/null)
  case "$pid" in ''|*[!0-9]*) return 1 ;; esac
  [ -d "/proc/$pid" ] && grep -qE '^(postgres|postmaster)' "/proc/$pid/comm" 2>/dev/null
}
`;

/**
 * Says what stands in the way of putting a data directory aside: a line \`NAME VALUE\` for free (bytes beside it), obstacle (mount, link,
 * missing, tablespaces, wal), owner and pgbackrest. Its argument is the data directory. It changes nothing.
 */
export const RESTORE_PLACE_SCRIPT = `${RESTORE_SCRIPTS.place}
${COMMON}${String.raw`
dir=$1
command -v pgbackrest >/dev/null 2>&1 && echo 'pgbackrest yes'
if [ -L "$dir" ]; then echo 'obstacle link'
elif [ ! -d "$dir" ]; then echo 'obstacle missing'
else
  mountpoint -q -- "$dir" 2>/dev/null && echo 'obstacle mount'
  [ -L "$dir/pg_wal" ] && echo 'obstacle wal'
  [ -n "$(ls -A "$dir/pg_tblspc" 2>/dev/null)" ] && echo 'obstacle tablespaces'
  printf 'owner %s\n' "$(stat -c '%U:%G' -- "$dir")"
fi
df -PB1 -- "$(dirname -- "$dir")" 2>/dev/null | awk 'END { print "free", $4 }'
echo end
`}`;

/** Stops a unit and sees that neither Patroni nor PostgreSQL runs any more. Its arguments are the unit and the data directory. */
export const RESTORE_STOP_SCRIPT = `${RESTORE_SCRIPTS.stop}
${COMMON}${String.raw`
unit=$1 dir=$2
systemctl stop -- "$unit" || exit 70
case "$(systemctl show -p ActiveState --value -- "$unit")" in inactive|failed) ;; *) exit 70 ;; esac
works_on "$dir" && exit 70
echo stopped
`}`;

/**
 * Puts a data directory aside under another name and makes an empty one with the same owner. Its arguments are the directory and the
 * new name. It leaves everything as it is where PostgreSQL runs on it or the name is taken.
 */
export const RESTORE_ASIDE_SCRIPT = `${RESTORE_SCRIPTS.aside}
${COMMON}${String.raw`
dir=$1 aside=$2
[ -d "$dir" ] && [ ! -L "$dir" ] || exit 72
works_on "$dir" && exit 70
[ -e "$aside" ] && exit 71
owner=$(stat -c '%U' -- "$dir") group=$(stat -c '%G' -- "$dir")
mv -T -- "$dir" "$aside" || exit 73
install -d -m 0700 -o "$owner" -g "$group" -- "$dir" || { mv -T -- "$aside" "$dir"; exit 73; }
echo moved
`}`;

/**
 * Puts the data back that was put aside. What stands in its place is kept under a third name. Its arguments are the directory, where
 * the data is, and the third name. Where the data was never put aside nothing is done.
 */
export const RESTORE_BACK_SCRIPT = `${RESTORE_SCRIPTS.back}
${COMMON}${String.raw`
dir=$1 aside=$2 failed=$3
[ -e "$aside" ] || { echo untouched; exit 0; }
works_on "$dir" && exit 70
[ -e "$failed" ] && exit 71
if [ -e "$dir" ]; then rmdir -- "$dir" 2>/dev/null || mv -T -- "$dir" "$failed" || exit 73; fi
mv -T -- "$aside" "$dir" || exit 73
echo back
`}`;

/**
 * Says how far a restore is: lines \`NAME VALUE\` for unit (its state), restarts, recovery (t or f, where PostgreSQL answers), timeline,
 * replayed (the commit time of the last transaction that was replayed) and used (bytes in the directory), then the last lines of the
 * unit's journal, each after \`log \`. Its arguments are the unit, the port of PostgreSQL, and the data directory.
 */
export const RESTORE_WATCH_SCRIPT = `${RESTORE_SCRIPTS.watch}
${COMMON}${String.raw`
unit=$1 port=$2 dir=$3
printf 'unit %s\n' "$(systemctl show -p ActiveState --value -- "$unit")"
printf 'restarts %s\n' "$(systemctl show -p NRestarts --value -- "$unit")"
(cd / && PGCONNECT_TIMEOUT=3 timeout -k 1 6 runuser -u postgres -- psql -X -A -t -q -w -p "$port" -d postgres -c "
  SELECT 'recovery ' || CASE WHEN pg_is_in_recovery() THEN 't' ELSE 'f' END
  UNION ALL SELECT 'timeline ' || timeline_id FROM pg_control_checkpoint()
  UNION ALL SELECT 'replayed ' || floor(extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000)" 2>/dev/null)
printf 'used %s\n' "$(timeout 5 du -sb -- "$dir" 2>/dev/null | awk '{ print $1 }')"
journalctl -u "$unit" -n 120 -o cat --no-pager 2>/dev/null | tail -c 16000 | sed 's/^/log /'
echo end
`}`;
