# HAProxy and PgBouncer on each member: 5000 to the leader, 5001 to the replicas, 6432 through PgBouncer to 5000.
haproxy_servers() {
  local n tls=''
  [ "$REST_TLS" = no ] || tls=' check-ssl verify required ca-file /etc/haproxy/rest-ca.crt crt /etc/haproxy/rest-client.pem'
  for n in "${NODES[@]}"; do echo "  server $n $(ip_of "$n"):$PORT check port $REST_PORT$tls"; done
}
haproxy_listen() {
  cat <<X
listen $1
  bind *:$2
  option httpchk OPTIONS /$3
  http-check expect status 200
  default-server inter 1s fall 3 rise 2 on-marked-down shutdown-sessions
$(haproxy_servers)
X
}
write_proxy() {
  local n=$1
  if [ "$REST_TLS" = yes ]; then
    put "$n" /etc/haproxy/rest-ca.crt haproxy 644 < "$PKI/rest-ca.crt"
    cat "$PKI/rest-client.crt" "$PKI/rest-client.key" | put "$n" /etc/haproxy/rest-client.pem haproxy 600
  fi
  put "$n" /etc/haproxy/haproxy.cfg root 644 <<X
global
  maxconn 2000
defaults
  mode tcp
  timeout connect 4s
  timeout client 30m
  timeout server 30m
  timeout check 5s
listen stats
  mode http
  bind *:7000
  stats enable
  stats uri /
$(haproxy_listen primary 5000 primary)
$(haproxy_listen replicas 5001 replica)
X
  put "$n" /etc/pgbouncer/pgbouncer.ini postgres 640 <<'X'
[databases]
* = host=127.0.0.1 port=5000
[pgbouncer]
listen_addr = *
listen_port = 6432
auth_type = plain
auth_file = /etc/pgbouncer/userlist.txt
admin_users = postgres
logfile = /var/log/postgresql/pgbouncer.log
pidfile = /var/run/postgresql/pgbouncer.pid
unix_socket_dir = /var/run/postgresql
pool_mode = transaction
X
  echo "\"postgres\" \"$SUPERUSER_PASSWORD\"" | put "$n" /etc/pgbouncer/userlist.txt postgres 640
  console "$n" systemctl enable -q haproxy pgbouncer
  console "$n" systemctl restart haproxy pgbouncer
}
