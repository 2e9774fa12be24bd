# /etc/patroni/config.yml and Debian's patroni.service. What both layouts share is here too: keys on the node, REST and hba lines.
put_patroni_keys() {
  local n=$1
  console "$n" install -d -o postgres -g postgres -m 750 /etc/patroni/tls
  if [ "$ETCD_TLS" = yes ]; then
    put "$n" /etc/patroni/tls/etcd-ca.crt postgres 644 < "$PKI/etcd-ca.crt"
    put "$n" /etc/patroni/tls/etcd-client.crt postgres 644 < "$PKI/etcd-patroni.crt"
    put "$n" /etc/patroni/tls/etcd-client.key postgres 600 < "$PKI/etcd-patroni.key"
  fi
  if [ "$REST_TLS" = yes ]; then
    put "$n" /etc/patroni/tls/rest-ca.crt postgres 644 < "$PKI/rest-ca.crt"
    put "$n" /etc/patroni/tls/rest.crt postgres 644 < "$PKI/rest-$n.crt"
    put "$n" /etc/patroni/tls/rest.key postgres 600 < "$PKI/rest-$n.key"
  fi
}
# Lines under restapi: beyond the addresses, then the ctl: section that patronictl and the members among themselves need.
rest_lines() {
  if [ "$REST_TLS" = yes ]; then
    printf '  %s\n' 'certfile: /etc/patroni/tls/rest.crt' 'keyfile: /etc/patroni/tls/rest.key' \
      'cafile: /etc/patroni/tls/rest-ca.crt' "verify_client: $REST_CLIENT_CERTS"
  fi
  [ "$REST_AUTH" = no ] || printf '  %s\n' 'authentication:' '  username: patroni' "  password: $REST_PASSWORD"
  if [ "$REST_TLS" = yes ]; then
    printf '%s\n' 'ctl:' '  insecure: false' '  cacert: /etc/patroni/tls/rest-ca.crt' \
      '  certfile: /etc/patroni/tls/rest.crt' '  keyfile: /etc/patroni/tls/rest.key'
  fi
}
# Superuser and rewind user may come from the peers: without these lines a crashed former leader cannot rewind.
hba_lines() {
  printf '      - %s\n' 'local all all peer' 'local replication all peer' \
    'host all all 127.0.0.1/32 scram-sha-256' "host all all $LAB_NET.0/24 scram-sha-256" \
    'host replication replicator 127.0.0.1/32 scram-sha-256' "host replication replicator $LAB_NET.0/24 scram-sha-256"
}
write_plain() {
  local n=$1 a; a=$(ip_of "$n")
  put_patroni_keys "$n"
  console "$n" bash -c "systemctl stop patroni 2>/dev/null; rm -rf $DATA_DIR"
  put "$n" "$CONFIG" postgres 600 <<X
scope: $SCOPE
namespace: $NAMESPACE
name: $n
$(etcd3_section)
restapi:
  listen: 0.0.0.0:$REST_PORT
  connect_address: $a:$REST_PORT
$(rest_lines)
bootstrap:
  dcs:
    ttl: 30
    loop_wait: 10
    retry_timeout: 10
    maximum_lag_on_failover: 1048576
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters: {max_connections: 100, wal_log_hints: 'on'}
      pg_hba:
$(hba_lines)
  initdb: [{encoding: UTF8}, {locale: C.UTF-8}, data-checksums]
postgresql:
  listen: 0.0.0.0:$PORT
  connect_address: $a:$PORT
  data_dir: $DATA_DIR
  bin_dir: /usr/lib/postgresql/$PG_VERSION/bin
  pgpass: /var/lib/postgresql/.pgpass-patroni
  authentication:
    superuser: {username: postgres, password: $SUPERUSER_PASSWORD}
    replication: {username: replicator, password: $REPLICATION_PASSWORD}
    rewind: {username: rewind, password: $REWIND_PASSWORD}
  parameters: {unix_socket_directories: /var/run/postgresql, password_encryption: scram-sha-256}
  remove_data_directory_on_rewind_failure: true
  remove_data_directory_on_diverged_timelines: true
X
  console "$n" install -d -o postgres -g postgres -m 755 "/var/lib/postgresql/$PG_VERSION"
}
