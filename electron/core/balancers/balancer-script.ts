/** The first line of the script; who answers in a server's place knows it by this. */
export const BALANCER_SCRIPT_FIRST_LINE = '# matriarch:balancers v1';

/** Separates fields in what PgBouncer's console prints. */
export const FIELD = '\u001f';

/**
 * Prints what HAProxy, PgBouncer, keepalived and vip-manager see, each part as a name and base64: HAProxy's
 * configuration and `show stat` of its statistics socket; PgBouncer's SHOW commands by its own system user, whom its
 * console lets in over the Unix socket without a password (pgbouncer's documentation, "admin console"); keepalived's
 * configuration without its password, what its log says of its state; the settings of each vip-manager that name its
 * address and whom it follows; and the server's addresses. What neither runs nor is meant to at boot is left out. It
 * changes nothing. As root; what another user may not read is left out.
 */
export const BALANCER_SCRIPT = `${BALANCER_SCRIPT_FIRST_LINE}
LC_ALL=C; export LC_ALL
word() { base64 | tr -d '\\n'; }
part() { printf '%s ' "$1"; word; printf '\\n'; }
run_as() {
  if [ "$(id -un)" = "$1" ]; then shift; "$@"
  elif [ "$(id -u)" = 0 ]; then u=$1; shift; runuser -u "$u" -- "$@"
  else return 1; fi
}
ask() {
  if command -v perl >/dev/null 2>&1; then
    perl -MIO::Socket::UNIX -e 'alarm 5; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or exit 1;
      print $s "show stat\\n"; $s->flush; print while <$s>' "$1"
  elif command -v socat >/dev/null 2>&1; then printf 'show stat\\n' | socat -t 5 stdio "UNIX-CONNECT:$1"
  else return 1; fi
}
file=$(ps -C haproxy -o args= 2>/dev/null | sed -n 's/.* -f  *\\([^ ]*\\).*/\\1/p' | head -n 1)
running=yes
[ -n "$file" ] || { file=/etc/haproxy/haproxy.cfg; pgrep -x haproxy >/dev/null 2>&1 || running=no; }
wanted() { systemctl is-enabled "$1" >/dev/null 2>&1; }
if { [ -f "$file" ] || [ -d "$file" ]; } && { [ "$running" = yes ] || wanted haproxy.service; }; then
  printf 'haproxy %s\\n' "$running"
  printf %s "$file" | part haproxy-file
  if [ -d "$file" ]; then cat "$file"/*.cfg; else cat "$file"; fi 2>/dev/null | head -c 1000000 | part haproxy-config
  if [ "$running" = yes ]; then
    socket=$({ cat "$file" 2>/dev/null || cat "$file"/*.cfg; } 2>/dev/null | head -c 1000000 |
      tr '\\t' ' ' | sed -n 's/^ *stats  *socket  *\\(unix@\\)\\{0,1\\}\\(\\/[^ ]*\\).*/\\2/p' | head -n 1)
    [ -S "$socket" ] && ask "$socket" 2>/dev/null | head -c 4000000 | part haproxy-stat
  fi
fi
line=$(ps -C pgbouncer -o user:64=,args= 2>/dev/null | head -n 1)
if [ -n "$line" ]; then
  user=\${line%% *}
  ini=$(printf '%s\\n' "$line" | tr ' ' '\\n' | grep '\\.ini$' | tail -n 1)
  [ -n "$ini" ] || ini=/etc/pgbouncer/pgbouncer.ini
  setting() { sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*\\([^[:space:];#]*\\).*/\\1/p" "$ini" 2>/dev/null | tail -n 1; }
  port=$(setting listen_port); port=\${port:-6432}
  dir=$(setting unix_socket_dir); dir=\${dir:-/var/run/postgresql}
  [ -S "$dir/.s.PGSQL.$port" ] || [ ! -S "/tmp/.s.PGSQL.$port" ] || dir=/tmp
  printf 'pgbouncer yes\\n'; printf %s "$port" | part pgbouncer-port
  if command -v psql >/dev/null 2>&1; then
    for what in VERSION POOLS DATABASES STATS; do
      cd / && PGCONNECT_TIMEOUT=5 run_as "$user" psql -X -q -w -A -F "$(printf '\\037')" -P footer=off -h "$dir" -p "$port" -U pgbouncer \\
        -d pgbouncer -c "SHOW $what" 2>&1 | head -c 4000000 | part "pgbouncer-$what"
    done
  else printf 'psql is not installed there' | part pgbouncer-problem
  fi
elif [ -e /etc/pgbouncer/pgbouncer.ini ] && wanted pgbouncer.service; then printf 'pgbouncer no\\n'
fi
running=no
pgrep -x keepalived >/dev/null 2>&1 && running=yes
if [ -e /etc/keepalived/keepalived.conf ] && { [ "$running" = yes ] || wanted keepalived.service; }; then
  printf 'keepalived %s\\n' "$running"
  grep -v auth_pass /etc/keepalived/keepalived.conf 2>/dev/null | head -c 1000000 | part keepalived-config
  journalctl -u keepalived.service -q --no-pager -o short-unix -n 2000 2>/dev/null |
    grep -E 'Starting Keepalived|Entering|effective priority' | tail -n 200 | part keepalived-log
  ip -o addr show 2>/dev/null | head -c 1000000 | part addresses
fi
settings='config|ip|trigger-key|key|trigger-value|nodename|host|dcs-type|type'
lines() { tr '\\0' '\\n' < "/proc/$1/$2" 2>/dev/null; }
manager() {
  number=$((number + 1))
  printf '%s' "$1" | part "vip-manager-$number-words"
  printf '%s' "$2" | part "vip-manager-$number-variables"
  file=$(printf '%s\\n' "$1" | sed -n -e 's/^--*config=//p' -e '/^--*config$/{n;p;}' | tail -n 1)
  [ -n "$file" ] || file=$(printf '%s\\n' "$2" | sed -n 's/^VIP_CONFIG=//p' | tail -n 1)
  [ -n "$file" ] || file=$3
  [ -z "$file" ] || grep -vi passw "$file" 2>/dev/null | head -c 100000 | part "vip-manager-$number-file"
}
number=0
running=no
for pid in $(pgrep -x vip-manager 2>/dev/null); do
  running=yes
  words=$(lines "$pid" cmdline | awk -v names="$settings" 'taken { print; taken = 0; next }
    $0 ~ "^--?(" names ")$" { print; taken = 1 } $0 ~ "^--?(" names ")=" { print }')
  variables=$(lines "$pid" environ |
    grep -E '^VIP_(CONFIG|IP|TRIGGER_KEY|KEY|TRIGGER_VALUE|NODENAME|HOST|DCS_TYPE|TYPE)=')
  manager "$words" "$variables" ''
done
[ "$running" = yes ] || ! wanted vip-manager.service || manager '' '' /etc/default/vip-manager.yml
if [ "$number" -gt 0 ]; then
  printf 'vip-manager %s\\n' "$running"
  uname -n | part vip-manager-host
  ip -o addr show 2>/dev/null | head -c 1000000 | part addresses
fi
`;
