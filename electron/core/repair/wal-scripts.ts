import { KEPT_INFIX, RUNS_IN } from './data-scripts';

/** The first line of the script; who answers in a server's place knows it by this. */
const WAL_LOOK = '# matriarch:repair-wal-look v1';

/**
 * Looks at the WAL of a data directory (its argument), the slots that hold it, and what else is large on the same disk. It changes
 * nothing. It prints lines of words, with free text in Base64 (`-` for none), between `matriarch-wal 1` and `end`: `wal BYTES COUNT`,
 * `newest SEGMENT`, `segment BYTES`, `waiting COUNT`, `disk SIZE FREE`, `slot NAME DATABASE RESTART` by the first fields of its file
 * (PostgreSQL, replication/slot.c, ReplicationSlotOnDisk), and `beside PATH BYTES`.
 */
export const WAL_LOOK_SCRIPT = `${WAL_LOOK}
${RUNS_IN}${String.raw`
word() { x=$(printf '%s' "$1" | base64 | tr -d '\n'); printf '%s' "${'$'}{x:--}"; }
limit=''
command -v timeout >/dev/null 2>&1 && limit='timeout 15'
real=$(readlink -f -- "$1") || real=$1
wal=$(readlink -f -- "$real/pg_wal") || wal=$real/pg_wal
printf 'matriarch-wal 1\n'
printf 'directory %s\n' "$(word "$real")"
runs_in "$real" && printf 'runs\n'
if [ -d "$wal" ]; then
  ls -l -- "$wal" 2>/dev/null | awk '
    NF >= 9 && $NF ~ /^[0-9A-F]+$/ && length($NF) == 24 {
      count++; bytes += $5; if ($5 > segment) segment = $5; if ($NF > newest) newest = $NF
    }
    END {
      printf "wal %.0f %d\n", bytes, count
      if (segment > 0) printf "segment %d\n", segment
      if (newest != "") print "newest " newest
    }'
  printf 'waiting %s\n' "$(ls -1 -- "$wal/archive_status" 2>/dev/null | grep -c '\.ready$')"
  df -PB1 -- "$wal" 2>/dev/null | awk 'NR == 2 { print "disk " $2 " " $4 }'
fi
for slot in "$real"/pg_replslot/*/; do
  [ -r "$slot/state" ] || continue
  fields=$(od -An -v -t u8 -j 96 -N 8 -- "$slot/state" 2>/dev/null | tr -d ' ')
  database=$(od -An -v -t u4 -j 80 -N 4 -- "$slot/state" 2>/dev/null | tr -d ' ')
  printf 'slot %s %s %s\n' "$(word "$(basename -- "$slot")")" "${'$'}{database:-x}" "${'$'}{fields:-x}"
done
device=$(stat -c %d -- "$wal" 2>/dev/null)
for path in "$real"${KEPT_INFIX}* "$real/log" "$real/pg_log" /var/log/postgresql /var/log/patroni /var/log/journal /var/log \
  /var/cache/apt /var/lib/systemd/coredump /var/crash; do
  [ -d "$path" ] || continue
  [ "$(stat -L -c %d -- "$path" 2>/dev/null)" = "$device" ] || continue
  size=$($limit du -sxB1 -- "$path" 2>/dev/null | awk 'NR == 1 { print $1 }')
  [ -n "$size" ] && printf 'beside %s %s\n' "$(word "$path")" "$size"
done
printf 'end\n'
`}`;
