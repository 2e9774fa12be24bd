# Debian's own layout: /etc/patroni/dcs.yml and config.yml.in are edited, pg_createconfig_patroni makes the configuration of the node.
# Its template is kept but for what a careful administrator changes: peers may rewind, passwords, TLS.
write_debian() {
  local n=$1 a; a=$(ip_of "$n")
  put_patroni_keys "$n"
  # pg_createconfig_patroni puts dcs.yml through sed with / as its sign: paths come into the result afterwards.
  printf 'etcd3:\n  hosts: %s\n' "$ETCD_HOSTS" | put "$n" /etc/patroni/dcs.yml root 644
  on_node "$n" "$PG_VERSION" "$CLUSTER" "$a" "$PORT" "$LAB_NET.0/24" <<X
systemctl stop $UNIT 2>/dev/null || true
[ ! -d "/etc/postgresql/\$1/\$2" ] || pg_dropcluster "\$1" "\$2" || rm -rf "/etc/postgresql/\$1/\$2" "/var/lib/postgresql/\$1/\$2"
# Patroni has no locale at boot: pg_createcluster would choose SQL_ASCII.
echo "initdb_options = '--encoding=UTF8 --locale=C.UTF-8 --data-checksums'" > /etc/postgresql-common/createcluster.d/locale.conf
cp -n /etc/patroni/config.yml.in /etc/patroni/config.yml.in.dist
sed -e 's|^#\(      - host    all             all             @NETWORK@.*\)|\1|' \
    -e 's|^namespace:.*|namespace: "$NAMESPACE"|' -e 's|"rep-pass"|$REPLICATION_PASSWORD|' \
    -e '/^    superuser:/,/password:/ s|^      password:.*|      password: $SUPERUSER_PASSWORD|' \
    -e 's|^#    rewind:|    rewind:|; s|^#      username: "rewind"|      username: rewind|' \
    -e 's|^#      password: "rewind-pass"|      password: $REWIND_PASSWORD|' \
    /etc/patroni/config.yml.in.dist > /etc/patroni/config.yml.in
pg_createconfig_patroni --force --hostip="\$3" --network="\$5" --port="\$4" "\$1" "\$2"
X
  # TLS and passwords of REST and etcd, written into the finished file.
  { etcd3_section | sed 1,2d; } | insert_after "$n" '^  hosts:'
  rest_lines | sed '/^ctl:/,$d' | insert_after "$n" '^  connect_address:.*:'"$REST_PORT"
  rest_lines | sed -n '/^ctl:/,$p' | insert_after "$n" '^name:'
}
# Inserts the lines on stdin after the first line of the configuration that matches.
insert_after() {
  local n=$1 pattern=$2
  console "$n" bash -c 'cat > /etc/patroni/.add; [ ! -s /etc/patroni/.add ] || sed -i "0,/$1/{/$1/r /etc/patroni/.add
}" "$2"; rm -f /etc/patroni/.add' _ "$pattern" "$CONFIG"
}
