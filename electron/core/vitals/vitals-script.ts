/** The first line of the script; who answers in a server's place knows it by this. */
export const VITALS_SCRIPT_FIRST_LINE = '# matriarch:vitals v1';

/**
 * Prints the disks of a server that a cluster depends on: `disk USE MOUNT SIZE FREE`, use and mount in base64, sizes in bytes. Free is
 * what an ordinary user may still write. Looked at are the data directory of the PostgreSQL on a port (its argument), its pg_wal, etcd's
 * data directory, the logs and the root. It changes nothing. As root; what another user may not see is left out.
 */
export const VITALS_SCRIPT = `${VITALS_SCRIPT_FIRST_LINE}
LC_ALL=C; export LC_ALL
port=$1
word() { printf '%s' "$1" | base64 | tr -d '\\n'; }
disk() {
  line=$(cd / && df -PB1 -- "$2" 2>/dev/null | tail -n 1) || return 0
  printf '%s\\n' "$line" |
    sed -n 's/^.*[^ ]  *\\([0-9][0-9]*\\)  *[0-9][0-9]*  *\\([0-9][0-9]*\\)  *[0-9][0-9]*%  *\\(.*\\)$/\\1 \\2 \\3/p' |
    while read -r size free mount; do
      printf 'disk %s %s %s %s\\n' "$(word "$1")" "$(word "$mount")" "$size" "$free"
    done
}
for line in $(grep -lsa -e '-D' /proc/[0-9]*/cmdline 2>/dev/null); do
  dir=$({ tr '\\000' '\\n' <"$line"; } 2>/dev/null | sed -n -e '/^-D$/{n;p;}' -e 's/^-D\\(.\\)/\\1/p' | head -n 1)
  case $dir in
    /*)
      if [ "$(sed -n 4p "$dir/postmaster.pid" 2>/dev/null | tr -d ' ')" = "$port" ]; then
        disk 'the data directory' "$dir"
        disk pg_wal "$dir/pg_wal"
        break
      fi ;;
  esac
done
pid=$(pgrep -x etcd 2>/dev/null | head -n 1)
if [ -n "$pid" ]; then
  dir=$({ tr '\\000' '\\n' <"/proc/$pid/cmdline"; } 2>/dev/null | sed -n -e 's/^--*data-dir=//p' -e '/^--*data-dir$/{n;p;}' | head -n 1)
  [ -n "$dir" ] || dir=$({ tr '\\000' '\\n' <"/proc/$pid/environ"; } 2>/dev/null | sed -n 's/^ETCD_DATA_DIR=//p' | head -n 1)
  [ ! -d "$dir" ] || disk etcd "$dir"
fi
disk 'the logs' /var/log
disk 'the root' /
printf 'end\\n'
`;
