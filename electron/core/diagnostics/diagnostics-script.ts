/** The first line of the script; who answers in a server's place knows it by this. */
export const DIAGNOSTICS_SCRIPT_FIRST_LINE = '# matriarch:diagnostics v1';

/**
 * Prints what somebody who helps from afar asks for first: `part NAME BASE64`, `cut NAME` for what is longer, `denied NAME` for what may
 * not be read. It changes nothing, each command ends within some seconds, and each part is at most 1 MB. As root; what another user may not
 * read is denied.
 */
export const DIAGNOSTICS_SCRIPT = `${DIAGNOSTICS_SCRIPT_FIRST_LINE}
LC_ALL=C SYSTEMD_COLORS=0 SYSTEMD_PAGER=; export LC_ALL SYSTEMD_COLORS SYSTEMD_PAGER
limit=''
command -v timeout >/dev/null 2>&1 && limit='timeout 10'
most=1048576
part() {
  text=$(head -c $((most + 1)) | base64 | tr -d '\\n')
  [ -z "$text" ] || printf 'part %s %s\\n' "$1" "$text"
}
run() {
  name=$1; shift
  command -v "$1" >/dev/null 2>&1 || return 0
  { $limit "$@" </dev/null 2>&1 || true; } | part "$name"
}
file() {
  [ -e "$2" ] || return 0
  if [ -f "$2" ] && [ -r "$2" ]; then part "$1" <"$2"; else printf 'denied %s\\n' "$1"; fi
}
run system/uname.txt uname -a
file system/os-release.txt /etc/os-release
run system/uptime.txt uptime
run system/memory.txt free -m
run system/disks.txt df -h
run system/inodes.txt df -i
run system/mounts.txt findmnt --real
run system/addresses.txt ip -brief address
run system/listening.txt ss -ltn
run system/clock.txt timedatectl
run system/limits.txt sysctl vm.overcommit_memory vm.overcommit_ratio vm.swappiness kernel.panic
run system/units.txt systemctl --no-pager --full status patroni.service etcd.service haproxy.service pgbouncer.service keepalived.service
run system/failed-units.txt systemctl --no-pager --failed
units=$(systemctl list-units --all --plain --no-legend --no-pager 'patroni*.service' 'etcd*.service' 'haproxy*.service' \\
  'pgbouncer*.service' 'keepalived*.service' 2>/dev/null | awk '{ print $1 }')
[ -z "$units" ] || { $limit systemctl cat --no-pager $units </dev/null 2>&1 | part system/unit-files.txt; }
if command -v dpkg-query >/dev/null 2>&1; then
  dpkg-query -W -f '\${Package} \${Version} \${db:Status-Abbrev}\\n' 2>/dev/null |
    grep -E '^(postgresql|patroni|etcd|haproxy|pgbouncer|pgbackrest|keepalived|python3-(patroni|etcd|psycopg)|libpq|openssl|libssl)' |
    part system/packages.txt
elif command -v rpm >/dev/null 2>&1; then
  rpm -qa 2>/dev/null | grep -iE '^(postgresql|patroni|etcd|haproxy|pgbouncer|pgbackrest|keepalived|openssl)' |
    sort | part system/packages.txt
fi
run versions/patroni.txt patroni --version
run versions/etcd.txt etcd --version
run versions/haproxy.txt haproxy -v
run versions/pgbouncer.txt pgbouncer --version
for psql in /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres; do
  [ -x "$psql" ] && $limit "$psql" --version
done 2>/dev/null | part versions/postgresql.txt
file etcd/default-etcd.txt /etc/default/etcd
for one in /etc/etcd/etcd.conf /etc/etcd/etcd.conf.yml /etc/etcd/etcd.yml /etc/etcd.conf; do
  file "etcd/$(basename "$one").txt" "$one"
done
config=$(ps -C haproxy -o args= 2>/dev/null | sed -n 's/.* -f  *\\([^ ]*\\).*/\\1/p' | head -n 1)
file haproxy/haproxy.cfg.txt "\${config:-/etc/haproxy/haproxy.cfg}"
file pgbouncer/pgbouncer.ini.txt /etc/pgbouncer/pgbouncer.ini
file pgbouncer/userlist.txt /etc/pgbouncer/userlist.txt
file pgbouncer/hba.txt /etc/pgbouncer/pg_hba.conf
file keepalived/keepalived.conf.txt /etc/keepalived/keepalived.conf
for line in $(grep -lsa -e '-D' /proc/[0-9]*/cmdline 2>/dev/null); do
  dir=$({ tr '\\000' '\\n' <"$line"; } 2>/dev/null | sed -n -e '/^-D$/{n;p;}' -e 's/^-D\\(.\\)/\\1/p' | head -n 1)
  if [ -n "$dir" ] && [ -f "$dir/postmaster.pid" ]; then
    file postgresql/postgresql.conf.txt "$dir/postgresql.conf"
    file postgresql/postgresql.auto.conf.txt "$dir/postgresql.auto.conf"
    file postgresql/pg_hba.conf.txt "$dir/pg_hba.conf"
    file postgresql/pg_ident.conf.txt "$dir/pg_ident.conf"
    program=$(ls -d /usr/lib/postgresql/*/bin/pg_controldata /usr/pgsql-*/bin/pg_controldata 2>/dev/null | tail -n 1)
    run postgresql/pg_controldata.txt "$program" "$dir"
    break
  fi
done
printf 'end\\n'
`;
